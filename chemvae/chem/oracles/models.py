"""Classifiers as plain arrays: a forest or a logistic regression, on Morgan fingerprints; no pickle anywhere."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.errors import InputError

LEAF = -1
"""The child of a leaf."""
MOST_BITS = 2**20
ROWS = 500
"""Molecules that walk down a forest at a time, so that memory does not grow with their number."""


@dataclass(frozen=True)
class Inputs:
    """Which Morgan fingerprint a model was fitted on."""

    radius: int = 2
    """bonds around an atom"""
    bits: int = 2048
    """length after folding"""
    counts: bool = False
    """how often an environment comes up, not whether"""
    features: bool = False
    """of what atoms do (FCFP), not of what they are (ECFP)"""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            InputError: one cannot be.
        """
        numbers = (self.radius, self.bits)
        if any(isinstance(one, bool) or not isinstance(one, int) for one in numbers):
            raise InputError(f"Expected whole numbers as radius and bits of a fingerprint, but got {numbers}.")
        if not (0 <= self.radius <= 10 and 1 <= self.bits <= MOST_BITS):  # noqa: PLR2004
            raise InputError(f"Expected a radius up to 10 and bits up to {MOST_BITS}, but got {numbers}.")
        if not (isinstance(self.counts, bool) and isinstance(self.features, bool)):
            raise InputError(f"Expected true or false as counts and features, but got {self.counts}, {self.features}.")


@dataclass(frozen=True, eq=False)
class Forest:
    """Decision trees side by side in flat arrays; the chance is the mean over the trees."""

    roots: Int[ndarray, " trees"]
    """the first node of each tree"""
    column: Int[ndarray, " nodes"]
    """which input a node asks for"""
    threshold: Float[ndarray, " nodes"]
    """it goes left up to here"""
    left: Int[ndarray, " nodes"]
    """the node to the left, `LEAF` for a leaf; always further on in the arrays, so that every walk ends"""
    right: Int[ndarray, " nodes"]
    """the node to the right, the same"""
    value: Float[ndarray, " nodes"]
    """the share of actives in a leaf"""

    def check(self, bits: int) -> None:
        """Raise unless every walk down the trees ends in a leaf with a chance.

        Raises:
            InputError: it does not.
        """
        nodes, at = len(self.value), np.arange(len(self.value))
        lengths = {len(one) for one in (self.column, self.threshold, self.left, self.right, self.value)}
        if len(lengths) != 1 or not nodes or not len(self.roots):
            raise InputError(f"Expected a forest with equal arrays, but got lengths {sorted(lengths)}.")
        leaf = self.left == LEAF
        onward = (self.left > at) & (self.right > at) & (self.left < nodes) & (self.right < nodes)
        if not np.where(leaf, self.right == LEAF, onward).all():
            raise InputError("Expected each node of a forest to lead on to two later ones, but one does not.")
        if not ((self.roots >= 0) & (self.roots < nodes)).all():
            raise InputError(f"Expected the roots of a forest among its {nodes} nodes, but one is not.")
        if not (leaf | ((self.column >= 0) & (self.column < bits) & np.isfinite(self.threshold))).all():
            raise InputError(f"Expected each node to ask for one of {bits} bits, but one does not.")
        if not ((self.value >= 0) & (self.value <= 1))[leaf].all():
            raise InputError("Expected a chance between 0 and 1 in each leaf, but one is not.")

    def chance(self, x: Float[ndarray, "n bits"]) -> Float[ndarray, " n"]:
        """Return the chance of each row, a few hundred rows at a time."""
        parts = [self._walk(x[at : at + ROWS]) for at in range(0, len(x), ROWS)]
        return np.concatenate([np.empty(0), *parts])

    def _walk(self, x: Float[ndarray, "n bits"]) -> Float[ndarray, " n"]:
        trees = len(self.roots)
        at = np.tile(self.roots, len(x))  # n * trees: where each row stands in each tree
        row = np.repeat(np.arange(len(x)), trees)
        live = np.flatnonzero(self.left[at] != LEAF)
        while live.size:
            node = at[live]
            goes_left = x[row[live], self.column[node]] <= self.threshold[node]
            at[live] = np.where(goes_left, self.left[node], self.right[node])
            live = live[self.left[at[live]] != LEAF]
        return self.value[at].reshape(len(x), trees).mean(axis=1)


@dataclass(frozen=True, eq=False)
class Logistic:
    """A logistic regression: the chance is 1 / (1 + exp(-(x @ weights + intercept)))."""

    weights: Float[ndarray, " bits"]
    """what each input adds"""
    intercept: float
    """what nothing adds up to"""

    def check(self, bits: int) -> None:
        """Raise unless there is a finite weight for each bit.

        Raises:
            InputError: there is not.
        """
        if self.weights.shape != (bits,) or not np.isfinite([*self.weights, self.intercept]).all():
            raise InputError(f"Expected {bits} finite weights and an intercept, but got {self.weights.shape} of them.")

    def chance(self, x: Float[ndarray, "n bits"]) -> Float[ndarray, " n"]:
        """Return the chance of each row."""
        logit = x.astype(np.float64) @ self.weights + self.intercept
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-logit))


@dataclass(frozen=True, eq=False)
class Classifier:
    """A model that says how likely a molecule is to be active, with all that is needed to ask it."""

    name: str
    """what it is called"""
    inputs: Inputs
    """the fingerprint that it takes"""
    model: Forest | Logistic
    """fingerprint in, chance out"""
    notes: dict[str, str] = field(default_factory=dict)
    """what it was fitted on, how, and how good it is"""

    def check(self) -> "Classifier":
        """Return itself, if its arrays fit together.

        Raises:
            InputError: they do not.
        """
        self.model.check(self.inputs.bits)
        return self
