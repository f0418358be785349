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
