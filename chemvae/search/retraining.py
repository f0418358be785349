"""Lineage: the space that a search proposes from, of a model that is taught again after every so many calls."""

import dataclasses
import zlib

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.search.history import History
from chemvae.search.space import Space

GREED = 0.05  # k of the weight 1 / (k n + rank) (Tripp et al., 2020); a smaller one teaches little but the very best
BEST, LAST = 1000, 200  # of what was measured, so many are taught
OFF = {"least": 0}
"""Of a setting that may be 0, which turns something off."""
FEWEST = 8  # measured molecules below which there is nothing to teach


class Lineage:
    """Spaces of a model and of what became of it: each generation is taught by the first so many calls of a history.

    Which calls teach which generation depends on the history and on nothing else, so that a search that is resumed,
    or asked twice, proposes from the same space. Molecules keep the place that the first model gave them: a
    surrogate on z sees one space throughout, and only proposals come from the newest one.
    """

    def __init__(self, every: int):
        """Store after how many calls a model is taught again; 0 for never."""
        self.every = every
        self._first: Space | None = None
        self._taught: list[tuple[tuple[tuple[str, ...], bytes], Space]] = []

    def newest(self, space: Space, history: History) -> Space:
        """Return the space to propose from now; the given one while nothing was taught."""
        if not self.every or space.retrain is None:
            return space
        if space is not self._first:
            self._first, self._taught = space, []
        for generation in range(1, len(history) // self.every + 1):
            n = generation * self.every
            told = history.smiles[:n], history.value[:n].tobytes()
            if len(self._taught) < generation or self._taught[generation - 1][0] != told:
                del self._taught[generation - 1 :]
                before = self._taught[-1][1] if self._taught else space
                self._taught.append((told, taught(before, history, n)))
        return self._taught[len(history) // self.every - 1][1] if len(history) >= self.every else space


def taught(space: Space, history: History, n: int) -> Space:
    """Return the space of a model that saw the molecules of the first n calls again, the better the oftener."""
    rows = lessons(history, n)
    if space.retrain is None or len(rows) < FEWEST:
        return space
    smiles = [history.smiles[row] for row in rows]
    seed = zlib.crc32(" ".join(history.smiles[:n]).encode())
    return dataclasses.replace(space.retrain(smiles, weights(len(rows)), seed), allows=space.allows)


def lessons(history: History, n: int) -> Int[ndarray, " m"]:
    """Return the rows to teach of the first n: the best of them and the latest, best first."""
    order = history.first(n).best_measured(n)
    late = np.sort(order)[-LAST:]
    return np.concatenate([order[:BEST], [row for row in order[BEST:] if row in late]]).astype(np.int64)


def weights(n: int) -> Float[ndarray, " n"]:
    """Return how often each of n molecules, best first, is shown: 1 / (k n + rank), together 1."""
    heights = 1.0 / (GREED * n + np.arange(1, n + 1))
    return heights / heights.sum()
