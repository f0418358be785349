import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.search.history import History, Told
from chemvae.search.surrogate import Success, Surrogate, first_of


def describe(texts):
    """Count the letters."""
    return csr_array(np.array([[text.count(letter) for letter in "abcde"] for text in texts]).reshape(len(texts), 5))


def words(n, seed=0):
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcde"), size=rng.integers(3, 9))) for _ in range(n)]


def told(texts, values, before=None):
    rows = [
        Told(text, np.full(1, np.nan), float(value), True, 1, "told") for text, value in zip(texts, values, strict=True)
    ]
    return (before or History.empty(1)).add(rows)


def share(text):
    return text.count("a") / len(text)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (500.0, -200.0), (0.001, 7.0)])
def test_it_follows_whatever_the_scale(scale, shift):
    surrogate, history, texts = Surrogate(describe), History.empty(1), words(120)
    for first in range(0, 120, 20):
        some = texts[first : first + 20]
        history = told(some, [scale * share(text) + shift for text in some], history)
        surrogate.follow(history)
    new = words(50, seed=1)
    expected = surrogate.belief(new).mean
    assert np.corrcoef(expected, [share(text) for text in new])[0, 1] > 0.8


def test_scores_are_taken_as_they_are_until_one_lies_outside():
    surrogate = Surrogate(describe)
    history = told(words(20), np.linspace(0, 1, 20))
    surrogate.follow(history)
    assert surrogate.scaled(np.array([0.3])).tolist() == [0.3]
    surrogate.follow(told(["abc"], [30.0], history))
    assert surrogate.scaled(np.array([30.0]))[0] > 2.0


def test_a_terrible_value_does_not_flatten_the_others():
    surrogate = Surrogate(describe)
    surrogate.follow(told(words(40), [*np.linspace(1, 5, 39), -1e9]))
    low, one, five = surrogate.scaled(np.array([-1e9, 1.0, 5.0]))
    assert five - one > 1.0
    assert low > -10.0


def test_failures_are_left_out_and_all_may_fail():
    surrogate = Surrogate(describe)
    surrogate.follow(told(["a", "b"], [np.nan, np.nan]))
    assert surrogate.belief(["a"]).std.tolist() == [1.0]
    surrogate.follow(told(["a", "b", "c"], [np.nan, np.nan, 0.5]))
    assert surrogate.belief(["c"]).mean[0] == pytest.approx(0.5, abs=1e-3)


def test_what_is_expected_depends_on_the_history_alone():
    texts, values = words(150), np.linspace(-5, 70, 150)
    often, once, history = Surrogate(describe), Surrogate(describe), History.empty(1)
    for first in range(0, 150, 10):
        history = told(texts[first : first + 10], values[first : first + 10], history)
        often.follow(history)
        often.follow(history)
    once.follow(history)
    np.testing.assert_allclose(often.belief(texts).mean, once.belief(texts).mean, atol=1e-4)
    assert [first_of(n) for n in (0, 5, 31, 32, 63, 64, 1000)] == [0, 5, 31, 32, 32, 64, 512]


def test_another_history_begins_again():
    one, two = Surrogate(describe), Surrogate(describe)
    texts = words(30)
    one.follow(told(texts, np.linspace(0, 1, 30)))
    for surrogate in (one, two):
        surrogate.follow(told(texts[::-1], np.linspace(0, 1, 30)))
    np.testing.assert_array_equal(one.belief(texts).mean, two.belief(texts).mean)
    assert one.joint(texts[:3]).covariance.shape == (3, 3)


def noisy(n, seed=0):
    texts = words(n, seed)
    values = np.clip([share(text) for text in texts] + 0.2 * np.random.default_rng(seed).standard_normal(n), 0, 1)
    return texts, values


def test_a_noisy_score_is_smoothed_if_it_is_said_how_noisy_it_is():
    texts, values = noisy(150)
    new = words(200, seed=7)
    truth, errors = np.array([share(text) for text in new]), []
    for noise in (0.0, 0.2):
        surrogate = Surrogate(describe, noise=noise)
        surrogate.follow(told(texts, values))
        errors.append(np.abs(surrogate.belief(new).mean - truth).mean())
    assert errors[1] < 0.75 * errors[0]


def test_noise_is_fitted_to_other_values():
    texts, values = noisy(150)
    surrogate, new = Surrogate(describe), words(200, seed=7)
    surrogate.follow(told(texts, 100.0 * values + 5.0))
    assert np.corrcoef(surrogate.belief(new).mean, [share(text) for text in new])[0, 1] > 0.6


def test_success_is_in_question_from_the_first_failure_on():
    success, texts = Success(describe), words(100)
    success.follow(told(texts[:50], np.ones(50)))
    assert not success.in_question
    assert (success.log_chance_of(describe(texts)) == 0.0).all()
    history = told(texts, [np.nan if "d" in text else 1.0 for text in texts])
    success.follow(history)
    once = Success(describe)
    once.follow(history)
    assert success.in_question
    np.testing.assert_allclose(success.log_chance_of(describe(texts)), once.log_chance_of(describe(texts)))
    success.follow(told(["ab"], [1.0]))
    assert not success.in_question
