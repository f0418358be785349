"""Leases: one holder at a time, and what a dead one held is taken over by one."""

import json
import os
import threading

import pytest

from chemvae.io.leases import Leases


@pytest.fixture
def dead(tmp_path):
    """A worker of this host whose process has ended, with a lease."""

    def die(name: str, **more: object) -> str:
        with Leases(tmp_path) as leases:
            sign = leases.workers / "dead-1.json"
            about = json.loads((leases.workers / f"{leases.me}.json").read_text())
        sign.write_text(json.dumps({**about, "started": "long ago", **more}))
        (sign.with_suffix(".part")).write_text("half a shard")
        os.symlink("dead-1", leases.leases / name)
        return "dead-1"

    return die


def test_one_holds_a_lease_until_it_gives_it_back(tmp_path):
    with Leases(tmp_path) as one, Leases(tmp_path) as two:
        assert one.take("a")
        assert one.take("a")
        assert not two.take("a")
        assert one.holds("a") and not two.holds("a")
        assert two.held() == {one.me: ["a"]}
        one.release("a")
        assert two.take("a")
    assert os.listdir(tmp_path / "leases") == os.listdir(tmp_path / "workers") == []


def test_the_end_of_the_context_gives_everything_back(tmp_path):
    with Leases(tmp_path) as one:
        one.take("a")
    with Leases(tmp_path) as two:
        assert two.take("a")


def test_what_a_dead_process_held_is_taken_over_with_what_it_left(tmp_path, dead):
    dead("a")
    with Leases(tmp_path) as leases:
        assert leases.take("a")
        assert sorted(os.listdir(tmp_path / "workers")) == [f"{leases.me}.json"]


def test_another_host_is_dead_once_it_gives_no_sign_of_life(tmp_path, dead):
    worker = dead("a", host="elsewhere")
    with Leases(tmp_path, patience=60.0) as leases:
        assert leases.alive(worker)
        assert not leases.take("a")
        os.utime(leases.workers / f"{worker}.json", (1, 1))
        assert not leases.alive(worker)
        assert leases.take("a")


def test_a_worker_gives_signs_of_life(tmp_path):
    with Leases(tmp_path, beat=0.01) as leases:
        sign = leases.workers / f"{leases.me}.json"
        os.utime(sign, (1, 1))
        waited = threading.Event()
        for _ in range(1000):
            if sign.stat().st_mtime > 1:
                break
            waited.wait(0.01)
        assert sign.stat().st_mtime > 1


def test_of_many_who_inherit_one_does(tmp_path, dead):
    dead("a")
    workers = [Leases(tmp_path).__enter__() for _ in range(8)]
    barrier, got = threading.Barrier(8), []

    def grab(one: Leases) -> None:
        barrier.wait()
        got.append(one.take("a"))

    threads = [threading.Thread(target=grab, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 1
    assert sum(one.holds("a") for one in workers) == 1


def test_a_damaged_sign_is_that_of_a_dead_worker(tmp_path, dead):
    worker = dead("a")
    (tmp_path / "workers" / f"{worker}.json").write_text("{")
    with Leases(tmp_path) as leases:
        leases.sweep()
        assert not (tmp_path / "workers" / f"{worker}.json").exists()
        (tmp_path / "workers" / "beginner.part").write_text("")
        leases.sweep()
        assert (tmp_path / "workers" / "beginner.part").exists()
        os.utime(tmp_path / "workers" / "beginner.part", (1, 1))
        leases.sweep()
        assert os.listdir(tmp_path / "workers") == [f"{leases.me}.json"]
        assert leases.take("a")
