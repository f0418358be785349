"""Descriptors of many molecules at once, which share what they share: atoms, logP, circular fragments.

The values are those that RDKit's own functions return one by one, to the last bit.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from chemvae.chem import accessibility, crippen, druglikeness
from chemvae.chem.surroundings import Surroundings, surroundings


@functools.cache
def _fragments() -> Any:
    return rdFingerprintGenerator.GetMorganGenerator(radius=2)


class Together:
    """Some molecules, and what is known of them so far; each part is found out when it is first asked for."""

    def __init__(self, mols: Sequence[Chem.Mol]):
        """Take molecules as the SMILES parser leaves them, each of them `ordinary`."""
        self.mols = mols

    @functools.cached_property
    def atoms(self) -> Surroundings:
        """The atoms of all molecules."""
        return surroundings(self.mols)

    @functools.cached_property
    def logp(self) -> Float[ndarray, " n"]:
        """Wildman and Crippen's logP."""
        return crippen.logp(self.atoms)

    @functools.cached_property
    def qed(self) -> Float[ndarray, " n"]:
        """Quantitative estimate of drug-likeness."""
        return druglikeness.qed(self.atoms, self.logp)

    @functools.cached_property
    def fragments(self) -> list[dict[int, int]]:
        """How often each circular environment of radius 2 comes up, by its Morgan number."""
        return [_fragments().GetSparseCountFingerprint(mol).GetNonzeroElements() for mol in self.mols]

    @functools.cached_property
    def sa(self) -> Float[ndarray, " n"]:
        """Synthetic accessibility score."""
        if not Chem.GetUseLegacyStereoPerception():  # then the parser's marks are not those that the score counts
            return np.array([accessibility.sascorer().calculateScore(mol) for mol in self.mols], dtype=float)
        return np.array([accessibility.sa(*both) for both in zip(self.mols, self.fragments, strict=True)], dtype=float)
