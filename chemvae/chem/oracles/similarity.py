"""Similarity to one molecule, by the fingerprints of the GuacaMol benchmark: counts, not folded."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator as generators

from chemvae.chem.judge import read
from chemvae.chem.oracles.score import Score
from chemvae.chem.oracles.subjects import Subjects, small_enough
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

Print = Callable[[Chem.Mol], Any]
"""A molecule in, its fingerprint out."""

FARTHEST_PAIR = 10  # bonds between two atoms of an atom pair


def morgan(radius: int, *, features: bool = False) -> Print:
    """Return Morgan's fingerprint, of atoms as they are (ECFP) or of what they do (FCFP)."""
    invariants = generators.GetMorganFeatureAtomInvGen() if features else None
    generator = generators.GetMorganGenerator(radius=radius, atomInvariantsGenerator=invariants)
    return generator.GetSparseCountFingerprint


def atom_pairs() -> Print:
    """Return the atom-pair fingerprint."""
    generator = generators.GetAtomPairGenerator(maxDistance=FARTHEST_PAIR)
    return lambda mol: generator.GetSparseCountFingerprint(small_enough(mol))


def torsions() -> Print:
    """Return the topological torsion fingerprint."""
    return generators.GetTopologicalTorsionGenerator().GetSparseCountFingerprint


def pharmacophores() -> Print:
    """Return Gobbi's pharmacophore fingerprint, of bits."""
    from chemvae.chem.oracles.pharmacophore import pharmacophore  # parses its definitions, which only this needs

    return pharmacophore


FINGERPRINTS: dict[str, Callable[[], Print]] = {
    "ECFP4": lambda: morgan(2),
    "ECFP6": lambda: morgan(3),
    "FCFP4": lambda: morgan(2, features=True),
    "FCFP6": lambda: morgan(3, features=True),
    "AP": atom_pairs,
    "TT": torsions,
    "PHCO": pharmacophores,
}


@functools.cache
def print_named(name: str) -> Print:
    """Return a fingerprint, made once in a process."""
    return FINGERPRINTS[name]()


@functools.lru_cache(maxsize=256)
def print_of(smiles: str, name: str) -> Any:
    """Return the fingerprint of a molecule that others are compared with.

    Raises:
        InputError: there is none.
    """
    alone = Subjects([smiles])
    (found,) = alone.made(name, print_named(name))
    if found is None:
        raise InputError(f"Expected a molecule that has {name}, but got {smiles!r:.80}: {alone.fault(name, 0)}.")
    return found


@dataclass(frozen=True)
class Similarity(Score):
    """How similar molecules are to one: Tanimoto on counts, sum of minima over sum of maxima, 0 to 1."""

    to: str
    """the molecule to resemble"""
    fingerprint: str = "ECFP4"
    """ECFP4, ECFP6, FCFP4, FCFP6, AP (atom pairs), TT (torsions) or PHCO (pharmacophores)"""

    def __post_init__(self) -> None:
        """Check the molecule and the name.

        Raises:
            InputError: one is none.
        """
        if self.fingerprint not in FINGERPRINTS:
            raise InputError(
                f"Expected a fingerprint out of {', '.join(FINGERPRINTS)}, but got {self.fingerprint!r}."
                f"{did_you_mean(str(self.fingerprint).upper(), FINGERPRINTS)}"
            )
        if read(self.to) is None:
            raise InputError(f"Expected a molecule to resemble as SMILES, but got {self.to!r:.80}. Mend it.")

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the similarity of each molecule."""
        prints = subjects.made(self.fingerprint, print_named(self.fingerprint))
        rows = [row for row, one in enumerate(prints) if one is not None]
        similar = np.full(len(subjects), np.nan)
        if rows:
            own = print_of(self.to, self.fingerprint)
            similar[rows] = DataStructs.BulkTanimotoSimilarity(own, [prints[row] for row in rows])
        return similar

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no fingerprint."""
        fault = subjects.fault(self.fingerprint, row)
        return fault if subjects.readings[row].mol is None else f"no {self.fingerprint}: {fault}"
