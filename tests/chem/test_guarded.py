"""Guarded work: what hangs or crashes costs itself, and everything else keeps its place."""

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

    def __init__(self, name: str = "work"):
        self.maker = f"test_guarded:{name}"

    def plain(self) -> dict[str, int]:
        return {"times": 2}

    def answer(self, told: list[str]) -> list[str]:
        return told

    def lost(self, reason: str) -> list[str]:
        return [reason]


def work(settings: dict[str, int]) -> Callable[[Sequence[str]], list[str]]:
    return lambda items: worked(items, settings["times"])


def worked(items: Sequence[str], times: int) -> list[str]:
    """Double each item; some words do harm."""
    for item in items:
        if item == "hang":
            while True:
                pass
        if item == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if item == "greedy":
            resource.setrlimit(resource.RLIMIT_AS, (2**30, resource.RLIM_INFINITY))
            bytearray(2**40)
        if item.startswith("shot") and not (mark := Path(item.removeprefix("shot "))).exists():
            mark.touch()  # once: as if the kernel had chosen this process when another one wanted memory
            os.kill(os.getpid(), signal.SIGKILL)
        if item == "refuse":
            raise InputError("Expected another word.")
    return [item * times for item in items]


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


def test_one_death_after_the_other_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(guarded, "HOPELESS", 2)
    with Guard(Work("hopeless"), jobs=1, limit=60.0) as guard, pytest.raises(ChemvaeError, match="one after another"):
        flat(guard, [["a", "b"]])


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
