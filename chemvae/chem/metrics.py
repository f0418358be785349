"""How good a set of generated strings is, in the definitions of MOSES (Polykovskiy et al., 2020)."""

from collections.abc import Collection, Sequence

import numpy as np

from chemvae.chem.fingerprints import morgan
from chemvae.molecule import Molecule

BITS = 1024  # of the Morgan fingerprints of radius 2 that MOSES takes for diversity
ROWS = 1000  # of the similarity matrix at a time


def valid_smiles(molecules: Sequence[Molecule]) -> list[str]:
    """Return the canonical SMILES of the valid ones, repetitions and order kept: what the other measures take."""
    return [molecule.smiles for molecule in molecules if molecule.smiles is not None]


def validity(molecules: Sequence[Molecule]) -> float:
    """Return the share of strings that are molecules, of all strings."""
    return sum(molecule.valid for molecule in molecules) / len(molecules) if molecules else np.nan


def uniqueness(smiles: Sequence[str], k: int | None = None) -> float:
    """Return the share of distinct ones among the first k valid molecules; NaN if there are fewer than k.

    Args:
        smiles: canonical, valid ones only, as `valid_smiles` returns them.
        k: how many to look at; None means all.
    """
    first = smiles[:k]
    return len(set(first)) / len(first) if first and (k is None or len(first) == k) else np.nan


def novelty(smiles: Sequence[str], known: Collection[str]) -> float:
    """Return the share of distinct valid molecules that are not among the known ones.

    Args:
        smiles: canonical, valid ones only.
        known: canonical SMILES of the training set, as a set.
    """
    distinct = set(smiles)
    return len(distinct.difference(known)) / len(distinct) if distinct else np.nan


def internal_diversity(smiles: Sequence[str], p: int = 1) -> float:
    """Return 1 minus the power mean of all Tanimoto similarities, each molecule with itself included.

    Args:
        smiles: valid ones only; repetitions count.
        p: 1 for IntDiv, 2 for IntDiv2.
    """
    if not smiles:
        return np.nan
    prints = morgan(smiles, radius=2, bits=BITS)  # n x bits
    on = prints.sum(axis=1)
    total = 0.0
    for at in range(0, len(prints), ROWS):
        common = prints[at : at + ROWS] @ prints.T  # rows x n
        either = on[at : at + ROWS, None] + on - common
        total += float((np.divide(common, either, out=np.ones_like(common), where=either > 0) ** p).sum(dtype=float))
    return float(1.0 - (total / len(prints) ** 2) ** (1.0 / p))
