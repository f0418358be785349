"""Score: a number for each molecule or the reason why there is none; larger scores are built out of smaller ones."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.judge import Text
from chemvae.chem.oracles.subjects import Subjects
from chemvae.errors import InputError

Shape = Callable[[ndarray], ndarray]
"""Raw values in, scores out, row for row: a modifier, or any function of an array."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a score says of n strings, row for row."""

    values: Float[ndarray, " n"]
    """NaN where there is none, never 0"""
    reasons: list[str]
    """why a value is missing, empty where there is one"""


class Score(ABC):
    """Call it with a list of SMILES for an array of n numbers, NaN for what failed; `scored` gives the reasons too."""

    @property
    def parts(self) -> tuple["Score", ...]:
        """The scores that it is built of."""
        return ()

    @abstractmethod
    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return a number for each subject, NaN where there is none."""

    def __call__(self, smiles: Iterable[Text]) -> Float[ndarray, " n"]:
        """Score strings, NaN for what failed."""
        return self.scored(smiles).values

    def scored(self, smiles: Iterable[Text]) -> Scored:
        """Score strings, with the reason for each that has no value."""
        return self.scored_on(Subjects(smiles))

    def scored_on(self, subjects: Subjects) -> Scored:
        """Score what is read already; what another score made of it is used again."""
        values = self.on(subjects)
        finite = np.isfinite(values)
        reasons = ["" if finite[row] else self.why(subjects, row) for row in range(len(subjects))]
        return Scored(np.where(finite, values, np.nan), reasons)

    def on(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return raw values of subjects, worked out once for all scores that share this part."""
        return subjects.kept(self, lambda: self.work_out(subjects))

    def why(self, subjects: Subjects, row: int) -> str:
        """Say why a row that has no value has none."""
        for part in self.parts:
            if not np.isfinite(part.on(subjects)[row]):
                return part.why(subjects, row)
        kind = "infinite" if np.isinf(self.on(subjects)[row]) else "not a number"
        return f"{type(self).__name__} is {kind}"

    def through(self, *modifiers: Shape) -> "Score":
        """Return this score with its values passed through modifiers, the first one first."""
        return Modified(self, modifiers)


@dataclass(frozen=True)
class Modified(Score):
    """A score whose values were passed through modifiers."""

    score: Score
    """where the raw values come from"""
    modifiers: tuple[Shape, ...]
    """what they pass through, the first one first"""

    @property
    def parts(self) -> tuple[Score, ...]:
        """The raw score."""
        return (self.score,)

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the raw values as the modifiers leave them."""
        values = self.score.on(subjects)
        with np.errstate(all="ignore"):  # what overflows ends as 0, or is told as infinite
            for modifier in self.modifiers:
                values = np.asarray(modifier(values), dtype=np.float64)
        if values.shape != (len(subjects),):
            raise InputError(
                f"Expected {len(subjects)} numbers from a modifier, but got an array of shape {values.shape}. "
                "Return one for each."
            )
        return values


@dataclass(frozen=True)
class Average(Score):
    """Several scores that become one, each with a weight."""

    terms: tuple[Score, ...]
    """what is averaged"""
    weights: tuple[float, ...]
    """how much each counts; they sum to 1"""

    @property
    def parts(self) -> tuple[Score, ...]:
        """What is averaged."""
        return self.terms


@dataclass(frozen=True)
class Mean(Average):
    """The arithmetic mean of scores, weighted if you like."""

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the mean of each row."""
        return stacked(self.terms, subjects) @ np.array(self.weights)


@dataclass(frozen=True)
class GeometricMean(Average):
    """The geometric mean of scores: 0 if one is 0, and no number if one is negative."""

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the mean of each row, by way of logarithms, so that many small factors do not vanish."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.exp(np.log(stacked(self.terms, subjects)) @ np.array(self.weights))


@dataclass(frozen=True)
class Product(Score):
    """The product of scores."""

    terms: tuple[Score, ...]
    """the factors"""

    @property
    def parts(self) -> tuple[Score, ...]:
        """The factors."""
        return self.terms

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return the product of each row."""
        with np.errstate(all="ignore"):
            return stacked(self.terms, subjects).prod(axis=1)


@dataclass(frozen=True)
class Oracle(Score):
    """A score with a name and a source: one task of a benchmark, or your own."""

    name: str
    """what it is called"""
    score: Score
    """its definition"""
    source: str = field(default="", compare=False)
    """where the definition comes from"""

    @property
    def __name__(self) -> str:
        """The name under which an objective lists it."""
        return self.name

    @property
    def parts(self) -> tuple[Score, ...]:
        """The definition."""
        return (self.score,)

    def work_out(self, subjects: Subjects) -> Float[ndarray, " n"]:
        """Return what the definition says."""
        return self.score.on(subjects)


def mean(*scores: Score, weights: Sequence[float] | None = None) -> Mean:
    """Return the arithmetic mean of scores.

    Args:
        scores: what to average.
        weights: how much each counts, in any unit; all the same unless said.

    Raises:
        InputError: there is nothing to average, or the weights do not fit.
    """
    return Mean(checked(scores), shares(weights, len(scores)))


def geometric_mean(*scores: Score, weights: Sequence[float] | None = None) -> GeometricMean:
    """Return the geometric mean of scores: what GuacaMol and PMO make of several wishes, for none may be given up.

    Args:
        scores: what to average, each from 0 up.
        weights: how much each counts, in any unit; all the same unless said.

    Raises:
        InputError: there is nothing to average, or the weights do not fit.
    """
    return GeometricMean(checked(scores), shares(weights, len(scores)))


def product(*scores: Score) -> Product:
    """Return the product of scores.

    Raises:
        InputError: there are none.
    """
    return Product(checked(scores))


def stacked(terms: tuple[Score, ...], subjects: Subjects) -> Float[ndarray, "n terms"]:
    """Return the values of several scores, a column each."""
    return np.stack([term.on(subjects) for term in terms], axis=1)


def checked(scores: tuple[Score, ...]) -> tuple[Score, ...]:
    """Return scores, if they are some.

    Raises:
        InputError: there are none, or one is something else.
    """
    if not scores:
        raise InputError("Expected scores to put together, but got none. Name at least one.")
    for score in scores:
        if not isinstance(score, Score):
            raise InputError(f"Expected scores to put together, but got {score!r:.80}. Write e.g. Descriptor('logp').")
    return scores


def shares(weights: Sequence[float] | None, n: int) -> tuple[float, ...]:
    """Return weights that sum to 1.

    Raises:
        InputError: there are not n, or one is negative or no number, or all are 0.
    """
    given = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (n,) or not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
        raise InputError(f"Expected {n} weights from 0 up, but got {weights!r:.80}. Give one for each score.")
    return tuple((given / given.sum()).tolist())
