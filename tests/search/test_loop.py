import numpy as np
import pytest

from chemvae.search.calls import CallLog
from chemvae.search.found import START, Ending
from chemvae.search.loop import run
from chemvae.search.methods import METHODS, method_from
from chemvae.search.optimizer import Optimizer
from chemvae.search.oracle import CountedOracle

BEGIN = ["-1.0,1.0,0.0,0.0", "0.0,0.0,0.0,0.0", "2.0,2.0,2.0,2.0"]


def search(space, score, method, *, budget=80, seed=0, log=None):
    oracle = CountedOracle(score, budget, canonical=lambda text: text, log=log)
    optimizer = Optimizer(method_from(method), space, seed=seed)
    told = []
    ending = run(optimizer, oracle, BEGIN, batch=10, progress=told.append)
    return optimizer, oracle, ending, told


@pytest.mark.parametrize("method", METHODS)
def test_spends_exactly_the_budget_and_tells_progress(space, parabola, method):
    optimizer, oracle, ending, told = search(space, parabola, method, budget=37)
    assert ending is Ending.BUDGET
    assert [one.calls for one in told] == [3, 13, 23, 33, 37]
    assert told[-1].best == np.nanmax(optimizer.history.value)
    assert optimizer.history.how[:4] == (START, START, START, optimizer.history.how[3])
    assert START not in optimizer.history.how[3:]


def test_a_search_that_is_stopped_keeps_what_it_measured(space, parabola):
    whole = search(space, parabola, "random", budget=37)[0].history
    oracle, told = CountedOracle(parabola, 37, canonical=lambda text: text), []
    optimizer = Optimizer(method_from("random"), space, seed=0)
    stop = lambda: len(oracle.calls) > 20  # noqa: E731
    assert run(optimizer, oracle, BEGIN, batch=10, progress=told.append, stop=stop) is Ending.STOPPED
    assert optimizer.history.smiles == whole.smiles[:23]
    assert told[-1].smiles == optimizer.history.smiles[int(np.nanargmax(optimizer.history.value))]
    oracle.budget = 23  # a search whose budget is spent was not stopped
    assert run(optimizer, oracle, [], batch=10, stop=lambda: True) is Ending.BUDGET


@pytest.mark.parametrize("method", ["bayes", "gradient", "graph-ga", "structure-bayes"])
def test_climbs_the_parabola_better_than_chance(space, parabola, method):
    def top(name, seed):
        return np.sort(search(space, parabola, name, seed=seed)[0].history.value)[-10:].mean()

    assert np.mean([top(method, seed) for seed in (0, 1)]) > np.mean([top("random", seed) for seed in (0, 1)]) + 0.3


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_search(space, parabola, method):
    one, two, other = (search(space, parabola, method, budget=40, seed=seed)[0].history for seed in (3, 3, 4))
    assert one.smiles == two.smiles
    assert one.smiles != other.smiles


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("method", METHODS)
def test_a_search_that_was_killed_goes_on_as_if_it_had_not_been(space, parabola, method, tmp_path):
    whole = search(space, parabola, method, budget=50)[0].history
    scored = []

    def dies(texts):
        if len(scored) > 20:
            raise Killed
        scored.extend(texts)
        return parabola(texts)

    with pytest.raises(Killed):
        search(space, dies, method, budget=50, log=CallLog(tmp_path / "calls.jsonl", "height"))

    def counts(texts):
        scored.extend(texts)
        return parabola(texts)

    again, oracle, _, _ = search(space, counts, method, budget=50, log=CallLog(tmp_path / "calls.jsonl", "height"))
    assert again.history.smiles == whole.smiles
    assert len(scored) == len(set(scored)) == 50
    assert oracle.made == 27


def test_failures_do_not_stop_a_search(space, parabola):
    def fails_left_of_zero(texts):
        if any(text.startswith("-") for text in texts):
            raise ValueError("no")
        return parabola(texts)

    optimizer, oracle, ending, _ = search(space, fails_left_of_zero, "bayes", budget=60)
    failed = np.isnan(optimizer.history.value)
    assert ending is Ending.BUDGET
    assert failed.any()
    assert [call.smiles.startswith("-") for call in oracle.calls] == failed.tolist()


POINTS = {name: np.array([float(x) for x in top.split(",")]) for name, top in (("a", "1,1,0,0"), ("b", "-1,1,0,0"))}


def two(limits="", reference=None):
    """Return an objective with two tops, and an oracle for it."""
    from chemvae.search.objective import Objective

    def table(texts):
        z = np.array([[float(part) for part in text.split(",")] for text in texts])
        near = {name: -((z - top) ** 2).sum(axis=1) for name, top in POINTS.items()}
        return near | {"x": z[:, 2], "y": z[:, 3]}

    objective = Objective(maximize=["a", "b"], pareto=True, measured=limits, reference=reference)
    return objective, lambda texts: objective.score(texts, table)


