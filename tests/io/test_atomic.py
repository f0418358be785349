"""Files written whole or not at all."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.io.atomic import atomic_path, read_json, refuse_existing, sha256, write_json


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(target) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_disk_without_room_says_which_file_it_was(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space") as told, atomic_path(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert told.value.filename == str(tmp_path / "a.txt") and not list(tmp_path.iterdir())


def test_a_success_replaces_files_and_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with atomic_path(tmp_path / "deep" / "folder") as beside:
            beside.mkdir()
            (beside / name).write_text(name)
    assert [path.name for path in (tmp_path / "deep" / "folder").iterdir()] == ["two"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["folder"]


def test_existing_outputs_are_refused_unless_asked(tmp_path: Path) -> None:
    refuse_existing(tmp_path / "new")
    refuse_existing(tmp_path)  # an empty folder is no output
    (tmp_path / "file").write_text("x")
    refuse_existing(tmp_path / "file", overwrite=True)
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(ExistsError, match="--overwrite"):
            refuse_existing(path)


def test_json_and_checksums(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": [1, "é"]})
    assert read_json(tmp_path / "a.json") == {"b": [1, "é"]}
    assert sha256(tmp_path / "a.json") == sha256(tmp_path / "a.json")
    (tmp_path / "bad.json").write_text("{")
    for name in ("bad.json", "none.json"):
        with pytest.raises(InputError, match=name):
            read_json(tmp_path / name)
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "nan.json", float("nan"))


def test_any_name_can_be_replaced(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with atomic_path(tmp_path / "replaced") as beside:
            beside.mkdir()
            (beside / name).write_text(name)
    assert [path.name for path in (tmp_path / "replaced").iterdir()] == ["two"]


def test_what_a_killed_process_left_goes_with_the_next_try(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from chemvae.io.atomic import atomic_path\n"
        "with atomic_path(sys.argv[1]) as beside:\n"
        "    beside.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    target = tmp_path / "a[1].txt"
    assert subprocess.run([sys.executable, "-c", code, str(target)]).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    with atomic_path(target) as outer:  # of a process that is alive, so it stays
        outer.write_text("outer")
        with atomic_path(target) as beside:
            beside.write_text("whole")
        assert target.read_text() == "whole"
    assert target.read_text() == "outer"
    assert list(tmp_path.iterdir()) == [target]
