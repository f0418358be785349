"""Guarded work: what hangs or crashes costs itself, and everything else keeps its place."""

import functools
import itertools
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from chemvae.chem import guarded
from chemvae.chem.guarded import Guard
from chemvae.errors import ChemvaeError, InputError


class Work:
    """What is done to items here, as a guard wants it."""

    def __init__(self, name: str = "work", mark: str = ""):
        self.maker, self.mark = f"test_guarded:{name}", mark

    def plain(self) -> dict[str, int | str]:
        return {"times": 2, "mark": self.mark}

    def answer(self, told: list[str]) -> list[str]:
        return told

    def lost(self, reason: str) -> list[str]:
        return [reason]


def work(settings: dict[str, int]) -> Callable[[Sequence[str]], list[str]]:
    return lambda items: worked(items, settings["times"])


def worked(items: Sequence[str], times: int) -> list[str]:
    """Double each item; some words do harm."""
    for item in items:
        word, _, rest = item.partition(" ")
        if word in HARMS:
            HARMS[word](rest)
    return [item * times for item in items]


def hang(_: str) -> None:
    while True:
        pass


def grab(_: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, resource.RLIM_INFINITY))
    bytearray(2**40)


def refuse(_: str) -> None:
    raise InputError("Expected another word.")


def hit(what: signal.Signals, mark: str) -> None:
    """Send this process a signal, unless the file is there that says that it was sent."""
    if not mark or not Path(mark).exists():
        Path(mark or os.devnull).touch()
        os.kill(os.getpid(), what)


HARMS: dict[str, Callable[[str], None]] = {
    "hang": hang,
    "nap": lambda _: time.sleep(0.7),
    "crash": functools.partial(hit, signal.SIGSEGV),
    "shot": functools.partial(hit, signal.SIGKILL),  # as by the kernel, when somebody wants memory
    "stop": functools.partial(hit, signal.SIGSTOP),
    "greedy": grab,
    "refuse": refuse,
}


def shaken(settings: dict[str, str]) -> Callable[[Sequence[str]], list[str]]:
    hit(signal.SIGKILL, settings["mark"])
    return work({"times": 2})


def broken(settings: dict[str, int]) -> Callable[[Sequence[str]], list[str]]:
    os._exit(7)


def hopeless(settings: dict[str, int]) -> Callable[[Sequence[str]], list[str]]:
    return lambda items: os._exit(7)


def flat(guard: Guard, tasks: list[list[str]]) -> list[list[str]]:
    found = list(guard.each(enumerate(tasks)))
    assert [tag for tag, _ in found] == list(range(len(tasks)))
    return [[one for part in parts for one in part] for _, parts in found]


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """A child imports this file by its name."""
    monkeypatch.syspath_prepend(os.path.dirname(__file__))


def test_answers_keep_their_places(monkeypatch):
    monkeypatch.setattr(guarded, "SLICE", 3)
    tasks = [[f"{at}{n}" for n in range(at % 5)] for at in range(20)]
    with Guard(Work(), jobs=2, limit=60.0) as guard:
        assert flat(guard, tasks) == [[item * 2 for item in task] for task in tasks]
        assert flat(guard, [["a"]]) == [["aa"]]


def test_what_hangs_or_crashes_costs_itself_alone(monkeypatch):
    monkeypatch.setattr(guarded, "SLICE", 4)
    tasks = [["a", "b", "crash", "c", "d"], ["hang"], ["e"]]
    with Guard(Work(), jobs=1, limit=0.5) as guard:
        assert flat(guard, tasks) == [
            ["aa", "bb", "ended its process (SIGSEGV)", "cc", "dd"],
            ["took over 0.5 s"],
            ["ee"],
        ]


def test_what_runs_out_of_memory_costs_itself_and_who_was_shot_by_another_nothing(tmp_path: Path):
    shot = f"shot {tmp_path / 'mark'}"
    with Guard(Work(), jobs=2, limit=60.0) as guard:
        assert flat(guard, [["a", "greedy", "b"], ["c", shot, "d"]]) == [
            ["aa", "ended its process (it ran out of memory)", "bb"],
            ["cc", shot * 2, "dd"],
        ]
    assert (tmp_path / "mark").exists()


