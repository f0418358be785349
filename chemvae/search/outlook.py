"""Outlook: what is expected of molecules in every respect that is measured, and how much they are wanted for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.search.acquire import log_chance
from chemvae.search.history import History
from chemvae.search.minmax import MinMax
from chemvae.search.process import Belief, Joint, Kernel
from chemvae.search.surrogate import Success, Surrogate

SUM = 0.05  # share of the plain sum in a mixture of objectives, which tells apart what is equal in the worst of them
FAR = 30.0  # so far below the floor the logarithm of a softplus is its argument


@dataclass(frozen=True)
class Wish:
    """How much molecules are wanted, by upper bounds of their outcomes and the chance that they are feasible.

    Several objectives are mixed by an augmented Chebyshev function: the one that falls shortest of the ideal counts.
    Where feasibility is in question, what exceeds the median of the feasible molecules is multiplied by its chance;
    while none is known, the chance is all that counts.
    """

    weights: Float[ndarray, " m"]
    """of the objectives, 1 together"""
    least: Float[ndarray, " m"]
    """the reference point"""
    ideal: Float[ndarray, " m"]
    """the best of each objective so far"""
    known: Float[ndarray, "f m"]
    """outcomes of the feasible molecules that were measured"""
    in_question: bool
    """whether anything may be infeasible"""

    def __call__(self, bounds: Float[ndarray, "n m"], log_chance: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return how much each molecule is wanted."""
        if not self.in_question:
            return self.worth(bounds)
        if not len(self.known):
            return log_chance.copy()
        known = self.worth(self.known)
        above = (self.worth(bounds) - np.median(known)) / (float(known.std()) or 1.0)
        return np.where(above < -FAR, above, np.log(np.logaddexp(0.0, np.maximum(above, -FAR)))) + log_chance

    def worth(self, outcomes: Float[ndarray, "n m"]) -> Float[ndarray, " n"]:
        """Return the one outcome, or a mixture of several."""
        if outcomes.shape[1] == 1:
            return outcomes[:, 0].copy()
        short = self.weights * (self.ideal - outcomes) / np.maximum(self.ideal - self.least, 1e-9)
        return -short.max(axis=1) - SUM * short.sum(axis=1)


class Outlook:
    """A process for each objective, one for each measured constraint, and one for whether the oracle gives a number.

    Beliefs and joints come as lists: the objectives first, then the constraints.
    """

    def __init__(
        self,
        describe: Callable[[list[str]], csr_array],
        *,
        most: int = 4_000,
        noise: float = 0.0,
        kernels: Sequence[Callable[[], Kernel]] = (MinMax,),
    ):
        """Store the parts.

        Args:
            describe: molecules as rows of counts, or whatever the kernels compare.
            most: how many molecules the processes reason from.
            noise: standard deviation of measuring, for objectives between 0 and 1.
            kernels: how alike described molecules are; out of several each process takes the likeliest, and is fitted.
        """
        self.describe, self.most, self.noise, self.kernels = describe, most, noise, kernels
        self._shape = (-1, -1)
        self._outcomes: list[Surrogate] = []
        self._limits: list[Surrogate] = []
        self._success = Success(describe, most=most, kernels=kernels)

    def follow(self, history: History) -> None:
        """Take in what was told since."""
        shape = history.outcomes.shape[1], history.slack.shape[1]
        if shape != self._shape:
            self._shape = shape
            self._outcomes = [self._column(at) for at in range(shape[0])] or [self._value()]
            self._limits = [self._limit(at) for at in range(shape[1])]
        for one in (*self._outcomes, *self._limits):
            one.follow(history)
        self._success.follow(history)

    def beliefs(self, smiles: Sequence[str]) -> list[Belief]:
        """Return what is expected of molecules, each by itself."""
        counts = self.describe(list(smiles))
        return [one.belief_of(counts) for one in (*self._outcomes, *self._limits)]

    def joints(self, smiles: Sequence[str]) -> list[Joint]:
        """Return what is expected of molecules together."""
        counts = self.describe(list(smiles))
        return [one.joint_of(counts) for one in (*self._outcomes, *self._limits)]

    def outcomes_of(self, beliefs: list[Belief]) -> list[Belief]:
        """Return those of the objectives."""
        return beliefs[: len(self._outcomes)]

    def log_feasible(self, beliefs: list[Belief]) -> Float[ndarray, " m"]:
        """Return the logarithm of the chance that every measured constraint is met."""
        chance = np.zeros(len(beliefs[0].mean))
        for belief, level in zip(beliefs[len(self._outcomes) :], self.levels, strict=True):
            chance += log_chance(belief, level)
        return chance

    def log_success(self, smiles: Sequence[str]) -> Float[ndarray, " m"]:
        """Return the logarithm of the chance that the oracle gives a number."""
        if not smiles or not self._success.in_question:
            return np.zeros(len(smiles))
        return self._success.log_chance_of(self.describe(list(smiles)))

    @property
    def levels(self) -> list[float]:
        """Where each constraint is just met, in the units of its process."""
        return [float(one.scaled(np.zeros(1))[0]) for one in self._limits]

    def scaled(self, outcomes: Float[ndarray, "n m"]) -> Float[ndarray, "n m"]:
        """Return outcomes in the units of their processes."""
        columns = zip(self._outcomes, outcomes.T, strict=True)
        return np.column_stack([one.scaled(column) for one, column in columns])

    def reach(self, history: History) -> float:
        """Return the weight of uncertainty at which the unknown is worth the best so far; 0 for several objectives."""
        known = history.value[self.feasible(history)]
        return 0.0 if history.several else float(self._outcomes[0].height(known).max(initial=0.0))

    def feasible(self, history: History) -> Bool[ndarray, " n"]:
        """Say which molecules were measured and are feasible."""
        return history.feasible & np.isfinite(history.value)

    def wish(self, history: History, rng: np.random.Generator) -> Wish:
        """Return how molecules are wanted; several objectives are mixed with weights that are drawn."""
        several = history.several
        all_of = self.scaled(history.outcomes if several else history.value[:, None])
        good, measured = self.feasible(history), np.isfinite(history.value)
        m = all_of.shape[1]
        return Wish(
            weights=rng.dirichlet(np.ones(m)) if several else np.ones(1),
            least=self.scaled(history.reference[None])[0] if several else np.zeros(1),
            ideal=all_of[good if good.any() else measured].max(axis=0),
            known=all_of[good],
            in_question=self._success.in_question or bool(self._limits),
        )

    def wishes(self, history: History, n: int, rng: np.random.Generator) -> list[Wish]:
        """Return one for one objective, n with weights of their own for several."""
        return [self.wish(history, rng) for _ in range(n if history.several else 1)]

    def _value(self) -> Surrogate:
        unit = len(self.kernels) == 1
        return Surrogate(self.describe, most=self.most, unit=unit, noise=self.noise, kernels=self.kernels)

    def _column(self, at: int) -> Surrogate:
        # Fitted even to scores: a prior as wide as their range makes every unknown molecule enlarge the front.
        return self._fitted(lambda history: history.outcomes[:, at])

    def _limit(self, at: int) -> Surrogate:
        return self._fitted(lambda history: history.slack[:, at])

    def _fitted(self, of: Callable[[History], Float[ndarray, " n"]]) -> Surrogate:
        return Surrogate(self.describe, most=self.most, of=of, unit=False, kernels=self.kernels)
