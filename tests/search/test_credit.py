import numpy as np
import pytest

from chemvae.search.credit import FLOOR, shares, wins
from chemvae.search.history import History, Told


def history(rows):
    told = [Told(f"m{i}", np.zeros(1), value, True, at, how) for i, (value, at, how) in enumerate(rows)]
    return History.empty(1).add(told)


def test_a_win_beats_the_tenth_best_of_the_rounds_before():
    rows = [(float(i), 0, "start") for i in range(20)]
    told = history([*rows, (9.5, 1, "a"), (10.5, 1, "a"), (np.nan, 1, "a"), (10.7, 2, "b"), (10.4, 2, "b")])
    assert wins(told).tolist() == [False] * 21 + [True, False, True, False]


def test_what_is_not_feasible_wins_nothing():
    told = History.empty(1).add([Told("m", np.zeros(1), 9.0, False, 1, "a")])
    assert not wins(told).any()


def test_shares_follow_the_wins_and_nobody_is_forgotten():
    rows = [(float(i), 0, "start") for i in range(20)]
    rows += [(100.0 + i, 1 + i, "good") for i in range(90)] + [(0.0, 1 + i, "bad") for i in range(50)]
    found = shares(history(rows), ["good", "bad", "new"])
    assert found["good"] > 0.9
    assert found["bad"] == found["new"] == pytest.approx(FLOOR, rel=0.1)
    assert sum(found.values()) == pytest.approx(1.0)


def test_weights_count_and_nothing_turns_a_move_off():
    assert shares(History.empty(1), ["a", "b", "c"], [1.0, 3.0, 0.0]) == {"a": 0.25, "b": 0.75, "c": 0.0}
    assert shares(History.empty(1), ["a", "b"]) == {"a": 0.5, "b": 0.5}
