"""Find the column that holds SMILES: what was asked for, else by its name, else by how much of it RDKit reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rdkit import Chem

from chemvae.chem.judge import read
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

Cell = TypeVar("Cell")

NAMES = ("smiles", "canonical_smiles", "isomeric_smiles", "smile", "structure", "molecule", "mol", "drug", "compound")
CELLS = 2_000  # of a column to look at
SAMPLE = 200  # filled ones of them to read
ENOUGH = 0.5  # of its cells must be molecules before a column is taken unasked


@dataclass(frozen=True, slots=True)
class Guess:
    """A column taken for SMILES."""

    column: str
    """its name"""
    rate: float
    """share of its sampled cells that RDKit reads"""
    how: str
    """why it was taken, in words"""


def spread(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Return some cells of a column, spread evenly over it."""
    return cells[:: max(1, len(cells) // CELLS)]


def parse_rate(cells: Sequence[Any]) -> float:
    """Return the share of a column's filled cells that RDKit reads, out of a sample that is spread evenly."""
    filled = [cell for cell in cells if isinstance(cell, str | Chem.Mol) and cell]
    sample = filled[:: max(1, len(filled) // SAMPLE)]
    return sum(read(cell) is not None for cell in sample) / max(1, len(sample))


def smiles_column(columns: Mapping[str, Sequence[Any]], asked: str | None = None) -> Guess:
    """Return the column that holds SMILES.

    Args:
        columns: cells by column name.
        asked: an explicit name, which wins.

    Raises:
        InputError: there is no such column, or none that looks like SMILES; the message names the best and its rate.
    """
    if asked is not None:
        if asked not in columns:
            raise InputError(
                f"Expected a column {asked!r}, but got {', '.join(columns)}.{did_you_mean(asked, columns)}"
            )
        return Guess(asked, parse_rate(columns[asked]), "as asked")
    rates = {name: parse_rate(cells) for name, cells in columns.items()}
    named = [name for word in NAMES for name in columns if name.strip().lower() == word and rates[name] >= ENOUGH]
    if named:
        return Guess(named[0], rates[named[0]], "by its name")
    best = max(columns, key=lambda name: (rates[name], typical_length(columns[name])))
    if rates[best] < ENOUGH:
        raise InputError(
            f"Expected a column of SMILES, but got {', '.join(columns)}; the best guess is {best!r}, of which RDKit "
            f"reads {rates[best]:.0%}. Name the column with --smiles-column."
        )
    if read(best) is not None:
        raise InputError(
            f"Expected a header line, but the first line holds the molecule {best!r}. Add a line with column names, or "
            "end the file's name in .smi."
        )
    return Guess(best, rates[best], f"RDKit reads {rates[best]:.0%} of it")


def typical_length(cells: Sequence[Any]) -> float:
    """Return how long the cells are on average: a column of class labels C, N and S parses too, but is short."""
    return sum(len(str(cell)) for cell in cells[:SAMPLE]) / max(1, len(cells[:SAMPLE]))


def better_column(columns: Mapping[str, Sequence[Any]], than: str) -> str:
    """Return ` Did you mean column "x"?` if another column holds SMILES, or nothing."""
    rates = {name: parse_rate(cells) for name, cells in columns.items() if name != than}
    best = max(rates, key=lambda name: rates[name], default=than)
    return (
        f' Did you mean column "{best}", of which RDKit reads {rates[best]:.0%}?' if rates.get(best, 0) > ENOUGH else ""
    )
