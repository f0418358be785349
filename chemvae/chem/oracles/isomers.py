"""Isomers: how close a molecule's formula is to one, as GuacaMol defines it and as TDC 0.3.6 had it."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.oracles.modifiers import Gaussian
from chemvae.chem.oracles.names import FIXED, TDC_036, check_version
from chemvae.chem.oracles.score import Score
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.oracles.terms import check_element, composed, composition
from chemvae.errors import InputError

ELEMENT = re.compile(r"([A-Z][a-z]*)(\d*)")
PER_ELEMENT, PER_ATOM = 1.0, 2.0
"""How far off a count may be for a score of 0.607: of one element, of all atoms together."""


def formula_of(text: str) -> dict[str, int]:
    """Return how many atoms of each element a molecular formula names.

    Raises:
        InputError: it is no formula.
    """
    found = ELEMENT.findall(text) if isinstance(text, str) else []
    if not found or "".join(symbol + count for symbol, count in found) != text:
        raise InputError(f"Expected a molecular formula, but got {text!r:.80}. Write e.g. C9H10N2O2PF2Cl.")
    counts: dict[str, int] = {}
    for symbol, count in found:
        check_element(symbol)
        counts[symbol] = counts.get(symbol, 0) + int(count or 1)
    return counts


@dataclass(frozen=True)
class Isomers(Score):
    """How close molecules come to a formula: the geometric mean of a bell for each element and one for all atoms.

    Version `tdc-0.3.6` counts all atoms as TDC did until August 2022, and so did the first PMO table: it reads the
    SMILES string itself as a formula. That depends on how a molecule is written; PMO writes canonical SMILES.
    """

    formula: str
    """such as C7H8N2O2"""
    version: str = FIXED
    """`fixed` or `tdc-0.3.6`"""

    def __post_init__(self) -> None:
        """Check formula and version.

        Raises:
            InputError: one is none.
        """
        formula_of(self.formula)
        check_version(self.version)

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the score of each molecule."""
        wanted = formula_of(self.formula)
        rows = [row for row, one in enumerate(composed(subjects)) if one is not None]
        score = np.full(len(subjects), np.nan)
        if not rows:
            return score
        atoms = [composed(subjects)[row] for row in rows]
        terms = [
            Gaussian(n, PER_ELEMENT)(np.array([float(one[element]) for one in atoms if one is not None]))
            for element, n in wanted.items()
        ]
        if self.version == TDC_036:
            totals = [sum(int(n or 1) for _, n in ELEMENT.findall(str(subjects.texts[row]))) for row in rows]
        else:
            totals = [one.total() for one in atoms if one is not None]
        terms.append(Gaussian(sum(wanted.values()), PER_ATOM)(np.array(totals, dtype=np.float64)))
        with np.errstate(divide="ignore"):
            score[rows] = np.exp(np.log(terms).mean(axis=0))
        return score

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why there is no score."""
        return subjects.fault(composition, row)
