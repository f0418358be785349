"""MOSES' filters: elements, charge, ring size, PAINS, and its medicinal chemistry filters if the patterns are given."""

import csv
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from rdkit import Chem, DataStructs, RDConfig, rdBase

from chemvae.chem.judge import read
from chemvae.chem.workers import in_chunks
from chemvae.errors import ChemvaeError, InputError

ELEMENTS = frozenset((1, 6, 7, 8, 9, 16, 17, 35))  # H C N O F S Cl Br
LARGEST_RING = 7  # atoms
SCREEN = 2048  # bits of the fingerprints that tell which patterns a molecule may contain at all


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns ready to be looked for; to screen first makes it seven times faster and finds the same."""

    queries: tuple[Chem.Mol, ...]
    """what to look for, with hydrogens as atoms"""
    bits: Float[ndarray, "patterns bits"]
    """what a molecule must have to contain each"""

    def found_in(self, mol: Chem.Mol) -> bool:
        """Whether a molecule contains any of them."""
        full = Chem.AddHs(mol)
        possible = np.flatnonzero(self.bits @ (1.0 - _bits(full)) == 0.0)
        return any(full.HasSubstructMatch(self.queries[at]) for at in possible)


def passes(smiles: Sequence[str], patterns: Sequence[str] = (), jobs: int = 1) -> Bool[ndarray, " n"]:
    """Return for each molecule whether it passes; what cannot be read does not.

    Args:
        smiles: the molecules.
        patterns: SMARTS that a molecule must not contain beside PAINS, e.g. those of MOSES' mcf.csv.
        jobs: processes.

    Raises:
        InputError: a pattern is no SMARTS.
    """
    compiled(tuple(patterns))
    work = functools.partial(_passes, patterns=tuple(patterns))
    return np.concatenate([np.empty(0, dtype=bool), *in_chunks(work, smiles, jobs=jobs)])


@functools.cache
def pains() -> tuple[str, ...]:
    """Return the 480 PAINS patterns (Baell and Holloway, 2010) that RDKit carries, 17 of them mended since MOSES."""
    path = Path(RDConfig.RDDataDir) / "Pains" / "wehi_pains.csv"
    if not path.is_file():
        raise ChemvaeError(f"Expected RDKit's PAINS patterns at {path}, but got none. Install rdkit from its wheel.")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row[0].strip() for row in csv.reader(file) if row)


@functools.cache
def compiled(more: tuple[str, ...]) -> Patterns:
    """Return PAINS and more patterns, ready to be looked for.

    Raises:
        InputError: one is no SMARTS.
    """
    queries = []
    for text in (*pains(), *more):
        with rdBase.BlockLogs():
            query = Chem.MolFromSmarts(text) if text.isascii() else None
        if query is None or query.GetNumAtoms() == 0:
            raise InputError(f"Expected a SMARTS pattern to filter by, but got {text[:80]!r}. Mend or remove it.")
        queries.append(query)
    return Patterns(tuple(queries), np.stack([_bits(query) for query in queries]))


def clean(mol: Chem.Mol, patterns: Patterns) -> bool:
    """Whether a molecule passes; what is cheap to see is looked at first."""
    if any(atom.GetFormalCharge() != 0 or atom.GetAtomicNum() not in ELEMENTS for atom in mol.GetAtoms()):
        return False
    if any(len(ring) > LARGEST_RING for ring in mol.GetRingInfo().AtomRings()):
        return False
    return not patterns.found_in(mol)


def _bits(mol: Chem.Mol) -> Float[ndarray, " bits"]:
    """Return RDKit's pattern fingerprint: a molecule that contains a pattern has all of its bits."""
    bits = np.zeros(SCREEN, dtype=np.float32)
    DataStructs.ConvertToNumpyArray(Chem.PatternFingerprint(mol, SCREEN), bits)
    return bits


def _passes(smiles: Sequence[str], patterns: tuple[str, ...]) -> Bool[ndarray, " n"]:
    """Say which molecules pass; runs in workers."""
    ready = compiled(patterns)
    with rdBase.BlockLogs():
        return np.array([mol is not None and clean(mol, ready) for mol in map(read, smiles)], dtype=bool)
