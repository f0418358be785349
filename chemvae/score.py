"""Score a table: properties, predictions and more for every row, in order, on all cores, as a file or a job."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chemvae.chem.guess import Guess
from chemvae.errors import ExistsError, InputError
from chemvae.io.jobs import JobFolder
from chemvae.io.progress import tell, watch
from chemvae.io.seal import Seal
from chemvae.io.tables import TableWriter
from chemvae.scoring.asked import Predictor, Scoring
from chemvae.scoring.engines import ENGINES, Order, check_engine
from chemvae.scoring.filters import one_form
from chemvae.scoring.job import CHUNK, MERGING, SHARD, begin, merge_once
from chemvae.scoring.places import is_table, job_of, nothing_left
from chemvae.scoring.rows import Scorer, Tally, check_share, sift
from chemvae.scoring.source import Source, open_table, reference_of
from chemvae.settings import n_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What `score` did."""

    path: str
    """where the table or the job is"""
    rows: int
    """how many rows came in"""
    written: int
    """how many went out"""
    reasons: dict[str, int]
    """how many rows have a reason, by its kind"""
    smiles: Guess
    """the column that was read, and why"""
    columns: tuple[str, ...]
    """what was added"""

    @property
    def invalid(self) -> int:
        """Count the rows with a reason."""
        return sum(self.reasons.values())

    def __str__(self) -> str:
        lines = [
            f"{self.rows:,} rows in, {self.written:,} out; {self.invalid:,} could not be scored",
            *(f"  {n:,} {reason}" for reason, n in self.reasons.items()),
            f"added {', '.join(self.columns[:8])}{' ...' if len(self.columns) > 8 else ''}",  # noqa: PLR2004
            f"written to {self.path}" + ("" if is_table(self.path) else f"; `chemvae job merge {self.path} -o FILE`"),
        ]
        return "\n".join(lines)


