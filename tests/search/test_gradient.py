import dataclasses

import numpy as np
import pytest

from chemvae.errors import InputError
from chemvae.search.gradient import GradientSearch, shell
from chemvae.search.history import History
from chemvae.search.space import Pool


def test_climbs_stay_inside_the_shell_of_the_prior(space):
    away = dataclasses.replace(space, slope=lambda z: z.sum(dim=1))  # uphill without end
    method = GradientSearch(steps=200, rate=0.5)
    z = method.propose(50, History.empty(4), away, np.random.default_rng(0)).z
    low, high = shell(space)
    middle, spread = space.scale
    norms = np.linalg.norm((z - middle) / spread, axis=1)
    assert norms.max() <= high * 1.001
    assert norms.min() >= low * 0.999
    assert norms.max() > 0.9 * high


def test_each_chain_climbs(space):
    method = GradientSearch()
    start = space.draw(30, np.random.default_rng(0))
    ends = method.climb(start, np.full(30, 30), space)
    import torch

    assert (space.slope(torch.as_tensor(ends)) > space.slope(torch.as_tensor(start))).float().mean() > 0.9


def test_chains_stop_where_they_are_told(space):
    start = space.draw(2, np.random.default_rng(0))
    ends = GradientSearch(steps=30).climb(start, np.array([1, 30]), space)
    moved = np.linalg.norm(ends - start, axis=1)
    assert 0 < moved[0] < 0.2 < moved[1]


def test_chooses_what_the_model_expects_most_of(space):
    z = np.array([[9.0, 9, 9, 9], [1.5, -1, 0.5, 0], [0, 0, 0, 0]])
    chosen = GradientSearch().choose(
        2, Pool(("far", "top", "near"), z), History.empty(4), space, np.random.default_rng(0)
    )
    assert chosen.tolist() == [1, 2]


def test_without_a_slope_it_says_what_to_do(space):
    flat = dataclasses.replace(space, slope=None)
    with pytest.raises(InputError, match="Use bayes or random"):
        GradientSearch().propose(3, History.empty(4), flat, np.random.default_rng(0))
