"""History: every molecule that was measured, where it lies, and its value; nothing is ever forgotten or moved."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from chemvae.search.front import by_rank_and_crowding, entrants, inferred_reference


def _none() -> ndarray:
    """Return a matrix of nothing."""
    return np.empty((0, 0))


@dataclass(frozen=True)
class Told:
    """One measured molecule."""

    smiles: str
    """canonical"""
    z: Float[ndarray, " latent"]
    """where the molecule itself lies, never the point that was proposed; NaN if it cannot be or was not encoded"""
    value: float
    """the higher the better, with several objectives their sum; NaN where the oracle failed"""
    feasible: bool
    """whether it meets the known constraints, which a start molecule may not, and those that are measured"""
    round: int
    """in which round it was told; 0 for the start"""
    how: str
    """the move by which it was found"""
    outcomes: tuple[float, ...] = ()
    """each of several objectives, the higher the better; empty if there is one"""
    slack: tuple[float, ...] = ()
    """how far each measured constraint is met; below 0 it is not"""


@dataclass(frozen=True)
class History:
    """Measured molecules in the order in which they were told, as arrays.

    With several objectives "better" means: feasible, then by Pareto front, then less crowded; `value` only says then
    whether the oracle failed.
    """

    z: Float[ndarray, "n latent"]
    value: Float[ndarray, " n"]
    feasible: Bool[ndarray, " n"]
    round: Int[ndarray, " n"]
    how: tuple[str, ...] = ()
    smiles: tuple[str, ...] = ()
    outcomes: Float[ndarray, "n m"] = field(default_factory=_none)
    """several objectives, a column each, the higher the better; no column if there is one"""
    slack: Float[ndarray, "n c"] = field(default_factory=_none)
    """a column for each measured constraint, below 0 where it is broken"""
    given: tuple[float, ...] = ()
    """the reference point, if somebody gave one"""

    @classmethod
    def empty(cls, latent: int, reference: Sequence[float] = ()) -> "History":
        """Return a history of nothing."""
        nothing = np.empty((0, latent)), np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=np.int64)
        return cls(*nothing, given=tuple(reference))

    def __len__(self) -> int:
        return len(self.value)

    def add(self, rows: Sequence[Told]) -> "History":
        """Return this history with more at its end."""
        if not rows:
            return self
        outcomes = np.array([row.outcomes for row in rows], dtype=np.float64).reshape(len(rows), -1)
        slack = np.array([row.slack for row in rows], dtype=np.float64).reshape(len(rows), -1)
        return dataclasses.replace(
            self,
            z=np.concatenate([self.z, np.array([row.z for row in rows], dtype=np.float64)]),
            value=np.concatenate([self.value, np.array([row.value for row in rows], dtype=np.float64)]),
            feasible=np.concatenate([self.feasible, np.array([row.feasible for row in rows], dtype=bool)]),
            round=np.concatenate([self.round, np.array([row.round for row in rows], dtype=np.int64)]),
            how=(*self.how, *(row.how for row in rows)),
            smiles=(*self.smiles, *(row.smiles for row in rows)),
            outcomes=np.concatenate([self.outcomes, outcomes]) if len(self) else outcomes,
            slack=np.concatenate([self.slack, slack]) if len(self) else slack,
        )

    def first(self, n: int) -> "History":
        """Return this history as it stood after its first n rows."""
        arrays = {name: getattr(self, name)[:n] for name in ("z", "value", "feasible", "round", "outcomes", "slack")}
        return dataclasses.replace(self, how=self.how[:n], smiles=self.smiles[:n], **arrays)

    @property
    def several(self) -> bool:
        """Whether there are several objectives."""
        return self.outcomes.shape[1] > 1

    @property
    def reference(self) -> Float[ndarray, " m"]:
        """What each of several objectives must exceed to count: as given, or inferred from the first 50 measured."""
        return np.array(self.given) if self.given else inferred_reference(self.outcomes[self.measured])

    @property
    def usable(self) -> Int[ndarray, " u"]:
        """Rows that have both a place and a value."""
        return np.flatnonzero(np.isfinite(self.value) & np.isfinite(self.z).all(axis=1))

    @property
    def measured(self) -> Int[ndarray, " m"]:
        """Rows that have a value, wherever they lie."""
        return np.flatnonzero(np.isfinite(self.value))

    def best(self, k: int) -> Int[ndarray, " k"]:
        """Return the k best usable rows, feasible ones first; ties keep their order."""
        return self._by_value(self.usable, k)

    def best_measured(self, k: int) -> Int[ndarray, " k"]:
        """Return the k best measured rows in the same order, wherever they lie."""
        return self._by_value(self.measured, k)

    def _by_value(self, rows: Int[ndarray, " m"], k: int) -> Int[ndarray, " k"]:
        """Return the k best of some rows: feasible ones first, then what is least infeasible, then by what it is."""
        place = -self.value[rows]
        if self.several:
            place = np.empty(len(rows))
            for side in (self.feasible[rows], ~self.feasible[rows]):
                order = by_rank_and_crowding(self.outcomes[rows[side]], k)
                place[np.flatnonzero(side)[order]] = np.arange(len(order))
        return rows[np.lexsort((rows, place, self.violation[rows], ~self.feasible[rows]))][:k]

    @property
    def violation(self) -> Float[ndarray, " n"]:
        """By how much each row breaks the measured constraints, in standard deviations of each."""
        if not self.slack.size:
            return np.zeros(len(self))
        spread = self.slack[self.measured].std(axis=0) if len(self.measured) else np.ones(self.slack.shape[1])
        return np.nansum(np.maximum(-self.slack, 0.0) / np.where(spread > 0.0, spread, 1.0), axis=1)

    def improvements(self) -> list[bool]:
        """Say of each round after the start whether it beat everything feasible before it, or enlarged the front."""
        if self.several:
            good = self.feasible & np.isfinite(self.value)
            entered = entrants(self.outcomes, good, self.round)
            return [bool(entered[self.round == at].any()) for at in range(1, int(self.round.max(initial=0)) + 1)]
        best, answer = -np.inf, []
        for at in range(int(self.round.max(initial=0)) + 1):
            values = self.value[(self.round == at) & self.feasible & np.isfinite(self.value)]
            top = float(values.max(initial=-np.inf))
            if at > 0:
                answer.append(top > best)
            best = max(best, top)
        return answer
