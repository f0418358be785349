"""`chemvae job`: how far a scoring job is, and its shards as one table."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Options, Output, Writing

HELP = "Look after the jobs that `chemvae score` leaves as folders."
EXAMPLE = """Example, of a table that is scored as a job in a folder:
  chemvae score molecules.csv -o job/
  chemvae job status job/
  chemvae job merge job/ -o scored.parquet"""
STATUS_EXAMPLE = """Example, and again with every finished shard compared with its checksum:
  chemvae job status job/
  chemvae job status job/ --check"""
MERGE_EXAMPLE = """Example:
  chemvae job merge job/ -o scored.parquet"""


@dataclass(frozen=True, kw_only=True)
class StatusOptions(Options):
    """How to look."""

    check: Annotated[bool, Parameter(negative=())] = False
    """compare every finished shard with its checksum; a damaged one is done again by the next --resume"""


@dataclass(frozen=True, kw_only=True)
class MergeOptions(Writing):
    """Where to."""

    output: Output
    """table to write, by its ending; - is standard output"""


def status(folder: str, /, *, options: StatusOptions = StatusOptions()) -> None:
    """Tell how far a job is, who works on it, and what could not be scored.

    Args:
        folder: of the job
    """
    from chemvae.scoring.status import told

    answer(told(folder, check=options.check))


def merge(folder: str, /, *, options: MergeOptions) -> None:
    """Write the shards of a finished job as one table, in the order of the input.

    Args:
        folder: of the job
    """
    from chemvae.io.jobs import JobFolder
    from chemvae.scoring.job import merge as run

    totals = run(JobFolder(folder), options.output, overwrite=options.overwrite)
    answer(f"{totals.written:,} rows written to {options.output}", options.output)