def search_two(space, method, *, budget=130, seed=0, limits=(), log=None, start=BEGIN, dies=None):
    objective, score = two(limits)
    oracle = CountedOracle(dies or score, budget, canonical=lambda text: text, log=log)
    optimizer = Optimizer(method_from(method), space, seed=seed)
    told = []
    run(
        optimizer,
        oracle,
        start,
        batch=10,
        outcomes=objective.outcomes_of,
        progress=told.append,
    )
    return optimizer, oracle, told


def volume(optimizer, n=None):
    from chemvae.search.front import hypervolume

    history = optimizer.history
    return hypervolume(history.outcomes[:n][history.feasible[:n]], np.array([-6.0, -6.0]))


MOST_VOLUME = 100 / 3  # from -6, -6: 12 beside the curve between the two tops and 21 1/3 below it


@pytest.mark.parametrize(
    ("method", "budget", "seeds"), [("structure-bayes", 103, (0,)), ("bayes", 53, (0,)), ("graph-ga", 130, (0, 1))]
)
def test_two_objectives_come_nearer_to_the_whole_front_than_chance(space, method, budget, seeds):
    left = [
        MOST_VOLUME - np.mean([volume(search_two(space, name, budget=budget, seed=seed)[0]) for seed in seeds])
        for name in (method, "random")
    ]
    assert 0.0 < left[0] < 0.8 * left[1]


def test_progress_tells_the_hypervolume(space):
    optimizer, _, told = search_two(space, "random", budget=60)
    assert {one.what for one in told} == {"hypervolume"}
    last = [one.best for one in told if one.calls >= 53]
    assert last == sorted(last)
    assert optimizer.history.several


@pytest.mark.parametrize(("method", "early", "budget"), [("structure-bayes", 40, 113), ("bayes", 13, 53)])
def test_a_measured_constraint_that_few_meet_is_met_by_most_later_ones(space, method, early, budget):
    met = search_two(space, method, budget=budget, limits=["x >= 1.5"])[0].history.feasible
    assert met[:early].mean() < 0.4
    assert met[-20:].mean() > 0.6


def test_one_objective_under_a_measured_constraint(space, parabola):
    from chemvae.search.objective import Outcomes

    def slack(calls):
        sides = [[float(call.smiles.split(",")[1]) - 1.0] for call in calls]
        return Outcomes(np.empty((len(calls), 0)), np.array(sides).reshape(-1, 1))

    optimizer = Optimizer(method_from("structure-bayes"), space)
    oracle = CountedOracle(parabola, 130, canonical=lambda text: text)
    run(optimizer, oracle, ["0.0,-3.0,0.0,0.0"], batch=10, outcomes=slack)
    history = optimizer.history
    assert history.feasible[-30:].mean() > 0.6
    assert history.value[history.feasible].max() > -6.0  # the best there is lies at -4, a good one of the prior at -8


def test_failures_are_avoided_once_they_are_known(space, parabola):
    def crashes(texts):
        scores = parabola(texts)
        left = np.array([float(text.split(",")[0]) > 0.8 for text in texts])  # and there lies the top
        return type(scores)(np.where(left, np.nan, scores.value), scores.parts, scores.reasons)

    optimizer = Optimizer(method_from("structure-bayes"), space)
    run(optimizer, CountedOracle(crashes, 150, canonical=lambda text: text), BEGIN, batch=10)
    failed = np.isnan(optimizer.history.value)
    assert failed[:100].any()
    assert failed[-40:].mean() < 0.3


@pytest.mark.parametrize(("method", "budget"), [("structure-bayes", 73), ("bayes", 33), ("graph-ga", 53)])
def test_a_search_for_a_front_goes_on_after_a_kill_as_if_nothing_had_been(space, method, budget, tmp_path):
    whole = search_two(space, method, budget=budget, limits=["y <= 1"])[0].history
    score, scored, log = two(["y <= 1"])[1], [], CallLog(tmp_path / "calls.jsonl", "two")

    def dies(texts):
        if len(scored) > budget - 15:
            raise Killed
        scored.extend(texts)
        return score(texts)

    with pytest.raises(Killed):
        search_two(space, method, budget=budget, limits=["y <= 1"], log=log, dies=dies)
    again, oracle, _ = search_two(space, method, budget=budget, limits=["y <= 1"], log=log)
    assert again.history.smiles == whole.smiles
    assert 0 < oracle.made < budget
    np.testing.assert_array_equal(again.history.outcomes, whole.outcomes)
