"""Process: a Gaussian process on what describes molecules, counts of substructures above all; it grows as they come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array, vstack

from chemvae.errors import ConfigError, InputError
from chemvae.search.cholesky import TILE, Cholesky
from chemvae.search.minmax import MinMax

LEAST_RATIO = 1e-4  # noise over amplitude; below it, molecules with equal counts make the matrix singular
RATIOS = np.geomspace(LEAST_RATIO, 1.0, 49)
RATIO_PRIOR = (-4.0, 2.0)  # of its logarithm: a weak wish for little noise
FIT_TO = 1000  # most molecules whose likelihood is looked at
CHUNK = 1024  # candidates at a time, which bounds the memory


@dataclass(frozen=True, kw_only=True)
class Scales:
    """The hyperparameters; the defaults suit scores between 0 and 1 and are best left alone for them."""

    mean: float = 0.0
    """what is expected where nothing is known"""
    amplitude: float = 1.0
    """variance of the values around it, if nothing was measured"""
    noise: float = 1e-4
    """variance of a measurement repeated"""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and 0.0 < self.amplitude < np.inf and 0.0 <= self.noise < np.inf):
            raise ConfigError(f"Expected a finite mean and positive variances, but got {self}. Fit them to values.")

    @property
    def ratio(self) -> float:
        """Noise over amplitude, the only one that the factor depends on."""
        return max(self.noise / self.amplitude, LEAST_RATIO)


@dataclass(frozen=True)
class Belief:
    """What the process expects of m molecules, each by itself."""

    mean: Float[ndarray, " m"]
    std: Float[ndarray, " m"]
    """of the value itself, without the noise of measuring it"""


@dataclass(frozen=True)
class Joint:
    """What the process expects of m molecules together."""

    mean: Float[ndarray, " m"]
    covariance: Float[ndarray, "m m"]
    noise: float
    """variance of measuring"""


class Kernel(Protocol):
    """How alike molecules are: 1 for the same, 0 where nothing is shared; it remembers those it was given."""

    def add(self, described: csr_array) -> None:
        """Remember more rows."""
        ...

    def against(self, described: csr_array, dtype: type = np.float32) -> Float[ndarray, "m n"]:
        """Return the similarity of each of some rows to each that is remembered."""
        ...

    def within(self, described: csr_array) -> Float[ndarray, "n n"]:
        """Return the similarities of some rows among each other."""
        ...


class Process:
    """Exact regression; a new batch costs a solve, not a factorisation.

    Beyond `most` molecules it goes on with three quarters as many of them: the best half, the latest quarter, and of
    the others every so-many-th. It then grows again, so that this is paid for once in many batches. Everything that was
    added stays known and may come back.
    """

    scales: Scales
    """the hyperparameters in use"""

    def __init__(
        self,
        scales: Scales | None = None,
        *,
        most: int = 4_000,
        kernels: Sequence[Callable[[], Kernel]] = (MinMax,),
    ):
        """Store the parts.

        Args:
            scales: hyperparameters; `fit` finds others.
            kernels: the first is in use until `fit` finds which of them is likeliest.
            most: most molecules to reason from. 4,000 take 0.1 GB and 10,000 take 0.5 GB.
        """
        if most < 4:  # noqa: PLR2004
            raise ConfigError(f"Expected at least 4 molecules to reason from, but got {most}. Leave it out.")
        self.scales, self.most = scales or Scales(), most
        self.values = np.empty(0)
        self.rows = np.empty(0, dtype=np.int64)
        self._counts: list[csr_array] = []
        self._weights: ndarray | None = None
        self._kernels, self._new_kernel = kernels, kernels[0]
        self._begin_again()

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, counts: csr_array, values: Float[ndarray, " b"]) -> None:
        """Take in measured molecules.

        Raises:
            InputError: there is not one finite value for each row.
        """
        if counts.shape[0] != len(values) or not np.isfinite(values).all():
            raise InputError(
                f"Expected a finite value for each of {counts.shape[0]} molecules, but got {len(values)} of which "
                f"{int(np.isfinite(values).sum())} are finite. Leave failures out."
            )
        if not len(values):
            return
        new = np.arange(len(values)) + len(self.values)
        self.values = np.concatenate([self.values, values])
        self._counts.append(counts)
        if len(self.rows) + len(new) > self.most:
            self._rebuild(self._kept())
        else:
            self._extend(new, counts)

    def fit(self) -> Scales:
        """Set kernel and hyperparameters by their likelihood; the factor is built anew if need be."""
        if not len(self):
            return self.scales
        rows = self.rows[np.unique(np.linspace(0, len(self) - 1, min(len(self), FIT_TO)).astype(np.int64))]
        before = self.scales.ratio, self._new_kernel
        described = self._take(rows)
        found = [(*likely(kernel().within(described), self.values[rows]), kernel) for kernel in self._kernels]
        _, self.scales, self._new_kernel = max(found, key=lambda one: one[0])
        self._weights = None
        if (self.scales.ratio, self._new_kernel) != before:
            self._rebuild(self.rows)
        return self.scales

    def expect(self, mean: float) -> None:
        """Set what is expected where nothing is known; nothing is factored again."""
        self.scales = replace(self.scales, mean=mean)
        self._weights = None

    def mean(self, counts: csr_array) -> Float[ndarray, " m"]:
        """Return what is expected of molecules, which is much cheaper than to say how surely."""
        return self._mean(self._kernel.against(counts))

    def belief(self, counts: csr_array) -> Belief:
        """Return what is expected of molecules, each by itself."""
        parts = [self._belief(counts[first : first + CHUNK]) for first in range(0, counts.shape[0], CHUNK)]
        empty = [np.empty(0)]
        return Belief(
            np.concatenate([part.mean for part in parts] or empty),
            np.concatenate([part.std for part in parts] or empty),
        )

    def joint(self, counts: csr_array) -> Joint:
        """Return what is expected of molecules together; for a few hundred."""
        cross = self._kernel.against(counts, np.float64)  # m x n
        reduced = self._factor.solve(cross.T)  # n x m
        covariance = self.scales.amplitude * (self._kernel.within(counts) - reduced.T @ reduced)
        return Joint(self._mean(cross), covariance, self.scales.ratio * self.scales.amplitude)

    def _belief(self, counts: csr_array) -> Belief:
        cross = self._kernel.against(counts)  # m x n
        reduced = self._factor.solve(cross.T)  # n x m
        left = np.maximum(1.0 - np.einsum("nm,nm->m", reduced, reduced), 0.0)
        return Belief(self._mean(cross), np.sqrt(self.scales.amplitude * left.astype(np.float64)))

    def _mean(self, cross: Float[ndarray, "m n"]) -> Float[ndarray, " m"]:
        weights = self._weights
        if weights is None:
            weights = self._factor.solve_back(self._factor.solve(self.values[self.rows] - self.scales.mean))
            self._weights = weights
        return self.scales.mean + (cross @ weights.astype(cross.dtype)).astype(np.float64)

    def _begin_again(self) -> None:
        self.rows = np.empty(0, dtype=np.int64)
        self._kernel, self._factor = self._new_kernel(), Cholesky()
        self._weights = None

    def _grow(self, rows: Int[ndarray, " b"], counts: csr_array) -> None:
        corner = self._kernel.within(counts) + self.scales.ratio * np.eye(len(rows))
        np.fill_diagonal(corner, 1.0 + self.scales.ratio)
        self._factor.grow(self._kernel.against(counts, np.float64).T, corner)
        self._kernel.add(counts)
        self.rows = np.concatenate([self.rows, rows])
        self._weights = None

    def _rebuild(self, rows: Int[ndarray, " n"]) -> None:
        """Factor some rows from scratch."""
        self._begin_again()
        self._extend(rows, self._take(rows))

    def _extend(self, rows: Int[ndarray, " n"], counts: csr_array) -> None:
        """Append rows, so many at a time as the factor keeps together."""
        for first in range(0, len(rows), TILE):
            some = np.arange(first, min(first + TILE, len(rows)))
            self._grow(rows[some], counts[some])

    def _take(self, rows: Int[ndarray, " n"]) -> csr_array:
        self._counts = [csr_array(vstack(self._counts))]
        return self._counts[0][rows]

    def _kept(self) -> Int[ndarray, " n"]:
        """Return which rows to go on with: the best, the latest, and some others."""
        n, most = len(self.values), self.most * 3 // 4
        best = np.argsort(-self.values, kind="stable")[: most // 2]
        kept = np.union1d(best, np.arange(n - most // 4, n))
        others = np.setdiff1d(np.arange(n), kept)
        spread = np.unique(np.linspace(0, len(others) - 1, most - len(kept)).astype(np.int64))
        return np.union1d(kept, others[spread])


def likely(similarity: Float[ndarray, "n n"], values: Float[ndarray, " n"]) -> tuple[float, Scales]:
    """Return the greatest log likelihood and its hyperparameters; mean and amplitude follow from the share of noise.

    The amplitude is at least the variance of the values: molecules that are all alike would else give so narrow a
    process that nothing new is ever tried.
    """
    variance = float(values.var())
    if variance == 0.0:
        return 0.0, Scales(mean=float(values.mean()))
    roots, turn = np.linalg.eigh(similarity)
    y, ones = turn.T @ values, turn.T @ np.ones(len(values))
    found: list[tuple[float, Scales]] = []
    for ratio in RATIOS:
        weight = 1.0 / (np.maximum(roots, 0.0) + ratio)
        mean = float((ones * weight * y).sum() / (ones * weight * ones).sum())
        amplitude = max(float(((y - mean * ones) ** 2 * weight).mean()), variance)
        misfit = float(((y - mean * ones) ** 2 * weight).sum()) / amplitude
        log_likelihood = -0.5 * (misfit + len(values) * np.log(amplitude) - np.log(weight).sum())
        wish = -0.5 * ((np.log(ratio) - RATIO_PRIOR[0]) / RATIO_PRIOR[1]) ** 2
        found.append((log_likelihood + wish, Scales(mean=mean, amplitude=amplitude, noise=float(ratio) * amplitude)))
    return max(found, key=lambda one: one[0])
