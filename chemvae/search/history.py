"""History: every molecule that was measured, where it lies, and its value; nothing is ever forgotten or moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray


@dataclass(frozen=True)
class Told:
    """One measured molecule."""

    smiles: str
    """canonical"""
    z: Float[ndarray, " latent"]
    """where the molecule itself lies, never the point that was proposed; NaN if it cannot be or was not encoded"""
    value: float
    """the higher the better; NaN where the oracle failed"""
    feasible: bool
    """whether it meets the known constraints; a start molecule may not"""
    round: int
    """in which round it was told; 0 for the start"""
    how: str
    """the move by which it was found"""


@dataclass(frozen=True)
class History:
    """Measured molecules in the order in which they were told, as arrays."""

    z: Float[ndarray, "n latent"]
    value: Float[ndarray, " n"]
    feasible: Bool[ndarray, " n"]
    round: Int[ndarray, " n"]
    how: tuple[str, ...] = ()
    smiles: tuple[str, ...] = ()

    @classmethod
    def empty(cls, latent: int) -> "History":
        """Return a history of nothing."""
        return cls(np.empty((0, latent)), np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.value)

    def add(self, rows: Sequence[Told]) -> "History":
        """Return this history with more at its end."""
        if not rows:
            return self
        return History(
            np.concatenate([self.z, np.array([row.z for row in rows], dtype=np.float64)]),
            np.concatenate([self.value, np.array([row.value for row in rows], dtype=np.float64)]),
            np.concatenate([self.feasible, np.array([row.feasible for row in rows], dtype=bool)]),
            np.concatenate([self.round, np.array([row.round for row in rows], dtype=np.int64)]),
            (*self.how, *(row.how for row in rows)),
            (*self.smiles, *(row.smiles for row in rows)),
        )

    @property
    def usable(self) -> Int[ndarray, " u"]:
        """Rows that have both a place and a value."""
        return np.flatnonzero(np.isfinite(self.value) & np.isfinite(self.z).all(axis=1))

    @property
    def measured(self) -> Int[ndarray, " m"]:
        """Rows that have a value, wherever they lie."""
        return np.flatnonzero(np.isfinite(self.value))

    def best(self, k: int) -> Int[ndarray, " k"]:
        """Return the k best usable rows, feasible ones first, then by value; ties keep their order."""
        return self._by_value(self.usable)[:k]

    def best_measured(self, k: int) -> Int[ndarray, " k"]:
        """Return the k best measured rows in the same order, wherever they lie."""
        return self._by_value(self.measured)[:k]

    def _by_value(self, rows: Int[ndarray, " m"]) -> Int[ndarray, " m"]:
        order = np.lexsort((rows, -self.value[rows], ~self.feasible[rows]))
        return rows[order]

    def improvements(self) -> list[bool]:
        """Say of each round after the start whether it beat everything feasible before it."""
        best, answer = -np.inf, []
        for at in range(int(self.round.max(initial=0)) + 1):
            values = self.value[(self.round == at) & self.feasible & np.isfinite(self.value)]
            top = float(values.max(initial=-np.inf))
            if at > 0:
                answer.append(top > best)
            best = max(best, top)
        return answer
