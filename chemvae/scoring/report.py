"""The page of a scored table: made from what was written, however often the job was killed and went on before."""

import io
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from chemvae import __version__
from chemvae.io.atomic import sha256
from chemvae.io.jobs import REPORT, JobFolder
from chemvae.io.lines import STDIN
from chemvae.io.parquet import frame_of
from chemvae.io.tables import read_chunks
from chemvae.report.again import asked
from chemvae.report.digest import Digest
from chemvae.report.page import write_page
from chemvae.report.scores import ScoredTable, scores_page

CHUNK = 10_000  # rows at a time
OTHERS = ("rdkit", "torch", "numpy")
"""Packages on which the values depend."""
NOT_SHOWN = ("reason", "z_")
"""What a page does not describe: reasons have a section of their own, and points have no meaning one by one."""


def report_of(out: Path | str, *, table: bool) -> Path | None:
    """Return where the page of an output stands: in the folder of a job, else beside the table; None for a pipe."""
    if str(out) == STDIN:
        return None
    if not table:
        return Path(out) / REPORT
    name = Path(out).name.removesuffix(".gz")
    return Path(out).with_name(f"{name.rsplit('.', 1)[0]}.html")


def write_report(
    place: Path,
    out: Path | str,
    *,
    source: Path | str,
    smiles: str,
    added: Sequence[str],
    counts: tuple[int, int, dict[str, int]],
) -> None:
    """Walk through what was written and write its page, in constant memory.

    Args:
        place: of the page.
        out: the table, or the folder of a finished job.
        source: the table that was scored.
        smiles: its column of molecules.
        added: the new columns.
        counts: rows that came in, rows that went out, and how many have a reason, by its kind.
    """
    columns = [name for name in added if not name.startswith(NOT_SHOWN)]
    rows, written, reasons = counts
    scored = ScoredTable(
        name=Path(source).name,
        rows=rows,
        written=written,
        reasons=reasons,
        digest=Digest.of(_frames(out), smiles, columns),
        command=asked(),
        foot=", ".join(
            [f"chemvae {__version__}", *(f"{name} {version(name)}" for name in OTHERS), *told_apart(source)]
        ),
    )
    write_page(place, scores_page(scored), overwrite=True)


def told_apart(source: Path | str) -> list[str]:
    """Return the checksum of a table, if it is a file."""
    return [f"{Path(source).name} with sha256 {sha256(source)}"] if Path(source).is_file() else []


def _frames(out: Path | str) -> Iterator[pd.DataFrame]:
    """Yield what was written, in the order of the input."""
    if not Path(out).is_dir():
        yield from read_chunks(out, CHUNK)
        return
    job = JobFolder(out)
    for at in sorted(job.finished()):
        with pq.ParquetFile(io.BytesIO(job.read(at))) as file:
            yield frame_of(file.read(), 0)
