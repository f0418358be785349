"""Pareto fronts: which molecules no other surpasses in everything, how they rank, and the volume they dominate."""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from chemvae.search.with_botorch import hypervolume, non_dominated

FIRST = 50  # measured molecules by which the reference point is set if nobody gave one
MARGIN = 0.1  # of their range that it lies below the worst of them


def inferred_reference(values: Float[ndarray, "n m"]) -> Float[ndarray, " m"]:
    """Return what an outcome must exceed to count: a tenth of the range below the worst of the first molecules."""
    first = values[:FIRST]
    low, high = first.min(axis=0), first.max(axis=0)
    return low - MARGIN * np.where(high > low, high - low, 1.0)


def ranks(values: Float[ndarray, "n m"], most: int | None = None) -> Int[ndarray, " n"]:
    """Return 1 for the front, 2 for the front of the others, and so on; once `most` have one, the others are last."""
    found = np.zeros(len(values), dtype=np.int64)
    left, at = np.arange(len(values)), 0
    while len(left):
        at += 1
        enough = most is not None and len(values) - len(left) >= most
        front = np.ones(len(left), dtype=bool) if enough else non_dominated(values[left])
        found[left[front]] = at
        left = left[~front]
    return found


def crowding(values: Float[ndarray, "n m"]) -> Float[ndarray, " n"]:
    """Return how far apart the two neighbours of each row lie, summed over shares of the ranges; infinite at an end.

    This is the crowding distance of NSGA-II (Deb et al., IEEE Trans. Evol. Comput. 6, 2002), for the rows of one front.
    """
    distance = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        distance[order[[0, -1]]] = np.inf
        if span > 0.0:
            distance[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return distance


def by_rank_and_crowding(values: Float[ndarray, "n m"], most: int | None = None) -> Int[ndarray, " n"]:
    """Return rows by front, the least crowded first within each; ties keep their order."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    rank = ranks(values, most)
    apart = np.zeros(len(values))
    for at in np.unique(rank):
        apart[rank == at] = crowding(values[rank == at])
    return np.lexsort((np.arange(len(values)), -apart, rank))


def contributions(front: Float[ndarray, "n m"], reference: Float[ndarray, " m"]) -> Float[ndarray, " n"]:
    """Return how much of the volume each row of a front dominates alone: what would be lost without it."""
    own = np.zeros(len(front))
    for row, point in enumerate(front):
        if (point > reference).all():
            shared = np.minimum(np.delete(front, row, axis=0), point)
            own[row] = float(np.prod(point - reference)) - hypervolume(shared, reference)
    return np.maximum(own, 0.0)


def entrants(
    values: Float[ndarray, "n m"], counts: Bool[ndarray, " n"], groups: Int[ndarray, " n"]
) -> Bool[ndarray, " n"]:
    """Say of each row that counts whether nothing in the groups before its own is at least as good in everything."""
    entered = np.zeros(len(values), dtype=bool)
    front = np.empty((0, values.shape[1]))
    for at in np.unique(groups):
        rows = np.flatnonzero((groups == at) & counts)
        new = values[rows]
        matched: Bool[ndarray, "b f"] = np.all(front[None] >= new[:, None], axis=2)
        entered[rows] = ~matched.any(axis=1)
        both = np.concatenate([front, new[entered[rows]]])
        front = both[non_dominated(both)] if len(both) else both
    return entered


def volume_trace(
    values: Float[ndarray, "n m"], counts: Bool[ndarray, " n"], reference: Float[ndarray, " m"]
) -> Float[ndarray, " n"]:
    """Return the volume that the rows so far dominate, after each row; rows that do not count change nothing."""
    entered = entrants(values, counts, np.arange(len(values)))
    front, volume = np.empty((0, values.shape[1])), 0.0
    trace = np.zeros(len(values))
    for row in range(len(values)):
        if entered[row] and (values[row] > reference).all():
            shared = np.minimum(front, values[row])
            volume += float(np.prod(values[row] - reference)) - hypervolume(shared, reference)
            front = np.concatenate([front, values[row : row + 1]])
            front = front[non_dominated(front)]
        trace[row] = volume
    return trace
