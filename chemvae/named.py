"""A set of molecules with a name and a hash: what figures are of, and what they are against."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import Text, canonical, listed
from chemvae.chem.workers import in_chunks
from chemvae.errors import InputError
from chemvae.io.atomic import sha256
from chemvae.io.lines import STDIN
from chemvae.io.tables import read_table
from chemvae.settings import n_jobs


@dataclass(frozen=True, slots=True)
class NamedMolecules:
    """A set of molecules with a name that holds it fast."""

    name: str
    """file name, - for standard input, or `given` for a list"""
    sha256: str
    """of the file; where there is none, of the SMILES, a line each"""
    rows: int
    """rows of the table"""
    smiles: list[str]
    """canonical SMILES of those that are molecules"""
    table: pd.DataFrame = field(repr=False)
    """their rows"""

    @property
    def cited(self) -> str:
        """Say in a sentence which set it is."""
        return f"{self.name} ({len(self.smiles):,} molecules, sha256 {self.sha256[:12]})"

    def as_dict(self) -> dict[str, Any]:
        """Return what identifies the set, for JSON."""
        return {"name": self.name, "sha256": self.sha256, "rows": self.rows, "molecules": len(self.smiles)}


def named_molecules(
    source: Path | str | Iterable[Text], smiles_column: str | None = None, jobs: int | None = None
) -> NamedMolecules:
    """Read a set of molecules; what is no molecule is counted and left out.

    Args:
        source: a table, - for standard input, or a list of SMILES or molecules of RDKit.
        smiles_column: its name; None looks for it.
        jobs: processes; None takes every core.

    Raises:
        InputError: there is no molecule in it.
    """
    digest = ""
    if isinstance(source, (str, Path)):
        table, name = read_table(source), Path(source).name
        column = find_column({str(key): table[key].tolist() for key in table.columns}, smiles_column).column
        digest = "" if str(source) == STDIN else sha256(source)
    else:
        table, name, column = pd.DataFrame({"smiles": listed(source)}), "given", "smiles"
    texts = table[column].tolist()
    digest = digest or hashlib.sha256("\n".join(map(str, texts)).encode()).hexdigest()
    found = [smiles for part in in_chunks(_canonical, texts, jobs=n_jobs(jobs)) for smiles in part]
    kept = [row for row, smiles in enumerate(found) if smiles is not None]
    if not kept:
        raise InputError(f"Expected molecules in {name}, but none of its {len(texts)} rows is one. Check the column.")
    return NamedMolecules(name, digest, len(texts), [s for s in found if s is not None], table.iloc[kept])


def _canonical(texts: Sequence[Text]) -> list[str | None]:
    """Return canonical SMILES, None for what is no molecule; runs in workers."""
    return [canonical(text) for text in texts]
