import functools
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from chemvae.errors import InputError, OracleError
from chemvae.search import workers as module
from chemvae.search.calls import CallLog
from chemvae.search.objective import Objective
from chemvae.search.oracle import CountedOracle
from chemvae.search.spread import Spread
from chemvae.search.workers import Pool, Workers


@pytest.fixture
def tiny(plugged):
    import tiny_oracles

    return tiny_oracles


def answers(function, smiles, **how):
    """Return values and reasons in the order of the molecules."""
    with Pool({"it": function}, Workers(**{"workers": 1} | how)) as pool:
        found = sorted(pool.answers(smiles), key=lambda one: one.row)
    assert [one.row for one in found] == list(range(len(smiles)))
    return [one.value for one in found], [one.reason for one in found]


def gone(pid):
    """Whether a process has ended, within a few seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat")
            if state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_several_processes_answer_as_one_would(tiny):
    many = ["C" * n for n in range(1, 12)]
    assert answers(tiny.length, many, workers=2) == (list(map(float, range(1, 12))), [""] * 11)
    pids, _ = answers(tiny.two_at_once, many, workers=2)
    assert len(set(pids)) == 2
    assert os.getpid() not in pids


def test_molecules_are_handed_out_evenly_or_one_by_one_or_all_together(tiny):
    many = list("abcdef")
    assert answers(tiny.handed, many, workers=1)[0] == [6] * 6
    assert answers(tiny.handed, many, workers=2)[0] == [3] * 6
    assert answers(tiny.handed, many, timeout=60)[0] == [1] * 6
    assert answers(tiny.together, many, workers=2, timeout=60)[0] == [6] * 6


def test_a_failure_costs_one_molecule_and_says_why(tiny):
    many = ["a", "die", "bb", "crash", "raise", "leave", "hang", "cccccc"]
    values, reasons = answers(tiny.moody, many, workers=2, timeout=1.5)
    np.testing.assert_array_equal(values, [1, np.nan, 2, np.nan, np.nan, np.nan, np.nan, 6])
    assert reasons == [
        *("", "worker died with exit code 7", "", "worker died with exit code -11", "RuntimeError: no licence"),
        *("SystemExit: goodbye", "no answer within 1.5 s", ""),
    ]


def test_in_a_chunk_too_a_failure_costs_one_molecule(tiny):
    values, reasons = answers(tiny.moody, ["a", "bb", "die", "raise", "ccccc"], workers=1)
    np.testing.assert_array_equal(values, [1, 2, np.nan, np.nan, 5])
    assert reasons[2:4] == ["worker died with exit code 7", "RuntimeError: no licence"]


def test_what_failed_once_may_be_tried_again(tiny):
    assert answers(tiny.second_time, ["a"], retries=1) == ([1.0], [""])
    assert answers(tiny.second_time, ["b"], retries=0)[1] == ["worker died with exit code 3"]


def test_a_killed_worker_takes_along_what_it_started(tiny, plugged):
    assert answers(tiny.nursing, ["a"], timeout=1.0)[1] == ["no answer within 1 s"]
    assert gone(int((plugged / "child").read_text()))


def test_functions_of_no_module_travel_too():
    shift = 3
    assert answers(lambda smiles: [len(one) + shift for one in smiles], ["a", "bb"])[0] == [4, 5]


def test_what_cannot_travel_is_told():
    with pytest.raises(InputError, match="can travel to another process, but got TypeError"):
        Pool({"it": functools.partial(print, threading.Lock())}, Workers(workers=1))


@pytest.mark.parametrize("name", ["short", "words"])
def test_what_is_no_objective_ends_the_search(tiny, name):
    with (
        Pool({"it": getattr(tiny, name)}, Workers(workers=1)) as pool,
        pytest.raises(OracleError, match="Expected 2 num"),
    ):
        list(pool.answers(["a", "b"]))


def test_what_a_worker_cannot_load_is_told(tiny, monkeypatch):
    packed = module.packed({"it": tiny.length}).replace(b"tiny_oracles", b"tiny_orakels")
    monkeypatch.setattr(module, "packed", lambda _: packed)
    with Pool({"it": tiny.length}, Workers(workers=1)) as pool, pytest.raises(OracleError, match="ModuleNotFoundError"):
        list(pool.answers(["a"]))


def test_interrupted_workers_end(tiny):
    with Pool({"it": tiny.process}, Workers(workers=2)) as pool:
        begun = {int(one.value) for one in pool.answers(list("abcd"))}
        waiting = pool.answers(list("efgh"))
        begun.add(int(next(waiting).value))
        with pytest.raises(KeyboardInterrupt):
            waiting.throw(KeyboardInterrupt)
        assert all(gone(pid) for pid in begun)
        assert not {one.value for one in pool.answers(["i"])} & begun  # new ones begin when there is more to do


@pytest.mark.parametrize("how", [{"workers": -1}, {"timeout": 0.0}, {"timeout": float("nan")}, {"retries": -2}])
def test_numbers_that_cannot_be_are_refused(how):
    with pytest.raises(InputError, match=f"Set --{next(iter(how))}"):
        Workers(**how)


def test_finished_calls_are_on_disk_while_others_are_under_way(tiny, plugged):
    objective = Objective("moody - qed", functions={"moody": tiny.moody})
    log = CallLog(plugged / "oracle.jsonl", objective.text)
    kept = []
    with Pool(objective.needed, Workers(workers=1, timeout=2.0)) as pool:
        spread = Spread(objective, lambda smiles: {"qed": np.arange(len(smiles)) / 2}, pool)

        def stream(smiles):
            for one in spread(smiles):
                yield one
                kept.append(len(log.read()))

        oracle = CountedOracle(lambda _: pytest.fail(), 9, canonical=str, log=log, stream=stream)
        calls = oracle(["a", "raise", "bbb"])
    assert kept == [1, 2, 3]
    np.testing.assert_array_equal([call.value for call in calls], [1, np.nan, 2])
    assert calls[1].reason == "RuntimeError: no licence"
    assert calls[2].parts == {"moody": 3.0, "qed": 1.0}
