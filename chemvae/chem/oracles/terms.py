"""Terms: the smallest scores, of which others are built: a descriptor, a count of atoms, a pattern."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem, rdBase
from rdkit.Chem import GraphDescriptors

from chemvae.chem.fingerprints import pattern_of
from chemvae.chem.oracles.score import Score
from chemvae.chem.oracles.subjects import Subjects, small_enough
from chemvae.chem.properties import PROPERTIES
from chemvae.errors import InputError
from chemvae.settings import did_you_mean


def bertz(mol: Chem.Mol) -> float:
    """Return Bertz's complexity of a molecule (J. Am. Chem. Soc. 1981, 103, 3599)."""
    return float(GraphDescriptors.BertzCT(small_enough(mol)))


DESCRIPTORS: dict[str, Callable[[Chem.Mol], float]] = {**PROPERTIES, "bertz": bertz}
"""The computed properties, and what only the benchmarks ask for."""


@dataclass(frozen=True)
class Descriptor(Score):
    """A computed property by name, such as logp, tpsa, qed, sa, mw, rings or bertz."""

    name: str
    """out of `DESCRIPTORS`"""

    def __post_init__(self) -> None:
        """Check the name.

        Raises:
            InputError: it is not known.
        """
        if self.name not in DESCRIPTORS:
            raise InputError(
                f"Expected a descriptor out of {', '.join(DESCRIPTORS)}, but got {self.name!r}."
                f"{did_you_mean(str(self.name).lower(), DESCRIPTORS)}"
            )

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the descriptor of each molecule."""
        return subjects.numbers(self, DESCRIPTORS[self.name])

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no number."""
        fault = subjects.fault(self, row)
        return fault if subjects.readings[row].mol is None else f"no {self.name}: {fault or 'RDKit has no number'}"


@dataclass(frozen=True)
class AtomCount(Score):
    """How many atoms of an element molecules have; hydrogens count whether written or not."""

    element: str
    """its symbol, such as F"""

    def __post_init__(self) -> None:
        """Check the symbol.

        Raises:
            InputError: it is none.
        """
        check_element(self.element)

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the number in each molecule."""
        return np.array([np.nan if one is None else one[self.element] for one in composed(subjects)], dtype=np.float64)

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no number."""
        return subjects.fault(composition, row)


@dataclass(frozen=True)
class Contains(Score):
    """1 where a SMARTS pattern is in the molecule, 0 where it is not."""

    smarts: str
    """the pattern"""

    def __post_init__(self) -> None:
        """Check the pattern.

        Raises:
            InputError: it is no SMARTS.
        """
        pattern_of(self.smarts)

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return 1 or 0 for each molecule."""
        pattern = pattern_of(self.smarts)
        return subjects.numbers(("smarts", self.smarts), lambda mol: float(mol.HasSubstructMatch(pattern)))

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no answer."""
        return subjects.fault(("smarts", self.smarts), row)


@dataclass(frozen=True)
class Lacks(Contains):
    """1 where a SMARTS pattern is not in the molecule, 0 where it is."""

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return 1 or 0 for each molecule."""
        return 1 - super().work_out(subjects)


def composition(mol: Chem.Mol) -> Counter[str]:
    """Count the atoms of each element, hydrogens included."""
    counts = Counter(atom.GetSymbol() for atom in mol.GetAtoms())
    counts["H"] += sum(atom.GetTotalNumHs() for atom in mol.GetAtoms())  # those that are no atoms of the graph
    return counts


def composed(subjects: Subjects) -> list[Counter[str] | None]:
    """Return the composition of each molecule, counted once."""
    return subjects.made(composition, composition)


def check_element(symbol: str) -> None:
    """Raise unless it is an element's symbol.

    Raises:
        InputError: it is none.
    """
    try:
        with rdBase.BlockLogs():
            known = Chem.GetPeriodicTable().GetAtomicNumber(symbol) > 0
    except (RuntimeError, TypeError):
        known = False
    if not known:
        raise InputError(f"Expected the symbol of an element, but got {symbol!r:.80}. Write e.g. F or Cl.")
