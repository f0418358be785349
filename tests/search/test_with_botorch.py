import ast
import inspect
import warnings

import numpy as np
import pytest
import torch

import chemvae.search.with_botorch
from chemvae.search.bayes import standardised
from chemvae.search.with_botorch import greedy_qlogei, hypervolume, nehvi_batch, normal_draws, posterior_draws


def test_greedy_choice_is_botorchs_qlogei_on_the_same_draws():
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
        others = [at for at in range(len(pool)) if at != ours[0]]  # a point beside itself has no density
        second = theirs(torch.stack([torch.stack([pool[ours[0]], pool[at]]) for at in others]))
    assert ours[0] == int(first.argmax())
    assert ours[1] == others[int(second.argmax())]


def test_draws_depend_on_the_seed_alone():
    rng = np.random.default_rng(0)
    x, y, pool = rng.random((20, 3)), standardised(rng.standard_normal(20), 0.0)[0], rng.random((5, 3))
    torch.manual_seed(1)
    one = posterior_draws(x, y, pool, samples=32, iterations=30, seed=7)
    torch.manual_seed(2)
    np.testing.assert_array_equal(one, posterior_draws(x, y, pool, samples=32, iterations=30, seed=7))


def test_a_draw_in_which_it_is_infeasible_gains_nothing():
    draws = torch.tensor([[2.0, 1.0], [2.0, 1.0]])
    never = torch.tensor([[-50.0, 0.0], [-50.0, 0.0]])
    assert greedy_qlogei(draws, 0.0, 1).tolist() == [0]
    assert greedy_qlogei(draws, 0.0, 1, never).tolist() == [1]


def belief(m, n=9, seed=0):
    """Return draws of a few measured molecules and of candidates around them."""
    rng = np.random.default_rng(seed)
    known, means = rng.random((4, m)), rng.random((n, m)) + 0.2
    spread = 0.1 * normal_draws(64, n * m, seed).reshape(64, n, m)
    return np.concatenate([np.broadcast_to(known, (64, 4, m)), means + spread], axis=1), known


def gain(draws, known, chosen):
    """Return how much the volume grows on average, without any smoothing."""
    zero = np.zeros(draws.shape[2])
    before = hypervolume(known, zero)
    return np.mean([hypervolume(np.concatenate([known, draw[4:][chosen]]), zero) - before for draw in draws])


@pytest.mark.parametrize("m", [2, 3])
def test_each_choice_adds_most_to_the_volume(m):
    draws, known = belief(m)
    chosen = nehvi_batch(draws, 3, reference=np.zeros(m), baseline=4).tolist()
    assert len(set(chosen)) == 3
    for at in range(3):
        gains = [gain(draws, known, [*chosen[:at], other]) for other in range(9)]
        assert gains[chosen[at]] >= max(gains) - 1e-3


def test_the_choice_is_botorchs_own_on_a_process_of_its_own():
    from botorch.acquisition.multi_objective import logei
    from botorch.models import SingleTaskGP
    from botorch.sampling import SobolQMCNormalSampler

    torch.manual_seed(0)
    x, y = torch.rand(10, 2, dtype=torch.float64), torch.rand(10, 2, dtype=torch.float64)
    y = (y - y.mean(dim=0)) / y.std(dim=0)
    model = SingleTaskGP(x, y, outcome_transform=None).eval()
    pool, reference = torch.rand(8, 2, dtype=torch.float64), [-2.0, -2.0]
    logei._load_attempted = True
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        theirs = logei.qLogNoisyExpectedHypervolumeImprovement(
            model, reference, x, sampler=SobolQMCNormalSampler(torch.Size([1024]), seed=0), cache_root=False
        )(pool[:, None])
        draws = SobolQMCNormalSampler(torch.Size([1024]), seed=1)(model.posterior(torch.cat([x, pool])))
    ours = nehvi_batch(draws.numpy(), 1, reference=np.array(reference), baseline=10)
    assert ours.tolist() == [int(theirs.argmax())]


def test_pending_and_infeasible_ones_are_left_alone():
    draws, _ = belief(2)
    best = int(nehvi_batch(draws, 1, reference=np.zeros(2), baseline=4)[0])
    chance = np.zeros(9)
    chance[best] = -20.0
    assert nehvi_batch(draws, 1, reference=np.zeros(2), baseline=4, log_chance=chance)[0] != best
    slack = np.ones((64, 13, 1))
    slack[:, 4 + best] = -1.0
    with_slack = np.concatenate([draws, slack], axis=2)
    assert nehvi_batch(with_slack, 1, reference=np.zeros(2), baseline=4)[0] != best
    order = [0, 1, 2, 3, 4 + best, *(4 + at for at in range(9) if at != best)]
    twice = np.concatenate([draws[:, order], draws[:, [4 + best]]], axis=1)  # the pending one again as a candidate
    assert nehvi_batch(twice, 1, reference=np.zeros(2), baseline=4, pending=1)[0] != 8


def test_botorch_is_imported_only_when_it_is_needed():
    tree = ast.parse(inspect.getsource(chemvae.search.with_botorch))
    imported = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert "numpy" in imported
    assert not [name for name in imported if name.startswith(("botorch", "gpytorch"))]
