"""Faults: a scoring that is killed again and again, or has no room, ends in the bytes of one that was left alone."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MOLECULES = ["CCO", "c1ccccc1O", "oops", "CC(=O)Nc1ccc(O)cc1", '"CC\nC"', "", "CCN(CC)CC"]
ROWS = 420
OPTIONS = ["--properties", "logp,qed", "--shard-rows", "20"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("smiles,id\n" + "".join(f"{MOLECULES[at % len(MOLECULES)]},{at}\n" for at in range(ROWS)))
    return path


def start(*options: str, **more) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "chemvae", "score", *options]
    root = str(Path(__file__).parents[1])
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        **more,
    )


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    said = process.communicate()[1]
    assert process.returncode == code, said
    return said


def seals(job: Path) -> int:
    return len(list(job.glob("shards/*.json")))


def kill_at(process: subprocess.Popen[str], job: Path, more: int, later: float) -> bool:
    """Kill a process some time after it has finished so many shards more; false if it was faster."""
    wanted = min(seals(job) + more, ROWS // 20)
    while process.poll() is None and seals(job) < wanted:
        time.sleep(0.002)
    time.sleep(later)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def killed_and_resumed(table: Path, out: Path, job: Path, kills: int, options: list[str]) -> None:
    """Kill a scoring at random moments and go on with it, then let it end."""
    rng, given = random.Random(kills), [str(table), "-o", str(out), *OPTIONS, *options, "--resume"]
    n = before = 0
    while n < kills and not (out.is_file() and not job.exists()):
        # Before its plan, in the middle of it, or some shards later; not by the clock, for a start takes long.
        n += kill_at(start(*given), job, rng.choice([0, 1, 1, 2, 4]), rng.random() * rng.choice([0.01, 0.1, 1.0]))
        assert not job.is_dir() or seals(job) >= before or out.is_file()  # what is finished stays
        before = seals(job)
    if not out.is_file() or job.exists():
        ended(start(*given))


@pytest.mark.parametrize(
    ("kills", "options"), [(3, []), pytest.param(20, ["-j", "2", "--timeout", "60"], marks=pytest.mark.slow)]
)
def test_kills_leave_no_trace_in_the_result(table: Path, tmp_path: Path, kills: int, options: list[str]):
    ended(start(str(table), "-o", str(tmp_path / "plain.csv"), "--properties", "logp,qed"))
    out = tmp_path / "out.csv"
    killed_and_resumed(table, out, tmp_path / "out.csv.job", kills, options)
    assert out.read_bytes() == (tmp_path / "plain.csv").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv", "plain.csv"]


@pytest.mark.slow
def test_a_killed_partner_is_replaced(table: Path, tmp_path: Path):
    ended(start(str(table), "-o", str(tmp_path / "plain.csv"), "--properties", "logp,qed"))
    given = [str(table), "-o", str(tmp_path / "job"), *OPTIONS, "--resume", "--timeout", "60", "-j", "1"]
    first, second = start(*given), start(*given)
    assert kill_at(first, tmp_path / "job", 3, 0.0)
    ended(second)
    from chemvae.io.jobs import JobFolder
    from chemvae.scoring.job import merge

    merge(JobFolder(tmp_path / "job"), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()


def test_no_room_for_the_file_keeps_the_shards(table: Path, tmp_path: Path):
    given = [str(table), "-o", str(tmp_path / "out.csv"), *OPTIONS]
    limit = 12_000  # bytes a file: enough for a shard, not for the table
    said = ended(start(*given, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))), 1)
    assert "File too large" in said.splitlines()[-1]
    assert seals(tmp_path / "out.csv.job") == ROWS // 20
    assert not (tmp_path / "out.csv").exists()
    ended(start(*given, "--resume"))
    ended(start(str(table), "-o", str(tmp_path / "plain.csv"), "--properties", "logp,qed"))
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv", "plain.csv"]
