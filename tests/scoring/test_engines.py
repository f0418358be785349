"""Engines: tasks that die are replaced, and the bytes are those of a run on this host."""

import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from chemvae.errors import ChemvaeError, InputError
from chemvae.score import score
from chemvae.scoring import engines

WANT = {"properties": ("logp",), "progress": False, "shard_rows": 4}


class RayError(Exception):
    """What Ray raises for a task that died."""


class FakeRay:
    """Runs tasks here, one after the other; as many as it is told to die first."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, deaths: int = 0):
        self.deaths, self.tasks, self.begun, self.address = deaths, 0, False, None
        self.cancelled = list[object]()

    def is_initialized(self) -> bool:
        return self.begun

    def init(self, address: str, num_cpus: int | None, **_: object) -> None:
        if address == "auto":
            raise ConnectionError("nobody answers")
        self.begun, self.address = True, address

    def shutdown(self) -> None:
        self.begun = False

    def put(self, value: object) -> object:
        return value

    def remote(self, **_: object):
        def task_of(function):
            def begin(parcel):
                self.tasks += 1
                if self.tasks <= self.deaths:
                    return lambda: (_ for _ in ()).throw(RayError("the worker died"))
                return lambda: function(parcel)

            return SimpleNamespace(remote=begin)

        return task_of

    def wait(self, pending: list, num_returns: int = 1, timeout: float | None = None) -> tuple[list, list]:
        return pending[:num_returns], pending[num_returns:]

    def cancel(self, task: object) -> None:
        self.cancelled.append(task)

    def get(self, task):
        return task()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "in.csv").write_text("smiles,id\n" + "".join(f"{'CC' if at % 5 else 'x'},{at}\n" for at in range(30)))
    return tmp_path / "in.csv"


@pytest.mark.parametrize("deaths", [0, 3])
def test_the_bytes_of_a_cluster_are_those_of_this_host(table, tmp_path, monkeypatch, deaths):
    ray = FakeRay(deaths)
    monkeypatch.setitem(sys.modules, "ray", ray)
    score(table, tmp_path / "here.csv", **WANT)
    done = score(table, tmp_path / "there.csv", **WANT, engine="ray", jobs=2)
    assert (done.rows, done.invalid) == (30, 6)
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert ray.tasks >= 1 + deaths and not ray.begun and ray.address == "local"


def test_what_goes_wrong_in_a_task_is_told_once_as_what_it_is_and_nothing_is_left(table, tmp_path, monkeypatch):
    ray = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", ray)
    for _ in range(2):  # the same command again
        with pytest.raises(InputError, match="row 0 has 'x'"):
            score(table, tmp_path / "out.csv", **WANT, engine="ray", jobs=2, on_invalid="error")
    assert list(tmp_path.iterdir()) == [table] and len(ray.cancelled) == 2


def test_tasks_that_die_one_after_the_other_are_told_and_the_job_stays(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", FakeRay(deaths=99))
    with pytest.raises(ChemvaeError, match="but they die: the worker died"):
        score(table, tmp_path / "job", **WANT, engine="ray")
    monkeypatch.setitem(sys.modules, "ray", FakeRay())
    assert score(table, tmp_path / "job", **WANT, engine="ray", resume=True).rows == 30


def test_where_nobody_listens_ray_is_not_asked(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", ray := FakeRay())
    monkeypatch.setenv(engines.TRIES, "")
    monkeypatch.delenv(engines.TRIES)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        for address in (f"127.0.0.1:{port}", f"ray://localhost:{port}", "127.0.0.1:99999"):
            with pytest.raises(InputError, match=f"cluster at {address}, but got: .*ray start"):
                score(table, tmp_path / "out.csv", **WANT, engine="ray", address=address)
        assert not ray.begun and list(tmp_path.iterdir()) == [table]
        deaf.listen()
        score(table, tmp_path / "out.csv", **WANT, engine="ray", address=f"127.0.0.1:{port}")
    assert ray.address == f"127.0.0.1:{port}" and os.environ[engines.TRIES] == "1"


def test_no_ray_no_cluster_no_such_engine(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"chemvae\[ray\]"):
        score(table, tmp_path / "a", **WANT, engine="ray")
    monkeypatch.setitem(sys.modules, "ray", FakeRay())
    with pytest.raises(InputError, match="ray start"):
        score(table, tmp_path / "b", **WANT, engine="ray", address="auto")
    with pytest.raises(InputError, match="--engine ray"):
        score(table, tmp_path / "c", **WANT, address="somewhere:1")
    with pytest.raises(InputError, match='Did you mean "ray"'):
        score(table, tmp_path / "d", **WANT, engine="rey")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_ray_itself(table, tmp_path):
    pytest.importorskip("ray")
    score(table, tmp_path / "here.csv", **WANT)
    score(table, tmp_path / "there.csv", **WANT, engine="ray", jobs=2)
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
