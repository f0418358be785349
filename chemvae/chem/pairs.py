"""Byte-pair merges: frequent pairs of tokens become tokens (SMILES pair encoding, Li and Fourches, 2021)."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from chemvae.errors import InputError

Pair = tuple[int, int]
"""The ids that a merge joins, left and right; the id of what it makes is the next one free."""

BETWEEN = 0  # stands between strings; the padding id, so no token has it
SHIFT = 16  # a pair is one number, the left id above the right one, so that numbers sort as pairs do


def learn(
    ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"], tokens: Sequence[str], merges: int
) -> tuple[Pair, ...]:
    """Return the merges that some strings ask for: again and again the most frequent pair of neighbours.

    Overlapping occurrences count; of equally frequent pairs the one of the smallest ids wins. A pair whose text is a
    token already is passed over, so that a text names one id. Learning ends early when no pair occurs twice.

    Args:
        ids: tokens of all strings, end to end.
        lengths: how many belong to each string.
        tokens: the text of every id, those of the special ones included.
        merges: how many at most.
    """
    texts, known, learnt = list(tokens), set(tokens), list[Pair]()
    row = laid_out(ids, lengths)
    counts = PairCounts(row)
    while len(learnt) < merges and (best := counts.most_frequent()) is not None:
        left, right = best
        text = texts[left] + texts[right]
        if text in known:
            counts.drop_most_frequent()
            continue
        at, new = places(row, best), len(texts)
        counts.change(row, np.concatenate([at - 1, at, at + 1]), -1)
        row, at = joined(row, at, new), at - np.arange(len(at))
        counts.change(row, np.concatenate([at - 1, at]), +1)
        learnt.append(best)
        texts.append(text)
        known.add(text)
    return tuple(learnt)


def merge_all(
    ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"], merges: Sequence[Pair], first: int
) -> tuple[Int[ndarray, " fewer"], Int[ndarray, " n"]]:
    """Apply merges to many strings at once; returns their ids, end to end, and how many belong to each.

    Args:
        ids: tokens of all strings, end to end.
        lengths: how many belong to each string.
        merges: in the order in which they were learnt.
        first: id of what the first merge makes.
    """
    row = laid_out(ids, lengths)
    for new, pair in enumerate(merges, first):
        at = places(row, pair)
        if len(at):
            row = joined(row, at, new)
    ends = np.flatnonzero(row == BETWEEN)
    return row[row != BETWEEN].astype(np.int64), np.diff(ends) - 1


def merge_one(ids: Sequence[int], made: Mapping[Pair, int]) -> list[int]:
    """Apply merges to one string; `made` is the id of what each makes.

    The earliest merge that fits comes first, which is the order in which they were learnt: what a merge makes can only
    be joined by a later one.
    """
    merged = list(ids)
    while pairs := [pair for pair in pairwise(merged) if pair in made]:
        left, right = pair = min(pairs, key=made.__getitem__)
        kept = list[int]()
        for token in merged:
            if token == right and kept and kept[-1] == left:
                kept[-1] = made[pair]
            else:
                kept.append(token)
        merged = kept
    return merged


def check_merges(tokens: Sequence[str], merges: Sequence[Pair], special: int) -> None:
    """Raise unless each merge joins two earlier tokens and its text is that of the two.

    Args:
        tokens: the text of every id, what the merges make at the end.
        merges: the pairs, in the order of what they make.
        special: how many ids at the beginning are no text.

    Raises:
        InputError: the tokens and the merges do not belong together.
    """
    first = len(tokens) - len(merges)
    if first < special:
        raise InputError(
            f"Expected at most {len(tokens) - special} merges of a tokenizer with so many tokens, but got "
            f"{len(merges)}. The tokenizer is damaged: copy it again."
        )
    for new, (left, right) in enumerate(merges, first):
        if not (special <= left < new and special <= right < new):
            raise InputError(
                f"Expected merge {new - first} of ids from {special} to {new - 1}, but got {left} and {right}. "
                "The tokenizer is damaged: copy it again."
            )
        if tokens[left] + tokens[right] != tokens[new]:
            raise InputError(
                f"Expected merge {new - first} to make {tokens[left] + tokens[right]!r}, but token {new} is "
                f"{tokens[new]!r}. The tokenizer is damaged: copy it again."
            )


class PairCounts:
    """How often each pair of neighbours occurs, kept up to date merge by merge instead of counted anew."""

    def __init__(self, row: Int[ndarray, " places"]):
        """Count all pairs of a row."""
        self._counts: Counter[int] = Counter()
        self._heap: list[tuple[int, int]] = []  # minus count and pair; entries that are out of date are passed over
        self.change(row, np.arange(len(row) - 1), +1)

    def change(self, row: Int[ndarray, " places"], at: Int[ndarray, " some"], step: int) -> None:
        """Count the pairs that begin at some places, each place once, up or down."""
        asked = np.zeros(len(row), dtype=bool)
        asked[at] = True
        at = np.flatnonzero(asked)
        at = at[(row[at] != BETWEEN) & (row[at + 1] != BETWEEN)]
        pairs, times = np.unique((row[at].astype(np.int64) << SHIFT) | row[at + 1], return_counts=True)
        for pair, n in zip(pairs.tolist(), times.tolist(), strict=True):
            self._counts[pair] += step * n
            heapq.heappush(self._heap, (-self._counts[pair], pair))

    def most_frequent(self) -> Pair | None:
        """Return the most frequent pair, the smallest of several; None if no pair occurs twice."""
        while self._heap and self._heap[0][0] != -self._counts[self._heap[0][1]]:
            heapq.heappop(self._heap)
        if not self._heap or -self._heap[0][0] < 2:  # noqa: PLR2004
            return None
        left, right = divmod(self._heap[0][1], 1 << SHIFT)
        return left, right

    def drop_most_frequent(self) -> None:
        """Pass over the most frequent pair until its count changes."""
        _, pair = self._heap[0]
        while self._heap and self._heap[0][1] == pair:
            heapq.heappop(self._heap)


def laid_out(ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"]) -> Int[ndarray, " places"]:
    """Return the ids of all strings in one row, `BETWEEN` before, between and after them."""
    row = np.full(len(ids) + len(lengths) + 1, BETWEEN, dtype=np.int32)
    inside = np.ones(len(row), dtype=bool)
    inside[np.concatenate([[0], np.cumsum(lengths + 1)])] = False
    row[inside] = ids
    return row


def places(row: Int[ndarray, " places"], pair: Pair) -> Int[ndarray, " some"]:
    """Return where a pair begins, taken left to right without overlap."""
    at = np.flatnonzero((row[:-1] == pair[0]) & (row[1:] == pair[1]))
    if pair[0] == pair[1] and len(at):
        begins = np.diff(at, prepend=-1) > 1  # of a run of the same token, of which every second place counts
        at = at[(at - np.maximum.accumulate(np.where(begins, at, 0))) % 2 == 0]
    return at


def joined(row: Int[ndarray, " places"], at: Int[ndarray, " some"], new: int) -> Int[ndarray, " fewer"]:
    """Return a row with a new id in place of the pairs that begin at some places."""
    kept = np.ones(len(row), dtype=bool)
    kept[at + 1] = False
    row = row.copy()
    row[at] = new
    return row[kept]
