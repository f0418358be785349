"""Divide molecules into train, valid and test: at random, by scaffold, or as given; the seed comes in by argument."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from chemvae.errors import InputError

NAMES = ("train", "valid", "test")
"""What the numbers 0, 1 and 2 mean."""

SPELLINGS = {"train": 0, "training": 0, "valid": 1, "val": 1, "validation": 1, "dev": 1, "test": 2}


def check_sizes(sizes: Sequence[float]) -> tuple[float, float, float]:
    """Return the three shares, or say what is wrong with them.

    Raises:
        InputError: they are not three shares of 1 with something to train on.
    """
    if len(sizes) != len(NAMES) or min(sizes) < 0 or sizes[0] <= 0 or abs(sum(sizes) - 1) > 1e-6:  # noqa: PLR2004
        raise InputError(
            f"Expected three split sizes, train first, that sum to 1, but got {', '.join(map(str, sizes))}."
        )
    return sizes[0], sizes[1], sizes[2]


def counts(n: int, sizes: Sequence[float]) -> tuple[int, int, int]:
    """Return how many of n go where; a share above 0 gets at least one while two are left to train on."""
    _, valid, test = check_sizes(sizes)
    n_valid, n_test = (max(round(n * share), int(share > 0 and n > len(NAMES))) for share in (valid, test))
    return n - n_valid - n_test, n_valid, n_test


def random(n: int, sizes: Sequence[float], seed: int) -> UInt8[ndarray, " n"]:
    """Split n molecules at random into exact shares."""
    split = np.repeat(np.arange(len(NAMES), dtype=np.uint8), counts(n, sizes))
    return np.random.default_rng(seed).permutation(split)


def by_scaffold(scaffolds: Sequence[str], sizes: Sequence[float], seed: int) -> UInt8[ndarray, " n"]:
    """Split so that no scaffold stands on two sides; acyclic molecules share the empty scaffold.

    Scaffolds come in random order, but those with more molecules than half of what valid or test may hold go to train
    first; each part is filled up to its share, so the shares are met about, not exactly.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for row, scaffold in enumerate(scaffolds):
        groups[scaffold].append(row)
    n_train, n_valid, n_test = counts(len(scaffolds), sizes)
    largest = max(1, min(room for room in (n_valid, n_test, n_train) if room > 0) // 2)
    order = np.random.default_rng(seed).permutation(len(groups))
    shuffled = [list(groups.values())[at] for at in order]
    shuffled.sort(key=lambda rows: len(rows) <= largest)  # stable: large ones first, else as shuffled
    split = np.zeros(len(scaffolds), dtype=np.uint8)
    room = [n_train, n_valid, n_test]
    for rows in shuffled:
        part = next((part for part in range(len(NAMES)) if len(rows) <= room[part]), 0)
        split[rows] = part
        room[part] -= len(rows)
    return split


def by_column(cells: Sequence[object], name: str) -> UInt8[ndarray, " n"]:
    """Split as a column of the table says: train, valid or val, test.

    Raises:
        InputError: a cell says something else.
    """
    split = np.zeros(len(cells), dtype=np.uint8)
    for row, cell in enumerate(cells):
        word = str(cell).strip().lower()
        if word not in SPELLINGS:
            raise InputError(
                f"Expected train, valid or test in column {name!r}, but got {str(cell)!r} in row {row}. Mend that cell."
            )
        split[row] = SPELLINGS[word]
    return split
