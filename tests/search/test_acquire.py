import numpy as np
import pytest

from chemvae.search.acquire import draws, greedy, log_chance, log_expected_improvement, thompson, upper_bound
from chemvae.search.process import Belief, Joint


@pytest.fixture
def joint():
    x = np.random.default_rng(0).standard_normal((6, 6))
    return Joint(np.arange(6.0) / 10, x @ x.T / 6, 1e-4)


def test_bounds():
    belief = Belief(np.array([0.0, 1.0]), np.array([2.0, 0.5]))
    assert upper_bound(belief, 0.5).tolist() == [1.0, 1.25]
    np.testing.assert_allclose(np.exp(log_chance(belief, 0.0)), [0.5, 0.977], atol=1e-3)


def test_expected_improvement_is_the_mean_of_what_is_won():
    belief = Belief(np.array([0.0, 1.0, -1.0, 0.5]), np.array([1.0, 0.3, 0.7, 0.0]))
    drawn = belief.mean + belief.std * np.random.default_rng(0).standard_normal((400_000, 4))
    won = np.maximum(drawn - 0.4, 0).mean(axis=0)
    np.testing.assert_allclose(np.exp(log_expected_improvement(belief, 0.4)), won, rtol=0.02)


def test_hopeless_ones_are_still_in_order():
    belief = Belief(-np.array([1.0, 3, 9, 30, 100, 1e4, 1e7]), np.ones(7))
    found = log_expected_improvement(belief, 0.0)
    assert np.isfinite(found).all()
    assert (np.diff(found) < 0).all()
    np.testing.assert_allclose(found[3], -0.5 * 900 - 0.5 * np.log(2 * np.pi) - 2 * np.log(30), atol=0.01)


def test_draws_have_the_covariance(joint):
    many = draws(joint, 100_000, np.random.default_rng(0))
    np.testing.assert_allclose(many.mean(axis=0), joint.mean, atol=0.02)
    np.testing.assert_allclose(np.cov(many.T), joint.covariance, atol=0.03)


def test_thompson_takes_each_once_and_repeats_with_the_seed(joint):
    one, two = (thompson(joint, 6, np.random.default_rng(1)).tolist() for _ in range(2))
    assert one == two
    assert sorted(one) == list(range(6))


def test_greedy_takes_the_best_bound_first_and_then_what_is_unlike_it():
    covariance = np.array([[1.0, 0.99, 0.0], [0.99, 1.0, 0.0], [0.0, 0.0, 0.9]])
    joint = Joint(np.array([0.1, 0.09, 0.0]), covariance, 1e-4)
    assert greedy(joint, 2, 1.0).tolist() == [0, 2]
    assert greedy(joint, 2, 0.0).tolist() == [0, 1]
    assert greedy(joint, 9, 1.0).tolist() == [0, 2, 1]
    assert covariance[0, 1] == 0.99  # the question is left as it was


def test_what_is_pending_is_not_taken_and_what_is_like_it_comes_last():
    covariance = np.array([[1.0, 0.99, 0.0], [0.99, 1.0, 0.0], [0.0, 0.0, 0.9]])
    assert greedy(Joint(np.zeros(3), covariance, 1e-4), 2, 1.0, pending=1).tolist() == [2, 1]
