import dataclasses

import numpy as np
import pytest

from chemvae.errors import ConfigError
from chemvae.molecule import Molecule, Verdict
from chemvae.search.cmaes import CmaEs, ranked, thinned
from chemvae.search.history import History
from chemvae.search.optimizer import Optimizer
from chemvae.search.random import RandomSearch


def searched(method, space, score, rounds=15, seed=0):
    optimizer = Optimizer(method, space, seed=seed)
    for _ in range(rounds):
        asked = optimizer.ask(20)
        optimizer.tell(asked, score(asked).value)
    return optimizer


def strategy(method):
    return next(iter(method._followed.values()))


def test_finds_the_top_of_a_parabola(space, parabola):
    best = searched(CmaEs(), space, parabola).history.value
    random = searched(RandomSearch(), space, parabola).history.value
    assert np.sort(best)[-10:].mean() > np.sort(random)[-10:].mean() + 0.1
    assert best.max() > -0.05


def test_first_points_are_of_the_prior_and_a_population_is_as_large_as_a_batch(space, parabola):
    method = CmaEs()
    history = searched(method, space, parabola, rounds=3).history
    assert set(history.how[:20]) == {"prior"}
    assert set(history.how[20:]) == {"cmaes"}
    assert strategy(method).size == 20
    assert strategy(method).cma.countiter == 1  # the third batch has not been learned from yet


def test_small_batches_make_one_population_together(space, parabola):
    method = CmaEs(population=16)
    optimizer = Optimizer(method, space)
    for _ in range(7):
        asked = optimizer.ask(5)
        optimizer.tell(asked, parabola(asked).value)
    optimizer.ask(1)
    assert strategy(method).size == 16
    assert strategy(method).cma.countiter == 1


def test_seed_and_what_was_told_decide_what_is_asked(space, parabola):
    one, same, other = (searched(CmaEs(), space, parabola, rounds=5, seed=seed).history.smiles for seed in (3, 3, 4))
    assert one == same != other


def test_the_global_generator_is_left_alone(space, parabola):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    searched(CmaEs(), space, parabola, rounds=4)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_begins_again_with_twice_the_population_where_nothing_is_new(space, parabola):
    method = CmaEs()
    optimizer = searched(method, space, parabola, rounds=3)
    mean = strategy(method).cma.mean.copy()
    known = optimizer.history.smiles[0]
    stuck = dataclasses.replace(space, write=lambda z: [Molecule(known, known, Verdict.VALID)] * len(z))
    strategy(method).space = stuck
    strategy(method).draw(20, np.random.default_rng(0))
    assert strategy(method).size == 40
    assert strategy(method).cma.sigma0 == method.sigma
    assert np.abs(strategy(method).cma.mean - mean).max() > 0.1


def test_another_history_is_another_search(space, parabola):
    method = CmaEs()
    searched(method, space, parabola, rounds=4)
    first = searched(CmaEs(), space, parabola, rounds=4, seed=5).history.smiles
    assert searched(method, space, parabola, rounds=4, seed=5).history.smiles == first


def test_what_was_told_without_being_asked_is_a_place_to_begin(space, parabola):
    method = CmaEs(sigma=0.01)
    optimizer = Optimizer(method, space)
    optimizer.tell(["1.0,1.0,1.0,1.0", "2.0,2.0,2.0,2.0"], [1.0, 0.0])
    points = method.propose(20, optimizer.history, optimizer.space, np.random.default_rng(0))
    assert {one.smiles for one in points.molecules} == {"1.0,1.0,1.0,1.0"} or strategy(method).size > 16


def test_new_molecules_come_before_failures_repeats_the_known_the_unmeasured_and_the_invalid():
    values = {"good": 2.0, "fair": 1.0, "failed": np.nan, "old": 9.0}
    drawn = [None, "filtered", "old", "fair", "failed", "good", "good"]
    assert [drawn[at] for at in ranked(drawn, values, {"old"})] == [
        "good",
        "fair",
        "failed",
        "old",
        "good",
        "filtered",
        None,
    ]


def test_thinning_keeps_the_best_half_and_the_worst():
    assert thinned(list(range(10, 30)), 8) == [10, 11, 12, 13, 14, 19, 24, 29]
    assert thinned([3, 1, 2, 0], 4) == [3, 1, 2, 0]


def test_no_step_is_no_search():
    with pytest.raises(ConfigError, match="sigma above 0"):
        CmaEs(sigma=0.0)


def test_nothing_measured_is_the_prior(space):
    written = CmaEs().propose(7, History.empty(4), space, np.random.default_rng(0))
    assert written.how == ("prior",) * 7