def score(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    table: Path | str,
    out: Path | str,
    *,
    smiles_column: str | None = None,
    properties: Sequence[str] = ("logp", "qed", "sa"),
    predict: bool = False,
    latent: bool = False,
    filters: Sequence[str] = (),
    oracles: Sequence[str] = (),
    reference: Path | str | Sequence[str] | None = None,
    nearest: bool = False,
    model: Predictor | None = None,
    jobs: int | None = None,
    engine: str = "local",
    address: str | None = None,
    chunk: int = CHUNK,
    shard_rows: int | None = None,
    timeout: float | None = None,
    on_invalid: str = "keep",
    max_invalid: float = 1.0,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> Scored:
    """Add properties to every row of a table and write it, in the order of the input and in constant memory.

    All columns of the input are kept. A row that is no molecule keeps its place, with empty values and a `reason`. A
    large table is scored as a job of shards: killed at any moment, it goes on with `resume`, and several processes or
    hosts may share it.

    Args:
        table: .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: the table to write, by its ending, - for standard output, or a folder for the job and its shards.
        smiles_column: its name; None looks for it and says what was found.
        properties: names out of `chemvae.chem.properties.PROPERTIES`.
        predict: add `predicted_NAME` for each property of the model.
        latent: add `z_0 ...`, the centre of each posterior.
        filters: add `passes_NAME` for lists of structural alerts, or MOSES, and for comparisons such as `qed>=0.6`.
        oracles: add the tasks of the PMO and GuacaMol benchmarks.
        reference: a table of molecules, or a list; adds `novel`, which is 1 for what it does not hold.
        nearest: add the most similar molecule of the reference, and how similar it is.
        model: from `chemvae.load`, to predict and encode; nothing else needs one.
        jobs: processes; None takes every core, and a small table stays in this one.
        engine: `local`, or `ray` for the tasks of a cluster.
        address: of the cluster; None starts one here.
        chunk: rows that are worked on together.
        shard_rows: rows a shard; None takes 10,000, and no shards for a small table into a file.
        timeout: seconds of processor time for a molecule; None is 60, and no limit for a small table.
        on_invalid: `keep`, `skip` or `error`.
        max_invalid: stop with an error if a larger share of rows has a reason.
        resume: go on with the job that is there, or share it.
        overwrite: replace what stands at `out`.
        progress: tell on standard error how far it is.

    Raises:
        InputError: the table or a setting is not usable; the message says what to do.
        ExistsError: something stands at `out`.
    """
    # 1. what was asked for
    scoring = Scoring(
        properties=tuple(dict.fromkeys(properties)),
        predict=predict,
        latent=latent,
        filters=one_form(filters),
        oracles=tuple(dict.fromkeys(oracles)),
        nearest=nearest,
        on_invalid=on_invalid,
        max_invalid=max_invalid,
        timeout=timeout,
    )
    scoring.check(model, compared=reference is not None)
    check_engine(engine)
    check_address(engine, address)
    check_rows(shard_rows)
    job = job_of(table, out, resume=resume, overwrite=overwrite)
    # 2. the table, of which the first rows tell where the SMILES are
    source = open_table(table, smiles_column, chunk)
    if progress:
        tell(f"SMILES in column {source.column.column!r} ({source.column.how})")
    known = None if reference is None else reference_of(reference, nearest=nearest, jobs=jobs)
    scorer = Scorer(
        scoring=scoring,
        column=source.column.column,
        model=model,
        reference=known,
        jobs=n_jobs(jobs),
        guarded=not source.small or timeout is not None,
    )
    # 3. all at once, or shard by shard; then the shards stay, or become the file
    if job is not None and (not resume or (job.ended and not Path(out).is_file())):
        job.remove()  # what was there may be overwritten, or is the rest of an old one
    if job is None or (source.small and is_table(out) and shard_rows is None and engine == "local" and not resume):
        return stream(source, out, scorer, overwrite=overwrite, progress=progress)
    order = Order(
        folder=str(job.path.resolve()), table=str(Path(table).resolve()), scorer=scorer, chunk=chunk, progress=progress
    )
    recipe = recipe_of(scorer, shard_rows or SHARD, chunk)
    work = functools.partial(ENGINES[engine], order, n_jobs(jobs), address)
    totals = run_job(job, out, order, recipe, work, overwrite=overwrite)
    return Scored(
        path=str(out),
        rows=totals.rows,
        written=totals.written,
        reasons=totals.reasons,
        smiles=source.column,
        columns=totals.columns,
    )


def run_job(  # noqa: PLR0913 (a job, what it is of, and whether its file may replace another)
    job: JobFolder,
    out: Path | str,
    order: Order,
    recipe: Mapping[str, Any],
    work: Callable[[], None],
    *,
    overwrite: bool,
) -> Seal:
    """Begin a job or go on with it, work on it, and make its file if it is to be one; return what is in it.

    Args:
        job: its folder.
        out: the folder again, or the file.
        order: what is scored.
        recipe: every setting that decides what is written.
        work: scores until no shard is left.
        overwrite: whether the file may replace another.
    """
    while True:
        if job.ended:  # killed when all was done, but for the removal of the job
            totals = job.figures()
            job.remove()
            return totals
        with joined(job, out, overwrite=overwrite) as alone:
            if alone:
                begun = job.begun
                with contextlib.nullcontext() if begun else nothing_left(job, out):
                    begin(job, order.table, recipe, recipe["shard_rows"], overwrite=overwrite)
                if begun and (bad := job.damaged()):
                    tell(f"{len(bad):,} damaged shards of {job.path} are done again")
                with nothing_left(job, out):
                    work()
            totals = job.figures()
        if not is_table(out) or merge_once(job, out, overwrite=overwrite):
            return totals


@contextlib.contextmanager
def joined(job: JobFolder, out: Path | str, *, overwrite: bool) -> Iterator[bool]:
    """Take part in a job: as long as we do, nobody removes it; false if somebody makes its file already.

    Raises:
        ExistsError: somebody has made the file and removed the job since we looked.
    """
    if not job.begun and not overwrite and is_table(out) and Path(out).exists():
        raise ExistsError(f"Expected a job to go on with in {job.path}, but another process has just finished {out}.")
    job.path.mkdir(parents=True, exist_ok=True)
    with job.leases() as leases:
        holder = leases.holder(MERGING)
        yield holder is None or not leases.alive(holder)


def check_address(engine: str, address: str | None) -> None:
    """Raise for the address of a cluster that nobody is asked to use.

    Raises:
        InputError: the engine needs none.
    """
    if address is not None and engine != "ray":
        raise InputError(f"Expected an address with --engine ray, but got {address!r} without. Say --engine ray.")


def check_rows(shard_rows: int | None) -> None:
    """Raise unless a shard has rows.

    Raises:
        InputError: it has none.
    """
    if shard_rows is not None and shard_rows < 1:
        raise InputError(f"Expected at least 1 row a shard, but got {shard_rows}. Set --shard-rows.")


def recipe_of(scorer: Scorer, rows: int, chunk: int) -> dict[str, Any]:
    """Return every setting that decides what is written, as plain JSON values."""
    scoring = scorer.scoring
    with_model = scoring.predict or scoring.latent
    return {
        "smiles_column": scorer.column,
        "properties": scoring.properties,
        "filters": scoring.filters,
        "oracles": scoring.oracles,
        "predict": scoring.predict,
        "latent": scoring.latent,
        "model": getattr(scorer.model, "fingerprint", type(scorer.model).__name__) if with_model else None,
        "reference": None if scorer.reference is None else scorer.reference.fingerprint,
        "nearest": scoring.nearest,
        "on_invalid": scoring.on_invalid,
        "timeout": scoring.timeout,
        "shard_rows": rows,
        "chunk": chunk,
    }


def stream(source: Source, out: Path | str, scorer: Scorer, *, overwrite: bool, progress: bool) -> Scored:
    """Score a table from its first row to its last, and write it whole or not at all."""
    scoring, tally = scorer.scoring, Tally()
    walk = scorer.walk((frame.shape[1], frame) for frame in source.frames)
    shown = watch(walk, None, "molecules", size=lambda pair: len(pair[1]), quiet=not progress)
    with TableWriter(out, overwrite=overwrite) as writer:
        for width, answer in shown:
            kept = sift(answer, scorer.column, scoring.on_invalid)
            tally.take(answer, width, len(kept))
            writer.write(kept)
        check_share(tally.invalid, tally.rows, scoring.max_invalid)
    return Scored(
        path=str(out),
        rows=tally.rows,
        written=tally.written,
        reasons=dict(tally.reasons.most_common()),
        smiles=source.column,
        columns=tally.columns,
    )
