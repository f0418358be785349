"""Faults: what is killed again and again, or has no room, or no peace, ends in the bytes of what was left alone.

One harness for training, optimising and scoring: the program runs in forks of a process that has imported everything,
and is killed with -9 at random moments, the same ones for the same seed but for how fast the machine is.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

MODULES = ("chemvae.cli.app", "chemvae.train", "chemvae.optimize", "chemvae.score", "chemvae.model", "chemvae.plugins")
MOLECULES = ["CCO", "c1ccccc1O", "oops", "CC(=O)Nc1ccc(O)cc1", '"CC\nC"', "", "CCN(CC)CC"]
ROWS = 420
RECIPE = """
name = "tiny"
[data]
prepared = "{prepared}"
[model]
latent = 4
encoder = {{embed = 8, channels = [16], kernels = [3], strides = [2], hidden = [16]}}
decoder = {{embed = 8, width = 24, memory = 4, hidden = 8}}
head = {{hidden = [8]}}
[train]
epochs = 2
batch_size = 8
threads = 1
checkpoint_minutes = 1e-9
"""


class Program:
    """The program `chemvae`, one run at a time."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("forking.py")), *MODULES]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1"}
        self.forks = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        assert self._line() == "ready"

    def begin(self, *words: str, limit: int | None = None) -> int:
        """Start a run and return the number of its process."""
        assert self.forks.stdin is not None
        self.forks.stdin.write(json.dumps({"words": words, "limit": limit}) + "\n")
        self.forks.stdin.flush()
        return int(self._line())

    def end(self) -> tuple[int, str]:
        """Wait for the end of a run: its exit code, negative for a signal, and the last that it said."""
        code, said = json.loads(self._line())
        return code, said

    def run(self, *words: str) -> None:
        self.begin(*words)
        assert self.end()[0] == 0

    def close(self) -> None:
        assert self.forks.stdin is not None and self.forks.stdout is not None
        self.forks.stdin.close()
        self.forks.wait()
        self.forks.stdout.close()

    def _line(self) -> str:
        assert self.forks.stdout is not None
        return self.forks.stdout.readline().strip()


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    found = Program()
    yield found
    found.close()


class Training:
    """Killed between two checkpoints, of which there is one a step."""

    steps = 16

    def __init__(self, folder: Path, prepared: Path, _: Path):
        (folder / "run.toml").write_text(RECIPE.format(prepared=prepared))
        self.folder = folder

    def words(self, out: Path) -> list[str]:
        """Begin, or go on with what is there."""
        if (out / "run.toml").is_file():
            return ["train", "--resume", str(out)]
        return ["train", str(self.folder / "run.toml"), "-o", str(out)]

    def mark(self, out: Path) -> object:
        """Something that changes with every step that is safe."""
        return changed(out / "checkpoints" / "last.ckpt")

    def done(self, out: Path) -> bool:
        return (out / "report.html").is_file()

    def result(self, out: Path) -> dict[str, object]:
        log = pd.read_csv(out / "metrics.csv").drop(columns="seconds")
        weights = (out / "model" / "model.safetensors").read_bytes()
        return {"weights": weights, "log": log.to_csv(), "kl": (out / "kl_per_dimension.csv").read_text().count("\n")}


class Optimising:
    """Killed between two oracle calls."""

    steps = 8

    def __init__(self, _: Path, __: Path, bundle: Path):
        self.options = ["--maximize", "qed", "--start", "CCO", "--budget", "25", "--batch", "3", "-m", str(bundle)]

    def words(self, out: Path) -> list[str]:
        return ["optimize", *self.options, "-o", str(out), "--resume"]

    def mark(self, out: Path) -> object:
        return changed(out / "oracle.jsonl")

    def done(self, out: Path) -> bool:
        return '"finished"' in text(out / "manifest.json")

    def result(self, out: Path) -> dict[str, object]:
        tables = {name: (out / name).read_bytes() for name in ("candidates.csv", "history.parquet")}
        asked = [json.loads(line).get("smiles") for line in text(out / "oracle.jsonl").splitlines()]
        assert len(asked) == len(set(asked))  # nothing is measured twice
        return tables


class Scoring:
    """Killed between two shards of a job that becomes a file."""

    steps = 21

    def __init__(self, folder: Path, _: Path, __: Path):
        self.table = folder / "in.csv"
        cells = (f"{MOLECULES[at % len(MOLECULES)]},{at}\n" for at in range(ROWS))
        self.table.write_text("smiles,id\n" + "".join(cells))

    def words(self, out: Path) -> list[str]:
        options = ["--properties", "logp,qed", "--filters", "qed>=0.5,pains", "--shard-rows", "20", *self.more]
        return ["score", str(self.table), "-o", str(out / "out.csv"), *options, "--resume", "--no-report"]

    more: tuple[str, ...] = ()

    def mark(self, out: Path) -> object:
        return len(list((out / "out.csv.job").glob("shards/*.json")))

    def done(self, out: Path) -> bool:
        return (out / "out.csv").is_file() and not (out / "out.csv.job").exists()

    def result(self, out: Path) -> dict[str, object]:
        assert sorted(os.listdir(out)) == ["out.csv"]
        return {"table": (out / "out.csv").read_bytes()}


