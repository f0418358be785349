import dataclasses

import numpy as np
import torch

from chemvae.search.bayes import BayesianSearch, standardised, thompson, unit_cube
from chemvae.search.history import History, Told
from chemvae.search.space import Pool


def measured(values, *, at=1, z=None, feasible=True):
    rng = np.random.default_rng(0)
    places = rng.standard_normal((len(values), 4)) if z is None else z
    return [Told(f"m{at}.{i}", places[i], float(v), feasible, at, "local") for i, v in enumerate(values)]


def test_nothing_measured_is_nothing_known(space):
    points = BayesianSearch().propose(10, History.empty(4), space, np.random.default_rng(0))
    assert set(points.how) == {"prior"}


def placed(values, *, at=1, how="local", z=None):
    """Return measured molecules of the grid, so that they can be read again."""
    z = np.random.default_rng(at).standard_normal((len(values), 4)).round(1) if z is None else z
    texts = [",".join(f"{x:.1f}" for x in row + 0.0) for row in z]
    return [Told(texts[i], z[i], float(v), True, at, how) for i, v in enumerate(values)]


def test_shares_of_the_moves(space):
    history = History.empty(4).add(placed(range(30)))
    points = BayesianSearch().propose(100, history, space, np.random.default_rng(0))
    counts = [sum(how.startswith(move) for how in points.how) for move in ("region", "crossover", "prior")]
    assert counts == [60, 30, 10]
    assert {points.how.count(f"region {at}") for at in range(1, 6)} == {12}


def test_regions_are_searched_around_their_centres(space):
    history = History.empty(4).add(placed([1.0], z=np.ones((1, 4))))
    method = BayesianSearch(crossover=0.0, prior=0.0)
    points = method.propose(200, history, space, np.random.default_rng(0))
    z = space.read([one.smiles for one in points.molecules if one.smiles])
    away = np.sqrt((((z - 1.0) / space.scale[1]) ** 2).mean(axis=1))
    assert away.max() <= 1.2**3 * method.radius + 0.1
    assert away.max() > 0.5 * method.radius


def test_what_is_known_all_over_is_searched_farther_out(space):
    near = np.stack(np.meshgrid(*[np.arange(-0.2, 0.25, 0.1)] * 4), axis=-1).reshape(-1, 4).round(1)
    history = History.empty(4).add(placed(-np.abs(near).sum(axis=1), z=near))
    method = BayesianSearch(crossover=0.0, prior=0.0, radius=0.11, regions=1)
    exact = dataclasses.replace(space, write=lambda z: space.write(z.round(1) + 0.0))  # no -0.0
    points = method.near(400, history, exact, np.random.default_rng(0))
    away = np.sqrt((space.read([one.smiles for one in points.molecules]) ** 2).mean(axis=1))
    parts = np.array_split(away, 4)
    assert parts[3].mean() > 1.3 * parts[0].mean()


def test_points_come_from_the_retrained_model_and_the_process_sees_the_first(space):
    def retrain(smiles, weights, seed):
        return dataclasses.replace(space, write=lambda z: space.write(np.full_like(z, 2.0)), retrain=None)

    first = dataclasses.replace(space, retrain=retrain)
    history = History.empty(4).add(placed(range(30)))
    still = BayesianSearch().propose(20, history, first, np.random.default_rng(0))
    moved = BayesianSearch(retrain=30).propose(20, history, first, np.random.default_rng(0))
    assert {one.smiles for one in moved.molecules} == {"2.0,2.0,2.0,2.0"}
    assert "2.0,2.0,2.0,2.0" not in {one.smiles for one in still.molecules}


def test_the_best_are_never_dropped_from_the_fit():
    method = BayesianSearch(train=40)
    history = History.empty(4).add(measured([100.0, 99.0], at=0))
    for at in range(1, 30):
        history = history.add(measured(np.zeros(20), at=at))
    rows = method.training_rows(history, np.random.default_rng(0)).tolist()
    assert len(rows) == len(set(rows)) == 40
    assert {0, 1} <= set(rows)
    assert set(range(572, 582)) <= set(rows)


def test_process_knows_the_good_side(space):
    rng = np.random.default_rng(0)
    z = rng.standard_normal((60, 4))
    history = History.empty(4).add(measured(z[:, 0], z=z))
    pool = rng.standard_normal((100, 4))
    chosen = BayesianSearch().choose(10, Pool(tuple(map(str, range(100))), pool), history, space, rng)
    assert len(set(chosen.tolist())) == 10
    assert np.median(pool[chosen, 0]) > np.sort(pool[:, 0])[-20]


def test_thompson_fills_up_with_the_best_of_each_draw():
    draws = torch.tensor([[5.0, 1.0, 2.0, 0.0], [5.0, 9.0, 2.0, 0.0], [9.0, 9.0, 9.0, 0.0]])
    assert thompson(draws, np.array([0]), 3).tolist() == [0, 2, 1]


def test_outliers_below_do_not_flatten_the_rest():
    values = np.concatenate([np.linspace(0, 1, 99), [-1e6]])
    y, best = standardised(values, 1.0)
    assert best == y.max()
    assert np.ptp(y[:99]) > 1.0
    np.testing.assert_allclose([y.mean(), y.std(ddof=1)], [0, 1], atol=1e-9)


def test_unit_cube_holds_everything_and_keeps_dimensions_alike(space):
    scaled = unit_cube(np.random.default_rng(0).standard_normal((50, 4)) * [1, 1, 1, 0.01], space)
    assert scaled.min() >= 0.0
    assert scaled.max() <= 1.0
    assert np.ptp(scaled[:, 3]) < 0.05
