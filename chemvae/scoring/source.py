"""What is scored and what it is compared with: the first rows of a table tell where its SMILES are."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chemvae.chem.guess import Guess
from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.reference import Reference
from chemvae.errors import InputError
from chemvae.io.tables import read_chunks
from chemvae.named import named_molecules

SMALL = 1000  # rows that are not worth a process or a job


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose SMILES column is known."""

    frames: Iterator[pd.DataFrame]
    """its rows, a frame at a time"""
    column: Guess
    """where the SMILES are"""
    small: bool
    """whether it is not worth more than one process"""


def open_table(table: Path | str, smiles_column: str | None, chunk: int) -> Source:
    """Open a table and find its SMILES column in its first rows.

    Raises:
        InputError: it cannot be read, has no rows, or no such column.
    """
    frames = read_chunks(table, max(1, chunk))
    head = [next(frames)]
    first = head[0]
    if first.empty:
        raise InputError(f"Expected rows in {table}, but got column names only. Check how it was written.")
    column = find_column({str(name): first[name].tolist() for name in first.columns}, smiles_column)
    while sum(map(len, head)) <= SMALL and (more := next(frames, None)) is not None:
        head.append(more)
    return Source(itertools.chain(head, frames), column, sum(map(len, head)) <= SMALL)


def reference_of(source: Path | str | Sequence[str], *, nearest: bool, jobs: int | None) -> Reference:
    """Return the set to compare with: a table, a prepared folder, or a list of SMILES.

    Raises:
        InputError: there is no molecule in it.
    """
    if isinstance(source, (str, Path)) and (Path(source) / "molecules.parquet").is_file():
        source = Path(source) / "molecules.parquet"
    return Reference(named_molecules(source, None, jobs).smiles, nearest=nearest)
