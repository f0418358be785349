"""Train, valid and test: every row on one side, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.chem import splits
from chemvae.errors import InputError

SIZES = (0.8, 0.1, 0.1)


def test_random_shares_are_exact_and_the_seed_decides():
    split = splits.random(1000, SIZES, seed=1)
    assert np.bincount(split).tolist() == [800, 100, 100]
    np.testing.assert_array_equal(split, splits.random(1000, SIZES, seed=1))
    assert (split != splits.random(1000, SIZES, seed=2)).any()


@given(st.integers(1, 200), st.integers(0, 5))
def test_there_is_always_something_to_train_on(n, seed):
    split = splits.random(n, SIZES, seed)
    assert len(split) == n and (split == 0).sum() >= 1
    assert n < 4 or len(set(split)) == 3


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=60), st.integers(0, 3))
def test_no_scaffold_stands_on_two_sides(scaffolds, seed):
    split = splits.by_scaffold(scaffolds, SIZES, seed)
    sides = {
        scaffold: {int(side) for s, side in zip(scaffolds, split, strict=True) if s == scaffold}
        for scaffold in scaffolds
    }
    assert all(len(side) == 1 for side in sides.values())
    assert (split == 0).any()


def test_scaffold_shares_are_about_right():
    scaffolds = [str(i // 3) for i in range(900)]
    shares = np.bincount(splits.by_scaffold(scaffolds, SIZES, seed=0)) / 900
    np.testing.assert_allclose(shares, SIZES, atol=0.01)
    assert (splits.by_scaffold(scaffolds, SIZES, 0) != splits.by_scaffold(scaffolds, SIZES, 1)).any()


def test_the_largest_scaffold_goes_to_train():
    split = splits.by_scaffold(["big"] * 50 + [str(i) for i in range(50)], SIZES, seed=0)
    assert (split[:50] == 0).all()


def test_a_column_is_taken_at_its_word():
    assert splits.by_column(["train", "Valid", " val ", "test", "VALIDATION"], "part").tolist() == [0, 1, 1, 2, 1]


@pytest.mark.parametrize("cell", ["", "holdout", None, 0])
def test_another_word_in_the_column_is_told_with_its_row(cell):
    with pytest.raises(InputError, match="column 'part'.*row 1"):
        splits.by_column(["train", cell], "part")


@pytest.mark.parametrize("sizes", [(0.5, 0.5), (0.8, 0.1, 0.2), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_shares_that_cannot_be_are_told(sizes):
    with pytest.raises(InputError, match="three split sizes"):
        splits.check_sizes(sizes)


def test_a_share_of_nothing_gets_nothing():
    assert np.bincount(splits.random(10, (0.9, 0.1, 0.0), 0), minlength=3).tolist() == [9, 1, 0]
