import numpy as np

from chemvae.search.history import History, Told
from chemvae.search.random import RandomSearch
from chemvae.search.space import Pool


def test_half_around_the_start_half_from_the_prior(space):
    rows = [Told("a", np.full(4, 9.0), 1.0, True, 0, "start"), Told("b", np.full(4, 50.0), 99.0, True, 1, "local")]
    points = RandomSearch().propose(100, History.empty(4).add(rows), space, np.random.default_rng(0))
    near = np.linalg.norm(points.z - 9.0, axis=1) < 3
    assert [how == "local" for how in points.how] == near.tolist()
    assert near.sum() == 50


def test_takes_them_as_they_come(space):
    pool = Pool(tuple("abcdefghi"), np.zeros((9, 4)))
    assert RandomSearch().choose(3, pool, History.empty(4), space, np.random.default_rng(0)).tolist() == [0, 1, 2]
