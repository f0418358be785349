"""MinMax: the count-Tanimoto similarity, sum of minima over sum of maxima, of sparse rows of counts.

A count of 3 is the set of "at least 1", "at least 2", "at least 3". Written so, the sum of minima is the size of what
two sets share, and one product of sparse by dense 16-bit rows gives it for many pairs, several times faster than a
dense product of floats.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

LEVELS = 256  # a count above this counts as this
BLOCK = 1024  # remembered rows in one product: so many stay in the processor's cache


@dataclass(frozen=True)
class Sets:
    """Rows of counts as sets of (feature, at least so many)."""

    members: Int[ndarray, " total"]
    """feature * LEVELS + level, row after row"""
    sizes: Int[ndarray, " n"]
    """members of each row: the sum of its counts"""

    def __len__(self) -> int:
        return len(self.sizes)

    def among(self, known: Int[ndarray, " c"]) -> csr_array:
        """Return the sets as 0-1 rows over sorted known members; others are left out."""
        columns = np.minimum(np.searchsorted(known, self.members), max(len(known) - 1, 0))
        there = known[columns] == self.members if len(known) else np.zeros(len(self.members), dtype=bool)
        ends = np.concatenate([[0], np.cumsum(there)])[np.concatenate([[0], np.cumsum(self.sizes)])]
        return csr_array(
            (np.ones(int(there.sum()), dtype=np.int16), columns[there], ends), shape=(len(self), len(known))
        )

    def take(self, rows: Int[ndarray, " k"]) -> "Sets":
        """Return some rows."""
        starts = np.cumsum(self.sizes) - self.sizes
        return Sets(self.members[runs(starts[rows], self.sizes[rows])], self.sizes[rows])


def sets_of(counts: csr_array) -> Sets:
    """Return rows of counts, whole numbers of at least 0, as sets."""
    times = np.minimum(np.asarray(counts.data), LEVELS).astype(np.int64)
    starts = np.asarray(counts.indices, dtype=np.int64) * LEVELS
    before = np.concatenate([[0], np.cumsum(times)])[np.asarray(counts.indptr)]
    return Sets(runs(starts, times), np.diff(before))


def runs(starts: Int[ndarray, " n"], lengths: Int[ndarray, " n"]) -> Int[ndarray, " total"]:
    """Return start, start + 1, ... for each start, so many as its length says, end to end."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def joined(parts: list[Sets]) -> Sets:
    """Return the rows of all parts in one."""
    return Sets(np.concatenate([part.members for part in parts]), np.concatenate([part.sizes for part in parts]))


def similarity(
    shared: Int[ndarray, "n m"], left: Int[ndarray, " n"], right: Int[ndarray, " m"], dtype: type
) -> Float[ndarray, "n m"]:
    """Return shared / (left + right - shared); 0 where both are empty."""
    right = right.astype(dtype)
    answer: ndarray = np.empty(shared.shape, dtype=dtype)
    for row, size in enumerate(left.tolist()):  # a row at a time stays in the cache, which is several times faster
        both = shared[row].astype(dtype)
        np.divide(both, np.maximum(right + size - both, 1.0), out=answer[row])
    return answer


def within(described: csr_array) -> Float[ndarray, "n n"]:
    """Return the similarities of some rows of counts among each other, in full precision."""
    sets = sets_of(described)
    rows = sets.among(np.unique(sets.members))
    return similarity(rows @ np.ascontiguousarray(rows.toarray().T), sets.sizes, sets.sizes, np.float64)


class MinMax:
    """Remembered rows, ready to be compared with many others; 2 bytes for each row and each member of its block."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.sizes = np.empty(0, dtype=np.int64)
        self._blocks: list[ndarray] = []  # each members x up to BLOCK rows
        self._members: list[ndarray] = []  # those of the rows in each block, sorted

    def __len__(self) -> int:
        return len(self.sizes)

    @staticmethod
    def within(described: csr_array) -> Float[ndarray, "n n"]:
        """Return the similarities of some rows among each other, in full precision."""
        return within(described)

    def add(self, described: csr_array) -> None:
        """Remember more rows of counts."""
        sets = sets_of(described)
        for first in range(0, len(sets), BLOCK):
            self._add(sets.take(np.arange(first, min(first + BLOCK, len(sets)))))

    def _add(self, sets: Sets) -> None:
        """Fill the last block up, or begin another; a block knows the members of its own rows alone."""
        self.sizes = np.concatenate([self.sizes, sets.sizes])
        if self._blocks and self._blocks[-1].shape[1] + len(sets) <= BLOCK:
            before, columns = self._blocks.pop(), self._members.pop()
        else:
            before, columns = np.empty((0, 0), dtype=np.int16), np.empty(0, dtype=np.int64)
        known = np.union1d(columns, sets.members)
        block = np.zeros((len(known), before.shape[1] + len(sets)), dtype=np.int16)
        block[np.searchsorted(known, columns), : before.shape[1]] = before
        block[:, before.shape[1] :] = sets.among(known).toarray().T
        self._blocks.append(block)
        self._members.append(known)

    def against(self, described: csr_array, dtype: type = np.float32) -> Float[ndarray, "m n"]:
        """Return the similarity of each of some rows to each that is remembered."""
        sets = sets_of(described)
        answer: ndarray = np.empty((len(sets), len(self)), dtype=dtype)
        first = 0
        for block, known in zip(self._blocks, self._members, strict=True):
            last = first + block.shape[1]
            answer[:, first:last] = similarity(sets.among(known) @ block, sets.sizes, self.sizes[first:last], dtype)
            first = last
        return answer
