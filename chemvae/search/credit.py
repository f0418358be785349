"""Credit: how the moves of a search share the proposals, by how often each has led to one of the best."""

from collections.abc import Sequence

import numpy as np

from chemvae.search.front import entrants
from chemvae.search.history import History

RECENT = 500  # measured molecules that count
AMONG = 10  # a molecule wins if it would have stood among so many best of the rounds before it
FLOOR = 0.02  # every move keeps at least this share, or it could never show that it has become useful


def shares(history: History, moves: Sequence[str], weights: Sequence[float] | None = None) -> dict[str, float]:
    """Return each move's share: its wins + 1 times its weight, or a fiftieth; none if the weight is 0.

    A child is measured only if it stood out among all that were bred, so wins are counted by themselves and not by the
    calls that a move had: one whose children never stand out would else seem untried.
    """
    won = wins(history)
    how, last = np.array(history.how), max(len(history) - RECENT, 0)
    heights = []
    for move, weight in zip(moves, weights or [1.0] * len(moves), strict=True):
        tried = np.flatnonzero(how[last:] == move) + last if len(how) else np.empty(0, dtype=np.int64)
        heights.append(weight * (won[tried].sum() + 1.0))
    total = sum(heights) or 1.0
    raised = [max(height / total, FLOOR) if height else 0.0 for height in heights]
    return {move: height / (sum(raised) or 1.0) for move, height in zip(moves, raised, strict=True)}


def wins(history: History) -> np.ndarray:
    """Say of each measured molecule whether it would have stood among the ten best of the rounds before it.

    With several objectives: whether it would have stood on the front of the rounds before it.
    """
    if history.several:
        good = history.feasible & np.isfinite(history.value)
        return entrants(history.outcomes, good, history.round) & (history.round > 0)
    won = np.zeros(len(history), dtype=bool)
    good = history.feasible & np.isfinite(history.value)
    best = np.empty(0)
    for at in np.unique(history.round):
        rows = np.flatnonzero((history.round == at) & good)
        bar = best[0] if len(best) == AMONG else -np.inf
        won[rows] = (history.value[rows] > bar) & (at > 0)
        best = np.sort(np.concatenate([best, history.value[rows]]))[-AMONG:]
    return won
