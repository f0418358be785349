import ast
import inspect

import numpy as np
import torch

import chemvae.search.bayes
from chemvae.search.bayes import BayesianSearch, greedy_qlogei, posterior_draws, standardised, thompson, unit_cube
from chemvae.search.history import History, Told
from chemvae.search.space import Pool


def measured(values, *, at=1, z=None, feasible=True):
    rng = np.random.default_rng(0)
    places = rng.standard_normal((len(values), 4)) if z is None else z
    return [Told(f"m{at}.{i}", places[i], float(v), feasible, at, "local") for i, v in enumerate(values)]


def test_nothing_measured_is_nothing_known(space):
    points = BayesianSearch().propose(10, History.empty(4), space, np.random.default_rng(0))
    assert set(points.how) == {"prior"}


def test_shares_of_the_moves(space):
    history = History.empty(4).add(measured(range(30)))
    points = BayesianSearch().propose(100, history, space, np.random.default_rng(0))
    assert [points.how.count(how) for how in ("local", "crossover", "prior")] == [60, 30, 10]


def test_local_steps_stay_in_the_trust_region(space):
    history = History.empty(4).add(measured([1.0], z=np.ones((1, 4))))
    points = BayesianSearch(crossover=0.0, prior=0.0).propose(200, history, space, np.random.default_rng(0))
    away = np.sqrt((((points.z - 1.0) / space.scale[1]) ** 2).mean(axis=1))
    assert away.max() <= BayesianSearch().trust(history) + 1e-9


def test_trust_region_widens_with_luck_and_narrows_without():
    method, history = BayesianSearch(), History.empty(4).add(measured([0.0], at=0))
    better = history.add(measured([1.0], at=1))
    worse = history.add(measured([-1.0], at=1)).add(measured([-1.0], at=2))
    assert method.trust(worse) < method.trust(history) < method.trust(better)
    for at in range(3, 40):
        worse = worse.add(measured([-1.0], at=at))
        assert method.least_radius <= method.trust(worse) <= method.most_radius


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


def test_greedy_choice_is_botorchs_qlogei_on_the_same_draws(space):
    from botorch.acquisition.logei import qLogExpectedImprovement
    from botorch.models import SingleTaskGP
    from botorch.sampling import SobolQMCNormalSampler

    torch.manual_seed(0)
    x, y = torch.rand(12, 2, dtype=torch.float64), torch.rand(12, 1, dtype=torch.float64)
    y = (y - y.mean()) / y.std()
    model = SingleTaskGP(x, y, outcome_transform=None).eval()
    pool = torch.rand(7, 2, dtype=torch.float64)
    sampler = SobolQMCNormalSampler(torch.Size([4096]), seed=0)
    theirs = qLogExpectedImprovement(model, best_f=y.max(), sampler=SobolQMCNormalSampler(torch.Size([4096]), seed=0))
    with torch.no_grad():
        draws = sampler(model.posterior(pool)).squeeze(-1)
        first = theirs(pool[:, None])
        ours = greedy_qlogei(draws, float(y.max()), 2)
        second = theirs(torch.stack([torch.stack([pool[ours[0]], point]) for point in pool]))
    second[ours[0]] = -torch.inf
    assert ours[0] == int(first.argmax())
    assert ours[1] == int(second.argmax())


def test_thompson_fills_up_with_the_best_of_each_draw():
    draws = torch.tensor([[5.0, 1.0, 2.0, 0.0], [5.0, 9.0, 2.0, 0.0], [9.0, 9.0, 9.0, 0.0]])
    assert thompson(draws, np.array([0]), 3).tolist() == [0, 2, 1]


def test_draws_depend_on_the_seed_alone():
    rng = np.random.default_rng(0)
    x, y, pool = rng.random((20, 3)), standardised(rng.standard_normal(20), 0.0)[0], rng.random((5, 3))
    torch.manual_seed(1)
    one = posterior_draws(x, y, pool, BayesianSearch(), seed=7)
    torch.manual_seed(2)
    np.testing.assert_array_equal(one, posterior_draws(x, y, pool, BayesianSearch(), seed=7))


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


def test_botorch_is_imported_only_when_a_batch_is_chosen():
    tree = ast.parse(inspect.getsource(chemvae.search.bayes))
    imported = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert "chemvae.search.space" in imported
    assert not [name for name in imported if name.startswith(("botorch", "gpytorch"))]
