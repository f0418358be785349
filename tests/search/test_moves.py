import numpy as np

from chemvae.search import moves
from chemvae.search.history import History, Told


def test_local_steps_have_their_own_radius_however_many_there_are():
    rng = np.random.default_rng(0)
    for n in (1, 1000):
        radii = np.linspace(0.5, 2.0, n)
        points = moves.local(np.zeros((n, 3)), radii, np.ones(3), rng)
        np.testing.assert_allclose(np.sqrt((points.z**2).mean(axis=1)), radii)
        assert points.how == ("local",) * n


def test_local_steps_follow_the_spread_of_each_dimension():
    points = moves.local(np.zeros((5000, 2)), np.ones(5000), np.array([10.0, 0.1]), np.random.default_rng(0))
    assert 50 < points.z[:, 0].std() / points.z[:, 1].std() < 200


def test_crossover_stays_on_the_arc_around_the_middle():
    middle = np.array([5.0, 5.0])
    a, b = middle + np.array([[2.0, 0.0]] * 50), middle + np.array([[0.0, 2.0]] * 50)
    points = moves.crossover(a, b, middle, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(points.z - middle, axis=1), 2.0)
    assert (points.z > middle).all()
    assert len(np.unique(points.z[:, 0])) > 3


def test_crossover_of_nobody():
    assert moves.crossover(np.empty((0, 2)), np.empty((0, 2)), np.zeros(2), np.random.default_rng(0)).z.shape == (0, 2)


def test_parents_are_the_best_and_the_better_the_likelier():
    rows = [Told(str(i), np.array([float(i)]), float(i), True, 0, "start") for i in range(100)]
    drawn = moves.parents(2000, History.empty(1).add(rows), np.random.default_rng(0), top=10)[:, 0]
    assert set(drawn) == set(range(90, 100))
    counts = [(drawn == i).sum() for i in (99, 95, 90)]
    assert counts[0] > counts[1] > counts[2]


def test_ranks_are_drawn_evenly_on_a_logarithmic_scale():
    drawn = moves.ranks(20_000, 999, np.random.default_rng(0))
    assert (drawn.min(), drawn.max()) == (0, 998)
    shares = [((low <= drawn) & (drawn < high)).mean() for low, high in [(0, 9), (9, 99), (99, 999)]]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.02)
    assert set(moves.ranks(50, 1, np.random.default_rng(0)).tolist()) == {0}
