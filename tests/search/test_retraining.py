import dataclasses

import numpy as np
import pytest

from chemvae.search.history import History, Told
from chemvae.search.retraining import BEST, LAST, Lineage, lessons, weights


def history_of(n, seed=0):
    values = np.random.default_rng(seed).random(n)
    return History.empty(4).add([Told(f"m{i}", np.zeros(4), values[i], True, i // 10, "prior") for i in range(n)])


@pytest.fixture
def taught(space):
    """A space that writes down what it was taught, and its descendants."""
    calls = []

    def heir(name):
        def retrain(smiles, weights, seed):
            calls.append((name, tuple(smiles), weights.tolist(), seed))
            return heir(f"{name}+")

        return dataclasses.replace(space, retrain=retrain)

    return heir("first"), calls


def test_every_so_many_calls_teach_the_next_generation(taught):
    space, calls = taught
    lineage, history = Lineage(20), history_of(59)
    assert lineage.newest(space, history_of(19)) is space
    newest = lineage.newest(space, history)
    assert newest is not space
    assert [(name, len(smiles)) for name, smiles, _, _ in calls] == [("first", 20), ("first+", 40)]
    assert lineage.newest(space, history) is newest
    assert len(calls) == 2


def test_what_is_taught_depends_on_the_history_and_not_on_how_often_it_was_looked_at(taught):
    space, calls = taught
    lineage, whole = Lineage(20), history_of(60)
    for n in range(0, 61, 5):
        rows = [Told(whole.smiles[i], whole.z[i], whole.value[i], True, 0, "prior") for i in range(n)]
        lineage.newest(space, History.empty(4).add(rows))
    watched, calls[:] = list(calls), []
    Lineage(20).newest(space, whole)
    assert calls == watched


def test_another_history_is_another_model(taught):
    space, calls = taught
    lineage = Lineage(20)
    one, other = lineage.newest(space, history_of(20)), lineage.newest(space, history_of(20, seed=1))
    assert one is not other
    assert calls[0][1] != calls[1][1]


def test_never_and_cannot(space, taught):
    assert Lineage(0).newest(taught[0], history_of(50)) is taught[0]
    assert Lineage(10).newest(space, history_of(50)) is space


def test_known_constraints_are_handed_on(taught):
    allows = [].__contains__
    space = dataclasses.replace(taught[0], allows=allows)
    assert Lineage(20).newest(space, history_of(20)).allows is allows


def test_the_better_the_oftener():
    heights = weights(400)
    assert (np.diff(heights) < 0).all()
    assert heights.sum() == pytest.approx(1.0)
    assert heights[0] / heights[399] == pytest.approx(420 / 21)


def test_lessons_are_the_best_and_the_latest_best_first():
    history = history_of(BEST + 3 * LAST)
    rows = lessons(history, BEST + 2 * LAST)
    values = history.value[rows]
    assert (np.diff(values) <= 0).all()
    assert len(rows) == len(set(rows.tolist()))
    assert set(range(BEST + LAST, BEST + 2 * LAST)) <= set(rows.tolist())
    assert rows.max() < BEST + 2 * LAST
    assert len(rows) < BEST + LAST
