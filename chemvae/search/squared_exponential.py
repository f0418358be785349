"""SquaredExponential: the similarity of points in latent space, which falls with their distance."""

from functools import partial

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

LENGTHS = (0.25, 0.5, 1.0)
"""Times the root of the number of dimensions, in standard deviations of the prior: those that a likelihood is asked of.
Two points of the prior lie 1.4 apart in these units."""


class SquaredExponential:
    """Remembered points, ready to be compared with others: exp(-d^2 / (2 length^2)).

    A point that is unknown, a row with NaN, is like itself and no other.
    """

    def __init__(self, length: float) -> None:
        """Remember nothing yet.

        Args:
            length: distance in which a property changes, for each dimension the root of their number times as far.
        """
        self.length = length
        self._points: list[ndarray] = []

    def __len__(self) -> int:
        return sum(map(len, self._points))

    def add(self, described: csr_array) -> None:
        """Remember more points."""
        self._points.append(described.toarray())

    def against(self, described: csr_array, dtype: type = np.float32) -> Float[ndarray, "m n"]:
        """Return the similarity of each of some points to each that is remembered."""
        points = described.toarray()
        if not self._points:
            return np.empty((len(points), 0), dtype=dtype)
        self._points = [np.concatenate(self._points)]
        return self._similarity(points, self._points[0]).astype(dtype)

    def within(self, described: csr_array) -> Float[ndarray, "n n"]:
        """Return the similarities of some points among each other."""
        points = described.toarray()
        answer = self._similarity(points, points)
        np.fill_diagonal(answer, 1.0)
        return answer

    def _similarity(self, left: Float[ndarray, "m d"], right: Float[ndarray, "n d"]) -> Float[ndarray, "m n"]:
        squares = cdist(left, right, "sqeuclidean") / (left.shape[1] * self.length**2)
        return np.nan_to_num(np.exp(-0.5 * squares), nan=0.0)


KERNELS = tuple(partial(SquaredExponential, length) for length in LENGTHS)
"""Out of which a fitted process takes the likeliest."""
