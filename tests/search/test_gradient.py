import dataclasses

import numpy as np
import torch

from chemvae.search.gradient import GradientSearch, farthest_similar, own_estimate, shell
from chemvae.search.history import History, Told
from chemvae.search.optimizer import Optimizer
from chemvae.search.random import RandomSearch
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
    start = space.draw(30, np.random.default_rng(0))
    ends = GradientSearch().climb(start, np.full(30, 30), own_estimate(space), space)[-1]
    assert (space.slope(torch.as_tensor(ends)) > space.slope(torch.as_tensor(start))).float().mean() > 0.9


def test_chains_stop_where_they_are_told(space):
    start = space.draw(2, np.random.default_rng(0))
    ends = GradientSearch(steps=30).climb(start, np.array([1, 30]), own_estimate(space), space)[-1]
    moved = np.linalg.norm(ends - start, axis=1)
    assert 0 < moved[0] < 0.2 < moved[1]


def test_chooses_what_the_model_expects_most_of(space):
    z = np.array([[9.0, 9, 9, 9], [1.5, -1, 0.5, 0], [0, 0, 0, 0]])
    chosen = GradientSearch().choose(
        2, Pool(("far", "top", "near"), z), History.empty(4), space, np.random.default_rng(0)
    )
    assert chosen.tolist() == [1, 2]


def told(places, values):
    rows = [Told(f"m{i}", z, value, True, 0, "start") for i, (z, value) in enumerate(zip(places, values, strict=True))]
    return History.empty(4).add(rows)


def best_ten(method, space, score, rounds=8):
    optimizer = Optimizer(method, space, seed=0)
    for _ in range(rounds):
        asked = optimizer.ask(20)
        optimizer.tell(asked, score(asked).value)
    return np.sort(optimizer.history.value)[-10:].mean()


def test_without_a_head_it_learns_from_what_is_measured(space, parabola):
    blind = dataclasses.replace(space, slope=None)
    assert best_ten(GradientSearch(), blind, parabola) > best_ten(RandomSearch(), blind, parabola) + 0.1


def test_without_a_head_and_with_little_measured_it_looks_around(space):
    blind = dataclasses.replace(space, slope=None)
    history = told(np.ones((3, 4)), [0.0, 1.0, 2.0])
    rng = np.random.default_rng(0)
    points = GradientSearch(prior=0.5).propose(10, history, blind, rng)
    assert sorted(points.how) == ["local"] * 5 + ["prior"] * 5
    assert GradientSearch().choose(2, Pool(tuple("abc"), np.ones((3, 4))), history, blind, rng).tolist() == [0, 1]


def test_measured_molecules_correct_the_head(space):
    wrong = dataclasses.replace(space, slope=lambda z: 5.0 * z[:, 0])
    rng = np.random.default_rng(0)
    places = rng.standard_normal((100, 4))
    history = told(places, -5.0 * places[:, 0])
    pool = Pool(("left", "right"), np.array([[-2.0, 0, 0, 0], [2.0, 0, 0, 0]]))
    assert GradientSearch().choose(1, pool, History.empty(4), wrong, rng).tolist() == [1]
    assert GradientSearch().choose(1, pool, history, wrong, rng).tolist() == [0]


def test_doubt_counts_against_a_molecule(space):
    blind = dataclasses.replace(space, slope=None)
    places = np.random.default_rng(0).standard_normal((40, 4)) * [1, 0.1, 0.1, 0.1]
    bold, careful = (
        GradientSearch(kappa=kappa).estimate(told(places, places[:, 0]), blind)(torch.tensor([[0.0, 4, 4, 4]])).item()
        for kappa in (0.0, 1.0)
    )
    near = GradientSearch().estimate(told(places, places[:, 0]), blind)(torch.zeros(1, 4)).item()
    assert careful < bold - 0.05
    assert careful < near


def test_rare_points_are_penalised_and_usual_ones_are_not(space):
    normal = dataclasses.replace(space, density=lambda z: -0.5 * z.square().sum(dim=1))
    method = GradientSearch()
    plain, goal = own_estimate(normal), method.penalised(own_estimate(normal), History.empty(4), normal)
    usual, rare = torch.tensor([[1.0, 1, 1, 1]]), torch.tensor([[3.0, 3, 3, 3]])
    torch.testing.assert_close(goal(usual), plain(usual))
    assert goal(rare) < plain(rare) - 1.0
    assert GradientSearch(density=0.0).penalised(plain, History.empty(4), normal) is plain


def test_a_climb_leaves_looks_along_its_way(space):
    start = np.full((2, 4), -1.0)
    path = GradientSearch().climb(start, np.array([4, 30]), own_estimate(space), space, looks=4)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=2)
    assert path.shape == (4, 2, 4)
    assert (steps > 0).all()
    assert (steps[:, 1] > 3 * steps[:, 0]).all()


def test_the_farthest_point_that_resembles_the_lead_is_taken(space):
    near = dataclasses.replace(space, resembles=lambda texts: (np.abs(space.read(texts))[:, 0] <= 1.0).tolist())
    path = np.zeros((4, 3, 4))
    path[:, 0, 0] = [0.1, 0.5, 0.9, 1.3]
    path[:, 1, 0] = [0.1, 1.5, 0.9, 0.2]
    path[:, 2, 0] = [2.0, 3.0, 4.0, 5.0]
    assert [one.smiles[:3] for one in farthest_similar(path, near)] == ["0.9", "0.2", "2.0"]


def test_with_a_lead_nearly_all_proposals_keep_the_similarity(space):
    lead = np.array([-1.0, 0.5, -0.5, 0.0])

    def resembles(texts):
        return (np.linalg.norm(space.read(texts) - lead, axis=1) <= 1.0).tolist()

    history = told(lead[None], [0.0])
    method = GradientSearch(prior=0.0, noise=0.1, steps=60)
    free = method.propose(50, history, space, np.random.default_rng(0))
    bound = method.propose(
        50, history, dataclasses.replace(space, resembles=resembles), np.random.default_rng(0)
    ).molecules
    assert np.mean(resembles([one.smiles for one in space.write(free.z)])) < 0.8
    assert np.mean(resembles([one.smiles for one in bound])) == 1.0
    away = np.linalg.norm(space.read([one.smiles for one in bound]) - lead, axis=1)
    assert away.max() > 0.8
