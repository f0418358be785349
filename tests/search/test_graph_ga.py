import dataclasses

import numpy as np
import pytest

from chemvae.errors import InputError
from chemvae.search.graph_ga import GraphGA, bred
from chemvae.search.history import History, Told
from chemvae.search.space import Edits, Pool


def measured(n, **more):
    rows = [Told(f"{i}.0,0.0,0.0,0.0", np.full(4, np.nan), float(i), True, 1, "told") for i in range(n)]
    return History.empty(4).add([dataclasses.replace(row, **more) for row in rows])


def chance():
    return np.random.default_rng(0)


NAMES = Edits(mutate=lambda one, _: f"{one}*", cross=lambda one, two, _: f"{one}+{two}")


def test_nothing_measured_is_drawn_from_the_prior(space):
    children = GraphGA().propose(10, History.empty(4), space, np.random.default_rng(0))
    assert children.how == ("prior",) * 10
    assert len(children.molecules) == 10


def test_half_from_the_prior_until_there_are_parents_enough(space):
    rng = np.random.default_rng(0)
    assert GraphGA(begin=50).propose(100, measured(49), space, rng).how.count("prior") == 50
    assert GraphGA(begin=50).propose(100, measured(50), space, rng).how.count("prior") == 0


def test_shares_of_the_moves(space):
    how = GraphGA(mutation=0.25).propose(2000, measured(60), dataclasses.replace(space, edits=NAMES), chance()).how
    assert how.count("mutation") / len(how) == pytest.approx(0.25, abs=0.03)


def test_better_parents_have_more_children():
    parents = [f"m{rank}" for rank in range(100)]
    children = [one.smiles for one in bred(3000, parents, NAMES, chance(), mutation=1.0).molecules]
    often = [children.count(f"m{rank}*") for rank in (0, 9, 99)]
    assert often[0] > often[1] > often[2]


def test_only_the_best_are_parents(space):
    children = GraphGA(population=3, mutation=1.0).propose(
        200, measured(60), dataclasses.replace(space, edits=NAMES), chance()
    )
    assert {one.smiles[:2] for one in children.molecules} == {"57", "58", "59"}


def test_what_came_to_nothing_is_left_out():
    nothing = Edits(mutate=lambda *_: None, cross=lambda *_: None)
    assert bred(50, ["a"], nothing, chance(), mutation=0.5).how == ()
    assert bred(50, [], NAMES, chance(), mutation=0.5).how == ()


def test_failures_are_no_parents(space):
    children = GraphGA().propose(10, measured(60, value=np.nan), space, chance())
    assert set(children.how) == {"prior"}


def test_takes_them_as_they_come(space):
    pool = Pool(tuple("abc"), np.full((3, 4), np.nan))
    assert GraphGA().choose(2, pool, measured(3), space, chance()).tolist() == [0, 1]


def test_without_edits_it_says_what_to_do(space):
    with pytest.raises(InputError, match="Use bayes or random"):
        GraphGA().propose(3, measured(3), dataclasses.replace(space, edits=None), chance())
