import numpy as np
import pytest
import torch

from chemvae.search.front import (
    by_rank_and_crowding,
    contributions,
    crowding,
    entrants,
    inferred_reference,
    ranks,
    volume_trace,
)
from chemvae.search.with_botorch import hypervolume, non_dominated

STAIRS = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])


def surpassed(values, row):
    others = np.delete(values, row, axis=0)
    return ((others >= values[row]).all(axis=1) & (others > values[row]).any(axis=1)).any()


@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_front_is_exact_by_brute_force(m):
    values = np.random.default_rng(m).integers(0, 6, size=(60, m)).astype(float)
    rank, left = ranks(values), np.arange(60)
    for at in range(1, rank.max() + 1):
        front = [row for place, row in enumerate(left) if not surpassed(values[left], place)]
        assert np.flatnonzero(rank == at).tolist() == front
        left = np.setdiff1d(left, front)
    assert len(left) == 0
    assert non_dominated(values).tolist() == (rank == 1).tolist()


def test_ranks_are_found_for_as_many_as_are_asked_for():
    values = np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
    assert ranks(values).tolist() == [1, 2, 3, 4]
    assert ranks(values, 2).tolist() == [1, 2, 3, 3]


def test_volumes_by_hand():
    zero = np.zeros(2)
    assert hypervolume(STAIRS, zero) == pytest.approx(6.0)
    assert hypervolume(np.array([[1.0, 1.0], [2.0, -1.0]]), zero) == pytest.approx(1.0)
    assert hypervolume(np.empty((0, 2)), zero) == 0.0
    assert hypervolume(np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]]), np.zeros(3)) == pytest.approx(9.0)
    assert contributions(STAIRS, zero).tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert contributions(np.array([[1.0, 3.0], [1.0, 3.0], [4.0, -1.0]]), zero).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("m", [2, 3, 4])
def test_volumes_are_botorchs_after_every_call(m):
    from botorch.utils.multi_objective.hypervolume import Hypervolume

    rng = np.random.default_rng(0)
    values, counts, reference = rng.random((25, m)), rng.random(25) < 0.8, np.full(m, 0.2)
    theirs = Hypervolume(torch.tensor(reference))
    expected = []
    for n in range(1, 26):
        kept = torch.tensor(values[:n][counts[:n]])
        kept = kept[(kept > torch.tensor(reference)).all(dim=1)]
        front = kept[torch.tensor(non_dominated(kept.numpy()))] if len(kept) else kept
        expected.append(theirs.compute(front) if len(front) else 0.0)
    np.testing.assert_allclose(volume_trace(values, counts, reference), expected, atol=1e-12)
    front = values[non_dominated(values)]
    lost = [hypervolume(front, reference) - hypervolume(np.delete(front, at, 0), reference) for at in range(len(front))]
    np.testing.assert_allclose(contributions(front, reference), lost, atol=1e-12)


def test_crowding_by_hand():
    line = np.array([[0.0, 4.0], [1.0, 3.0], [3.0, 1.0], [4.0, 0.0]])
    assert crowding(line).tolist() == [np.inf, 1.5, 1.5, np.inf]
    assert crowding(np.ones((3, 2))).max() == np.inf


def test_order_is_by_front_and_then_by_room():
    values = np.array([[0.0, 0.0], [0.0, 9.0], [8.0, 1.0], [8.5, 0.5], [9.0, 0.0]])
    assert by_rank_and_crowding(values).tolist() == [1, 4, 2, 3, 0]
    assert by_rank_and_crowding(np.empty((0, 2))).tolist() == []


def test_who_entered_the_front_of_the_rounds_before():
    values = np.array([[1.0, 1.0], [0.5, 2.0], [1.0, 1.0], [3.0, 0.0], [9.0, 9.0]])
    counts = np.array([True, True, True, True, False])
    assert entrants(values, counts, np.array([0, 1, 1, 2, 2])).tolist() == [True, True, False, True, False]


def test_reference_is_a_tenth_of_the_range_below_the_worst_of_the_first_fifty():
    values = np.column_stack([np.linspace(0, 10, 50), np.full(50, 3.0)])
    later = np.concatenate([values, [[-100.0, -100.0]]])
    np.testing.assert_allclose(inferred_reference(later), [-1.0, 2.9])
