"""Surrogate: a Gaussian process on structures that follows a search, whatever the scale of its objective."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.search.history import History
from chemvae.search.tanimoto_gp import Belief, Joint, Scales, TanimotoGP

FIRST_FIT = 32  # measured molecules from which on scale and hyperparameters change at every doubling alone


class Surrogate:
    """What is expected of molecules after all that was told, in units of its own: `scaled` turns values into them.

    Values that all lie between 0 and 1, as most scores do, are taken as they are, with fixed hyperparameters: fitted to
    few and similar molecules these come out too sure of themselves. Other values are cut off far below, standardised
    and fitted, by the first 32, 64, 128 ... molecules, so that what is expected depends on the history alone and not on
    how often it was followed.
    """

    def __init__(self, describe: Callable[[list[str]], csr_array], *, most: int = 10_000):
        """Store the parts; `most` is how many molecules the process reasons from."""
        self.describe, self.most = describe, most
        self._told: tuple[str, ...] = ()
        self._begin(np.empty(0))

    def follow(self, history: History) -> None:
        """Take in what was told since; begin again if this is another history, or if the scale no longer fits."""
        rows = history.measured
        new = rows[rows >= len(self._told)]
        begun = history.smiles[: len(self._told)] == self._told
        self._told = history.smiles
        if not begun or not self._suits(history.value[new], len(rows)):
            self._begin(history.value[rows])
            new = rows[self._fitted :]
            self._add(history, rows[: self._fitted])
            if not self._unit:
                self._process.fit()
        self._add(history, new)

    def scaled(self, values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return values in the units of the process."""
        return (np.maximum(values, self._least) - self._middle) / self._spread

    def belief(self, smiles: Sequence[str]) -> Belief:
        """Return what is expected of molecules, each by itself."""
        return self._process.belief(self.describe(list(smiles)))

    def joint(self, smiles: Sequence[str]) -> Joint:
        """Return what is expected of molecules together."""
        return self._process.joint(self.describe(list(smiles)))

    def _suits(self, new: Float[ndarray, " b"], n: int) -> bool:
        return _in_unit(new) if self._unit else first_of(n) == self._fitted

    def _add(self, history: History, rows: Int[ndarray, " b"]) -> None:
        self._process.add(self.describe([history.smiles[row] for row in rows]), self.scaled(history.value[rows]))

    def _begin(self, values: Float[ndarray, " n"]) -> None:
        """Find the scale of some values, and know nothing yet."""
        self._process = TanimotoGP(Scales(), most=self.most)
        self._unit, self._fitted = _in_unit(values), first_of(len(values))
        self._least, self._middle, self._spread = -np.inf, 0.0, 1.0
        if not self._unit:
            early = values[: self._fitted]
            low, middle, high = np.quantile(early, [0.05, 0.5, 0.95])
            self._least = float(middle - 2.0 * (high - low))
            cut = np.maximum(early, self._least)
            self._middle, self._spread = float(cut.mean()), float(cut.std()) or 1.0


def first_of(n: int) -> int:
    """Return how many of n measured molecules decide on the scale: all, or from 32 on a power of two."""
    return n if n < FIRST_FIT else 1 << (n.bit_length() - 1)


def _in_unit(values: Float[ndarray, " n"]) -> bool:
    return bool(((values >= 0.0) & (values <= 1.0)).all())
