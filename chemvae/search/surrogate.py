"""Surrogate: a Gaussian process on structures that follows a search, whatever the scale of its objective."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.search.history import History
from chemvae.search.minmax import MinMax
from chemvae.search.process import Belief, Joint, Kernel, Process, Scales

AMPLITUDE = 0.25  # greatest variance of a yes or no
MISLABELLED = 0.1  # noise over amplitude: a molecule may fail by chance
LEAST_CHANCE = 0.01  # nothing is ruled out
FIRST_FIT = 32  # measured molecules from which on scale and hyperparameters change at every doubling alone


class Surrogate:
    """What is expected of molecules after all that was told, in units of its own: `scaled` turns values into them.

    Values that all lie between 0 and 1, as most scores do, are taken as they are, with fixed hyperparameters: fitted to
    few and similar molecules these come out too sure of themselves. Other values are cut off far below, standardised
    and fitted, by the first 32, 64, 128 ... molecules, so that what is expected depends on the history alone and not on
    how often it was followed.
    """

    def __init__(
        self,
        describe: Callable[[list[str]], csr_array],
        *,
        most: int = 4_000,
        of: Callable[[History], Float[ndarray, " n"]] = lambda history: history.value,
        unit: bool = True,
        noise: float = 0.0,
        kernels: Sequence[Callable[[], Kernel]] = (MinMax,),
    ):
        """Store the parts.

        Args:
            describe: molecules as rows of counts.
            most: how many molecules the process reasons from.
            of: what of a history it follows, a number a row; NaN is left out.
            unit: whether values between 0 and 1 are taken as they are; if not, they are treated as others.
            noise: standard deviation of a measurement repeated, for values taken as they are; it is fitted to others.
            kernels: how alike described molecules are; with several, the likeliest of them.
        """
        self.describe, self.most, self.of, self.unit, self.noise = describe, most, of, unit, noise
        self.kernels = kernels
        self._told: tuple[str, ...] = ()
        self._begin(np.empty(0))

    def follow(self, history: History) -> None:
        """Take in what was told since; begin again if this is another history, or if the scale no longer fits."""
        values = self.of(history)
        rows = np.flatnonzero(np.isfinite(values))
        new = rows[rows >= len(self._told)]
        begun = history.smiles[: len(self._told)] == self._told
        self._told = history.smiles
        if not begun or not self._suits(values[new], len(rows)):
            self._begin(values[rows])
            new = rows[self._fitted :]
            self._add(history, values, rows[: self._fitted])
            if not self._unit:
                self._process.fit()
        self._add(history, values, new)

    def scaled(self, values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return values in the units of the process."""
        return (np.maximum(values, self._least) - self._middle) / self._spread

    def height(self, values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return how far values lie above what is expected where nothing is known, in its standard deviations."""
        scales = self._process.scales
        return (self.scaled(values) - scales.mean) / np.sqrt(scales.amplitude)

    def belief(self, smiles: Sequence[str]) -> Belief:
        """Return what is expected of molecules, each by itself."""
        return self.belief_of(self.describe(list(smiles)))

    def belief_of(self, counts: csr_array) -> Belief:
        """Return the same of molecules that are described already."""
        return self._process.belief(counts)

    def joint(self, smiles: Sequence[str]) -> Joint:
        """Return what is expected of molecules together."""
        return self.joint_of(self.describe(list(smiles)))

    def joint_of(self, counts: csr_array) -> Joint:
        """Return the same of molecules that are described already."""
        return self._process.joint(counts)

    def _suits(self, new: Float[ndarray, " b"], n: int) -> bool:
        return _in_unit(new) if self._unit else first_of(n) == self._fitted

    def _add(self, history: History, values: Float[ndarray, " n"], rows: Int[ndarray, " b"]) -> None:
        self._process.add(self.describe([history.smiles[row] for row in rows]), self.scaled(values[rows]))

    def _begin(self, values: Float[ndarray, " n"]) -> None:
        """Find the scale of some values, and know nothing yet."""
        noise = max(self.noise**2, Scales().noise)
        self._process = Process(Scales(noise=noise), most=self.most, kernels=self.kernels)
        self._unit, self._fitted = self.unit and _in_unit(values), first_of(len(values))
        self._least, self._middle, self._spread = -np.inf, 0.0, 1.0
        if not self._unit:
            early = values[: self._fitted] if len(values) else np.zeros(1)
            low, middle, high = np.quantile(early, [0.05, 0.5, 0.95])
            self._least = float(middle - 2.0 * (high - low))
            cut = np.maximum(early, self._least)
            self._middle, self._spread = float(cut.mean()), float(cut.std()) or 1.0


class Success:
    """The chance that the oracle gives a number: a process on 1 and 0 with the kernel of the others.

    Until one molecule has failed there is nothing to learn. What is expected where nothing is known is the share of
    successes so far.
    """

    def __init__(
        self,
        describe: Callable[[list[str]], csr_array],
        *,
        most: int = 4_000,
        kernels: Sequence[Callable[[], Kernel]] = (MinMax,),
    ):
        """Store the parts; `most` is how many molecules the process reasons from."""
        self.describe, self.most, self.kernels = describe, most, kernels
        self._told: tuple[str, ...] = ()
        self._process: Process | None = None

    @property
    def in_question(self) -> bool:
        """Whether anything has failed."""
        return self._process is not None

    def follow(self, history: History) -> None:
        """Take in what was told since; begin again if this is another history."""
        fine = np.isfinite(history.value)
        if history.smiles[: len(self._told)] != self._told:
            self._told, self._process = (), None
        if fine.all():
            return
        mean = float((fine.sum() + 1) / (len(fine) + 2))
        if self._process is None:
            self._told, self._process = (), Process(most=self.most, kernels=self.kernels)
            self._process.scales = Scales(mean=mean, amplitude=AMPLITUDE, noise=MISLABELLED * AMPLITUDE)
        new = np.arange(len(self._told), len(history))
        self._process.expect(mean)
        self._process.add(self.describe([history.smiles[row] for row in new]), fine[new].astype(np.float64))
        self._told = history.smiles

    def log_chance_of(self, counts: csr_array) -> Float[ndarray, " m"]:
        """Return the logarithm of the chance of each molecule that is described already."""
        if self._process is None:
            return np.zeros(counts.shape[0])
        return np.log(np.clip(self._process.mean(counts), LEAST_CHANCE, 1.0))


def first_of(n: int) -> int:
    """Return how many of n measured molecules decide on the scale: all, or from 32 on a power of two."""
    return n if n < FIRST_FIT else 1 << (n.bit_length() - 1)


def _in_unit(values: Float[ndarray, " n"]) -> bool:
    return bool(((values >= 0.0) & (values <= 1.0)).all())
