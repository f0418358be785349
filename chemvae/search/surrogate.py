"""Surrogate: a Gaussian process on structures that follows a search, whatever the scale of its objective."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.search.history import History
from chemvae.search.tanimoto_gp import Belief, Joint, Scales, TanimotoGP

FIRST_FIT = 32  # measured molecules after which hyperparameters are fitted for the second time; then at every doubling


class Surrogate:
    """What is expected of molecules after all that was told, in units of its own: `scaled` turns values into them.

    Values that all lie between 0 and 1, as most scores do, are taken as they are, with fixed hyperparameters: fitted to
    few and similar molecules these come out too sure of themselves. Other values are cut off far below, standardised
    and fitted, now and then.
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
            new = rows
        self._process.add(self._counts(history, new), self.scaled(history.value[new]))
        if len(new) == len(rows) and not self._unit:
            self._process.fit()

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
        return _in_unit(new) if self._unit else n < self._again

    def _counts(self, history: History, rows: Int[ndarray, " b"]) -> csr_array:
        return self.describe([history.smiles[row] for row in rows])

    def _begin(self, values: Float[ndarray, " n"]) -> None:
        """Find the scale of some values, and know nothing yet."""
        self._process = TanimotoGP(Scales(), most=self.most)
        self._unit, self._again = _in_unit(values), max(2 * len(values), FIRST_FIT)
        self._least, self._middle, self._spread = -np.inf, 0.0, 1.0
        if not self._unit:
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            self._least = float(middle - 2.0 * (high - low))
            cut = np.maximum(values, self._least)
            self._middle, self._spread = float(cut.mean()), float(cut.std()) or 1.0


def _in_unit(values: Float[ndarray, " n"]) -> bool:
    return bool(((values >= 0.0) & (values <= 1.0)).all())
