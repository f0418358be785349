"""Penalised log P with a cap on size, without which it measures the length of an alkane."""

from dataclasses import dataclass

from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem

from chemvae.chem.oracles.score import Score
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.properties import PLOGP_SCALES, plogp
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

LARGEST_ZINC = 38
"""Heavy atoms of the largest molecules of ZINC250k, on which the score was scaled; an alkane of as many scores 11.2."""


@dataclass(frozen=True)
class PenalisedLogP(Score):
    """log P minus the SA score minus the atoms of the longest ring beyond six, each in standard units over ZINC250k.

    It has no upper end: a chain of 100 carbons scores 26, one of 400 scores 99. So a molecule above the cap has no
    value. The definition is that of Kusner et al., Grammar VAE, 2017, in the form of GCPN (You et al., 2018).
    """

    most_atoms: int | None = LARGEST_ZINC
    """heavy atoms that a molecule may have; None for any number, which cannot be compared with anything"""
    scales: str = "gcpn"
    """`gcpn` (TDC and most papers) or `lolbo` (LOL-BO, weighted retraining), which differ in the third digit"""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            InputError: one cannot be.
        """
        if self.scales not in PLOGP_SCALES:
            raise InputError(
                f"Expected scales out of {', '.join(PLOGP_SCALES)}, but got {self.scales!r}."
                f"{did_you_mean(str(self.scales), PLOGP_SCALES)}"
            )
        if self.most_atoms is not None and self.most_atoms < 1:
            raise InputError(f"Expected a cap of at least 1 heavy atom, but got {self.most_atoms}. Leave it at 38.")

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the value of each molecule that is small enough."""
        return subjects.numbers(self, self._value)

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no value."""
        return subjects.fault(self, row)

    def _value(self, mol: Chem.Mol) -> float:
        atoms = mol.GetNumHeavyAtoms()
        if self.most_atoms is not None and atoms > self.most_atoms:
            raise ValueError(f"{atoms} heavy atoms, and penalised log P is capped at {self.most_atoms}")
        return plogp(mol, PLOGP_SCALES[self.scales])
