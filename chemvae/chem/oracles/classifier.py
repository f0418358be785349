"""A classifier as an oracle: how likely molecules are to be active, as a model of one's own says."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators

from chemvae.chem.oracles.models import Classifier, Inputs
from chemvae.chem.oracles.score import Oracle, Score
from chemvae.chem.oracles.similarity import Print
from chemvae.chem.oracles.subjects import Subjects


def folded(inputs: Inputs) -> Print:
    """Return the function that makes a model's fingerprint of a molecule."""
    invariants = generators.GetMorganFeatureAtomInvGen() if inputs.features else None
    generator = generators.GetMorganGenerator(
        radius=inputs.radius, fpSize=inputs.bits, atomInvariantsGenerator=invariants
    )
    make = generator.GetCountFingerprintAsNumPy if inputs.counts else generator.GetFingerprintAsNumPy

    def print_of(mol: Chem.Mol) -> ndarray:
        return make(mol)

    return print_of


@dataclass(frozen=True, eq=False)
class Activity(Score):
    """The chance that a molecule is active, 0 to 1, by a forest or a logistic regression."""

    classifier: Classifier
    """the model"""

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the chance of each molecule."""
        prints = subjects.made(self.classifier.inputs, folded(self.classifier.inputs))
        rows = [row for row, one in enumerate(prints) if one is not None]
        chances = np.full(len(subjects), np.nan)
        if rows:
            chances[rows] = self.classifier.model.chance(np.stack([prints[row] for row in rows]).astype(np.float32))
        return chances

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no chance."""
        return subjects.fault(self.classifier.inputs, row)


def activity(classifier: Classifier) -> Oracle:
    """Return a classifier as an oracle under its own name.

    Raises:
        InputError: its arrays do not fit together.
    """
    return Oracle(classifier.name, Activity(classifier.check()), classifier.notes.get("source", ""))
