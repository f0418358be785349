"""Where a scoring goes: into one file with its job beside it, through a pipe, or into the folder of a job."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from chemvae.errors import ExistsError, InputError
from chemvae.io.jobs import BESIDE, JobFolder
from chemvae.io.lines import STDIN
from chemvae.io.tables import ENDINGS, TableWriter, ending


def is_table(out: Path | str) -> bool:
    """Whether an output is one file: standard output, or a name with the ending of a table or of any other file."""
    name = str(out)
    return name == STDIN or (not name.endswith("/") and Path(name).suffix != "" and not Path(name).is_dir())


def job_of(table: Path | str, out: Path | str, *, resume: bool, overwrite: bool) -> JobFolder | None:
    """Return the job of an output, checked; None where there can be none.

    Raises:
        ExistsError: something stands at the output, or a job beside it.
        InputError: a job of what comes through a pipe, or an output of no kind.
    """
    piped = str(table) == STDIN or str(out) == STDIN
    if is_table(out):
        if piped:
            if resume:
                raise InputError(
                    "Expected files to go on with a job, but got a pipe. Name a file with -o, or drop --resume."
                )
            TableWriter(out, overwrite=overwrite)
            return None
        if ending(out) == ".smi":
            raise InputError(
                f"Expected a table with room for scores, but got {out}, which holds SMILES and a name. Write .csv or "
                ".parquet."
            )
        job = JobFolder(f"{out}{BESIDE}")
        if resume and not overwrite and not (job.begun or job.ended) and Path(out).exists():
            raise ExistsError(
                f"Expected a job to go on with in {job.path}, but {out} is finished. Add --overwrite to begin anew."
            )
        TableWriter(out, overwrite=overwrite or resume)
        if resume and job.begun:
            job.check_room(Path(out), overwrite=overwrite)
    else:
        if piped:
            raise InputError(
                f"Expected a file to score as a job, but got a pipe. Write a table, that ends in {', '.join(ENDINGS)}."
            )
        job = JobFolder(out)
    job.allow(resume=resume, overwrite=overwrite)
    return job


@contextlib.contextmanager
def nothing_left(job: JobFolder, out: Path | str) -> Iterator[None]:
    """Remove a job that is refused before a shard of it is done; of one that is further, say where it is.

    Raises:
        InputError: it was refused.
    """
    try:
        yield
    except InputError as error:
        if not job.finished() and not job.leases().others()[1:]:
            job.remove()
        elif is_table(out):
            raise InputError(f"{error} What is done stays in {job.path}.") from None
        raise