def test_an_error_on_purpose_is_told():
    with Guard(Work(), jobs=1, limit=60.0) as guard, pytest.raises(InputError, match="another word"):
        flat(guard, [["refuse"]])


def test_what_is_killed_every_time_costs_itself_alone():
    with Guard(Work(), jobs=1, limit=60.0) as guard:
        lost = "ended its process (SIGKILL, most often for want of memory)"
        assert flat(guard, [["a", "shot", "b"], ["c"]]) == [["aa", lost, "bb"], ["cc"]]


def test_many_that_do_harm_in_a_row_are_no_broken_machine(monkeypatch):
    monkeypatch.setattr(guarded, "HOPELESS", 1)
    with Guard(Work(), jobs=1, limit=60.0) as guard:
        assert flat(guard, [["a"], ["crash"] * 3]) == [["aa"], ["ended its process (SIGSEGV)"] * 3]


@pytest.mark.parametrize(("work", "items"), [(Work("hopeless"), "ab"), (Work(), ["shot"] * 3)])
def test_one_death_after_the_other_is_told_in_one_line(monkeypatch, work, items):
    monkeypatch.setattr(guarded, "HOPELESS", 1)
    with Guard(work, jobs=1, limit=60.0) as guard, pytest.raises(ChemvaeError, match="one after another"):
        flat(guard, [list(items)])


def test_a_machine_that_breaks_on_the_way_gives_no_reasons(monkeypatch):
    monkeypatch.setattr(guarded, "HOPELESS", 2)
    with Guard(Work(), jobs=1, limit=60.0) as guard:
        assert flat(guard, [["a"]]) == [["aa"]]
        guard.__exit__()  # those that could work are gone
        guard.work = Work("hopeless")
        monkeypatch.delattr(Work, "lost")
        with pytest.raises(ChemvaeError, match="one after another"):
            flat(guard, [["b"]])


def test_who_is_shot_before_it_can_work_is_replaced_and_who_cannot_begin_is_told(tmp_path: Path):
    with Guard(Work("shaken", str(tmp_path / "mark")), jobs=1, limit=60.0) as guard:
        assert flat(guard, [["a"]]) == [["aa"]]
    with Guard(Work("broken"), jobs=1, limit=60.0) as guard, pytest.raises(ChemvaeError, match="exit code 7"):
        flat(guard, [["a"]])


def test_who_was_stopped_is_replaced_even_with_its_pipe_full(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(guarded, "SLICE", 1)
    items = [f"stop {tmp_path / 'mark'}", *["x" * 2**20] * 3]
    with Guard(Work(), jobs=1, limit=60.0, grace=0.5) as guard:
        assert flat(guard, [items]) == [[item * 2 for item in items]]


def test_what_is_silent_every_time_costs_itself_alone():
    with Guard(Work(), jobs=1, limit=60.0, grace=0.5) as guard:
        assert flat(guard, [["a"], ["stop"], ["b"]]) == [["aa"], ["said nothing for 0.5 s"], ["bb"]]


def test_a_pause_of_the_one_who_asks_is_nobodys_silence(monkeypatch):
    clock = itertools.count(0.0, 1000.0)
    monkeypatch.setattr(guarded, "monotonic", lambda: next(clock))
    with Guard(Work(), jobs=1, limit=60.0, grace=3.0) as guard:
        assert flat(guard, [["nap"]]) == [["napnap"]]


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot be told")
def test_memory_is_taken_from_a_worker_and_not_from_the_one_who_asks():
    with Guard(Work(), jobs=1, limit=60.0) as guard:
        assert flat(guard, [["a"]]) == [["aa"]]
        (child,) = guard._children
        own, theirs = (int(Path(f"/proc/{who}/oom_score_adj").read_text()) for who in ("self", child.process.pid))
    assert theirs >= 300 and theirs >= own


def test_children_end_with_the_one_who_asks():
    code = (
        "import os, signal, sys; from chemvae.chem.guarded import Guard; import test_guarded\n"
        "guard = Guard(test_guarded.Work(), jobs=1, limit=60.0)\n"
        "next(guard.each([(0, ['a'])])); guard._cut(1, ['hang']); guard._hand_out()\n"
        "print(guard._children[0].process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    child = int(done.stdout)
    for _ in range(600):
        about = Path(f"/proc/{child}/stat")
        if not about.exists() or about.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    raise AssertionError("the child outlives its parent")