class ScoringApart(Scoring):
    """The same with processes for RDKit."""

    more = ("-j", "2", "--timeout", "60")


VERBS = {"train": Training, "optimize": Optimising, "score": Scoring, "score apart": ScoringApart}


def text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@pytest.fixture(scope="module")
def verb_of(program: Program, tiny_prepared: Path, tiny_bundle: Path, tmp_path_factory) -> Callable:
    """Return a verb, and what it leaves when nobody disturbs it."""
    known = {}

    def found(name: str):
        if name not in known:
            folder = tmp_path_factory.mktemp(name.replace(" ", "_"))
            verb = VERBS[name](folder, tiny_prepared, tiny_bundle)
            program.run(*verb.words(folder / "whole"))
            known[name] = verb, verb.result(folder / "whole")
        return known[name]

    return found


def wait_until(good: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not good() and time.monotonic() < until:
        time.sleep(0.001)


def killed(program: Program, verb, out: Path, rng: random.Random, furthest: int) -> bool:
    """Run a verb and kill it some steps later; false if it was faster."""
    child = program.begin(*verb.words(out))
    for _ in range(rng.randint(0, furthest)):  # by what it has done: by the clock, a start takes who knows how long
        before = verb.mark(out)
        wait_until(lambda before=before: verb.mark(out) != before or ended(child), 300.0)
    time.sleep(rng.random() * rng.choice([0.0, 0.01, 0.1, 1.0]))
    with contextlib.suppress(ProcessLookupError):  # it has ended, and somebody has waited for it
        os.kill(child, signal.SIGKILL)
    code, said = program.end()
    assert code in (0, -signal.SIGKILL), said
    return code != 0


def ended(child: int) -> bool:
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["train", "optimize", "score", pytest.param("score apart", marks=pytest.mark.slow)])
def test_kills_leave_no_trace_in_the_result(program: Program, verb_of, name: str, kills: int, tmp_path: Path):
    verb, whole = verb_of(name)
    rng, n, round_ = random.Random(kills), 0, 0
    while n < kills:  # in a run that was faster than its kills, in the next one
        out, round_ = tmp_path / f"{round_}" / "out", round_ + 1
        out.parent.mkdir()
        while n < kills and not verb.done(out):
            n += killed(program, verb, out, rng, max(1, verb.steps // (kills + 1)))
        if not verb.done(out):
            program.run(*verb.words(out))
        assert verb.result(out) == whole
        assert os.listdir(out.parent) == ["out"]  # nothing half-written stays beside it


@pytest.mark.parametrize(("name", "limit"), [("train", 20_000), ("optimize", 2_500), ("score", 2_500)])
def test_no_room_or_another_process_is_told_in_one_line_and_a_resume_goes_on(
    program: Program, verb_of, name: str, limit: int, tmp_path: Path
):
    """No file may grow beyond a limit, which is how a disk without room looks to a program."""
    from chemvae.io.alone import alone_in

    verb, whole = verb_of(name)
    program.begin(*verb.words(tmp_path / "out"), limit=limit)
    code, said = program.end()
    assert code == 1 and said.startswith("error: ") and "File too large" in said, said
    assert not verb.done(tmp_path / "out")
    if name != "score":  # which is shared instead: tests/scoring/test_job.py
        with alone_in(tmp_path / "out"):
            program.begin(*verb.words(tmp_path / "out"))
            code, said = program.end()
        assert code == 1 and "another process works there" in said, said
    program.run(*verb.words(tmp_path / "out"))
    assert verb.result(tmp_path / "out") == whole


def start(*options: str, **more) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "chemvae", "score", *options]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env, **more)


@pytest.mark.slow
def test_a_killed_partner_is_replaced(verb_of, tmp_path: Path):
    verb, whole = verb_of("score apart")
    first, second = (start(*verb.words(tmp_path)[1:]) for _ in range(2))
    wait_until(lambda: verb.mark(tmp_path) >= 3, 300.0)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    said = second.communicate()[1]
    assert second.returncode == 0, said
    assert verb.result(tmp_path) == whole


def test_no_room_for_the_file_keeps_the_shards(program: Program, verb_of, tmp_path: Path):
    verb, whole = verb_of("score")
    program.begin(*verb.words(tmp_path / "out"), limit=12_000)  # bytes a file: enough for a shard, not for the table
    code, said = program.end()
    assert code == 1 and "File too large" in said, said
    assert verb.mark(tmp_path / "out") == ROWS // 20
    assert not (tmp_path / "out" / "out.csv").exists()
    program.run(*verb.words(tmp_path / "out"))
    assert verb.result(tmp_path / "out") == whole
