import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.search.history import History, Told
from chemvae.search.outlook import Outlook, Wish


def describe(texts):
    """Count the letters."""
    return csr_array(np.array([[text.count(letter) for letter in "abcde"] for text in texts]).reshape(len(texts), 5))


def words(n, seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcde"), size=rng.integers(3, 9))) for _ in range(n)]


def share(text, letter):
    return text.count(letter) / len(text)


def told(texts, value, slack=lambda _: (), outcomes=lambda _: ()):
    rows = []
    for text in texts:
        side = slack(text)
        fine = all(one >= 0 for one in side)
        rows.append(Told(text, np.full(1, np.nan), value(text), fine, 1, "told", outcomes(text), side))
    return History.empty(1).add(rows)


def followed(history):
    outlook = Outlook(describe)
    outlook.follow(history)
    return outlook


def test_a_measured_constraint_is_learned():
    history = told(words(120), lambda t: share(t, "a"), lambda t: (share(t, "b") - 0.2,))
    outlook, new = followed(history), words(60, seed=1)
    chance = np.exp(outlook.log_feasible(outlook.beliefs(new)))
    met = np.array([share(text, "b") >= 0.2 for text in new])
    assert chance[met].mean() > chance[~met].mean() + 0.4
    assert (outlook.log_success(new) == 0.0).all()


def test_failures_are_learned_and_kept_out_of_the_values():
    history = told(words(120), lambda t: np.nan if "cc" in t or share(t, "c") > 0.3 else share(t, "a"))
    outlook, new = followed(history), words(60, seed=1)
    chance = np.exp(outlook.log_success(new))
    crashes = np.array(["cc" in text or share(text, "c") > 0.3 for text in new])
    assert chance[~crashes].mean() > chance[crashes].mean() + 0.3
    assert np.isfinite(outlook.beliefs(new)[0].mean).all()
    wish = outlook.wish(history, np.random.default_rng(0))
    assert wish.in_question
    bounds = np.full((2, 1), 0.5)
    high, low = wish(bounds, np.log([0.9, 0.1]))
    assert high > low


def test_without_failures_and_constraints_only_the_bound_counts():
    history = told(words(60), lambda t: share(t, "a"))
    wish = followed(history).wish(history, np.random.default_rng(0))
    assert wish(np.array([[0.3], [-4.0]]), np.zeros(2)).tolist() == [0.3, -4.0]


def test_while_nothing_is_feasible_the_chance_is_all_that_counts():
    history = told(words(60), lambda t: share(t, "a"), lambda t: (share(t, "b") - 2.0,))
    wish = followed(history).wish(history, np.random.default_rng(0))
    assert wish(np.array([[9.0], [0.0]]), np.array([-3.0, -1.0])).tolist() == [-3.0, -1.0]


def test_mixtures_of_several_objectives_spread_over_the_front():
    line = np.array([[x, 1.0 - x] for x in np.linspace(0, 1, 21)])
    rng = np.random.default_rng(0)
    zero = np.zeros(2)
    best = {
        int(Wish(rng.dirichlet(np.ones(2)), zero, np.ones(2), line, False)(line, np.zeros(21)).argmax())
        for _ in range(60)
    }
    assert len(best) > 8
    assert min(best) < 5 < 15 < max(best)
    wish = Wish(np.array([0.5, 0.5]), zero, np.ones(2), line, False)
    assert wish(np.array([[0.5, 0.5]]), np.zeros(1)) > wish(np.array([[0.5, 0.4]]), np.zeros(1))


def test_another_history_with_other_columns_begins_again():
    outlook = followed(told(words(60), lambda t: share(t, "a")))
    history = told(words(60), lambda t: 1.0, outcomes=lambda t: (share(t, "a"), -share(t, "b")))
    outlook.follow(history)
    assert len(outlook.beliefs(["ab"])) == 2
    assert outlook.scaled(history.outcomes).shape == (60, 2)
    assert len(outlook.wishes(history, 5, np.random.default_rng(0))) == 5


def test_far_below_the_floor_the_order_is_kept():
    wish = Wish(np.ones(1), np.zeros(1), np.ones(1), np.array([[0.0], [0.01]]), True)
    wanted = wish(np.array([[-900.0], [-3.0], [-0.1], [0.1], [50.0]]), np.zeros(5))
    assert (np.diff(wanted) > 0).all()
    assert np.isfinite(wanted).all()
    assert wish(np.array([[0.2]]), np.log([0.5]))[0] == pytest.approx(
        wish(np.array([[0.2]]), np.zeros(1))[0] + np.log(0.5)
    )
