"""Cholesky: the factor of a growing symmetric matrix; new rows are appended, and nothing is ever factored again."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.linalg import cholesky, solve_triangular

TILE = 256  # rows kept together: large enough for fast products, small enough that appending copies little


class Cholesky:
    """Lower triangular L with L L' the matrix; kept as strips of rows, so that half of the square is never stored."""

    def __init__(self) -> None:
        """Factor the matrix of no rows."""
        self._strips: list[ndarray] = []  # each rows x (columns up to its own diagonal)

    def __len__(self) -> int:
        return self._strips[-1].shape[1] if self._strips else 0

    def grow(self, cross: Float[ndarray, "n b"], corner: Float[ndarray, "b b"]) -> None:
        """Append b rows and columns: `cross` against the n before them, `corner` among themselves.

        Raises:
            LinAlgError: the matrix would no longer be positive definite.
        """
        reduced = self.solve(cross)  # n x b
        factor = cholesky(corner - reduced.T @ reduced, lower=True)
        strip = np.concatenate([reduced.T, factor], axis=1)
        if self._strips and len(self._strips[-1]) + len(strip) <= TILE:
            last = self._strips.pop()
            room = np.zeros((len(last), len(strip)))
            strip = np.concatenate([np.concatenate([last, room], axis=1), strip])
        self._strips.append(strip)

    def solve(self, right: Float[ndarray, "n ..."]) -> Float[ndarray, "n ..."]:
        """Return L^-1 times the right side, in the right side's precision: the single one takes half the time."""
        answer = right.copy(order="K")
        for exact in self._strips:
            strip = exact.astype(right.dtype, copy=False)
            first, last = strip.shape[1] - len(strip), strip.shape[1]
            answer[first:last] -= strip[:, :first] @ answer[:first]
            answer[first:last] = solve_triangular(strip[:, first:], answer[first:last], lower=True, check_finite=False)
        return answer

    def solve_back(self, right: Float[ndarray, "n ..."]) -> Float[ndarray, "n ..."]:
        """Return L'^-1 times the right side."""
        answer = right.copy(order="K")
        for strip in reversed(self._strips):
            first, last = strip.shape[1] - len(strip), strip.shape[1]
            answer[first:last] = solve_triangular(
                strip[:, first:], answer[first:last], lower=True, trans="T", check_finite=False
            )
            answer[:first] -= strip[:, :first].T @ answer[first:last]
        return answer

    @property
    def log_determinant(self) -> float:
        """Of the matrix."""
        return float(
            sum(2.0 * np.log(np.diag(strip[:, strip.shape[1] - len(strip) :])).sum() for strip in self._strips)
        )
