"""Subjects: strings read once, and what scores need of their molecules made once each."""

import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem, rdBase

from chemvae.chem.judge import Text, understand
from chemvae.errors import InputError
from chemvae.molecule import Molecule

LARGEST = 500
"""Atoms beyond which nothing is made that needs every distance in a molecule: its cost grows with their cube."""


class Subjects:
    """n strings to score, row for row: each is parsed once, and each fingerprint or descriptor of it is made once."""

    def __init__(self, smiles: Iterable[Text]):
        """Read the strings.

        Raises:
            InputError: it is one string instead of a list.
        """
        if isinstance(smiles, (str, bytes)) or not isinstance(smiles, Iterable):
            raise InputError(f"Expected a list of SMILES, but got {smiles!r:.80}. Put it in brackets: [...].")
        self.texts = list(smiles)
        self.readings = [understand(text) for text in self.texts]
        self._made: dict[Hashable, list[Any]] = {}
        self._faults: dict[tuple[Hashable, int], str] = {}
        self._kept: dict[Hashable, Float[ndarray, " n"]] = {}

    def __len__(self) -> int:
        return len(self.readings)

    def made(self, key: Hashable, make: Callable[[Chem.Mol], Any]) -> list[Any]:
        """Return what a function makes of each molecule, None where there is none; made once under this key."""
        if key not in self._made:
            with rdBase.BlockLogs():
                mols = [reading.mol for reading in self.readings]
                self._made[key] = [self._try(key, row, make, mol) for row, mol in enumerate(mols)]
        return self._made[key]

    def numbers(self, key: Hashable, make: Callable[[Chem.Mol], float]) -> Float[ndarray, " n"]:
        """Return a number for each molecule, NaN where there is none."""
        return np.array([math.nan if one is None else one for one in self.made(key, make)], dtype=np.float64)

    def kept(self, key: Hashable, work_out: Callable[[], Float[ndarray, " n"]]) -> Float[ndarray, " n"]:
        """Return a whole column, worked out once under this key."""
        if key not in self._kept:
            self._kept[key] = work_out()
        return self._kept[key]

    def fault(self, key: Hashable, row: int) -> str:
        """Say why nothing was made of a row: it is no molecule, or what the function raised."""
        reading = self.readings[row]
        if reading.mol is None:
            return Molecule("", None, reading.verdict, reading.detail).reason
        return self._faults.get((key, row), "")

    def _try(self, key: Hashable, row: int, make: Callable[[Chem.Mol], Any], mol: Chem.Mol | None) -> Any:
        if mol is None:
            return None
        try:
            return make(mol)
        except (RuntimeError, ValueError, ArithmeticError) as error:
            self._faults[key, row] = f"{type(error).__name__}: {error}".splitlines()[0]
            return None


def small_enough(mol: Chem.Mol) -> Chem.Mol:
    """Return the molecule, if all distances in it can be had in a second.

    Raises:
        ValueError: it has more than `LARGEST` atoms.
    """
    if mol.GetNumAtoms() > LARGEST:
        raise ValueError(f"{mol.GetNumAtoms()} atoms, and distances are computed up to {LARGEST}")
    return mol
