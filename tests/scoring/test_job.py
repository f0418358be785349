"""A scoring job: killed, shared, damaged or starved, it ends in the bytes of an undisturbed run or says why not."""

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chemvae.errors import ChecksumError, ChemvaeError, ExistsError, InputError, MissingFileError
from chemvae.io.jobs import JobFolder
from chemvae.io.leases import Leases
from chemvae.score import score
from chemvae.scoring.job import merge
from chemvae.scoring.status import told

ROWS = ["CCO,1", "oops,2", '"CC\n",3', "", '"c1ccccc1O","a ""b"""', "CC(=O)O"] * 4
WANT = {"properties": ("logp", "heavy_atoms"), "progress": False}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("smiles,note\n" + "\n".join(ROWS) + "\n")
    return path


@pytest.fixture
def plain(table: Path) -> bytes:
    """The bytes that a run without a job gives."""
    score(table, table.parent / "plain.csv", **WANT)
    return (table.parent / "plain.csv").read_bytes()


def run(table: Path, out: str = "job", **more):
    return score(table, table.parent / out, **{**WANT, "shard_rows": 5, "chunk": 2, **more})


def table_of(folder: Path) -> bytes:
    merge(JobFolder(folder), folder.parent / "merged.csv", overwrite=True)
    return (folder.parent / "merged.csv").read_bytes()


def unseal(folder: Path, *shards: int) -> None:
    for at in shards:
        (folder / "shards" / f"{at:06d}.json").unlink()


def test_a_job_merges_into_the_bytes_of_a_plain_run(table, plain, tmp_path):
    done = run(table)
    assert (done.rows, done.written, done.invalid) == (24, 24, 8)
    assert done.reasons == {"RDKit cannot read it": 4, "empty": 4}
    assert table_of(tmp_path / "job") == plain
    assert sorted(os.listdir(tmp_path / "job")) == ["leases", "manifest.json", "plan.csv", "shards", "workers"]
    assert os.listdir(tmp_path / "job" / "leases") == os.listdir(tmp_path / "job" / "workers") == []


def test_a_file_is_made_by_way_of_a_job_and_nothing_else_is_left(table, plain, tmp_path):
    run(table, "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == plain
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv", "plain.csv"]


@pytest.mark.parametrize("ending", ["csv.gz", "parquet", "tsv"])
def test_other_formats_out(table, tmp_path, ending):
    score(table, tmp_path / f"plain.{ending}", **WANT)
    run(table, f"out.{ending}")
    assert (tmp_path / f"out.{ending}").read_bytes() == (tmp_path / f"plain.{ending}").read_bytes()


def test_parquet_in_keeps_its_types(tmp_path):
    given = pa.table({"smiles": ["CCO"] * 7, "n": pa.array([None, None, 1, 2, 3, 4, 5]), "l": [[1.5]] * 7})
    pq.write_table(given, tmp_path / "in.parquet")
    for out, more in (("plain.parquet", {}), ("out.parquet", {"shard_rows": 3, "chunk": 2})):
        score(tmp_path / "in.parquet", tmp_path / out, **WANT, **more)
    assert (tmp_path / "plain.parquet").read_bytes() == (tmp_path / "out.parquet").read_bytes()
    assert pq.read_table(tmp_path / "out.parquet").select(given.column_names).equals(given)


@pytest.mark.parametrize("way", ["skip", "keep"])
def test_shards_of_nothing_but_invalid_rows(tmp_path, way):
    (tmp_path / "in.csv").write_text("smiles,n\n" + "C,1\n" * 3 + "xx,2\n" * 6 + "C,3\n")
    for out, more in (("plain.parquet", {}), ("out.parquet", {"shard_rows": 3, "chunk": 2})):
        score(tmp_path / "in.csv", tmp_path / out, smiles_column="smiles", on_invalid=way, **WANT, **more)
    assert (tmp_path / "plain.parquet").read_bytes() == (tmp_path / "out.parquet").read_bytes()
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == (4 if way == "skip" else 10)


def test_a_resume_does_what_is_left_and_nothing_twice(table, plain, tmp_path):
    run(table)
    unseal(tmp_path / "job", 1, 3)
    (tmp_path / "job" / "shards" / "000003.parquet").unlink()
    before = {at: (tmp_path / "job" / "shards" / f"{at:06d}.parquet").stat().st_mtime_ns for at in (0, 2, 4)}
    with pytest.raises(InputError, match="2 of 5 shards are missing"):
        table_of(tmp_path / "job")
    done = run(table, resume=True)
    assert done.rows == 24
    assert table_of(tmp_path / "job") == plain
    for at, time in before.items():
        assert (tmp_path / "job" / "shards" / f"{at:06d}.parquet").stat().st_mtime_ns == time
    assert run(table, resume=True).rows == 24  # nothing is left: no error either


def test_nothing_is_begun_anew_unasked(table, tmp_path):
    run(table)
    with pytest.raises(ExistsError, match=r"5 of 5 shards done.*--resume"):
        run(table)
    (tmp_path / "job" / "mine.txt").write_text("keep me")
    run(table, overwrite=True)
    assert (tmp_path / "job" / "mine.txt").read_text() == "keep me"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    for more in ({}, {"resume": True}):
        with pytest.raises(ExistsError):
            run(table, "other", **more)
    with pytest.raises(ExistsError, match="plain.csv is finished"):
        (tmp_path / "plain.csv").write_text("")
        run(table, "plain.csv", resume=True)


@pytest.mark.parametrize("gone", [True, False])
def test_a_kill_while_the_job_is_removed(table, plain, tmp_path, monkeypatch, gone):
    def stop(path: Path, **_: object) -> None:
        if (path.parent / "removed.json").exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(importlib.import_module("chemvae.io.jobs"), "shutil", SimpleNamespace(rmtree=stop))
        with pytest.raises(KeyboardInterrupt):
            run(table, "out.csv")
    assert (tmp_path / "out.csv.job" / "removed.json").exists()
    if gone:
        (tmp_path / "out.csv").unlink()
    assert run(table, "out.csv", resume=True).rows == 24
    assert (tmp_path / "out.csv").read_bytes() == plain
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv", "plain.csv"]


def test_an_input_that_changed_is_refused(table, plain, tmp_path):
    run(table)
    os.utime(table, (1, 1))
    run(table, resume=True)  # touched, but the same
    table.write_text(table.read_text().replace("CCO", "CCN"))
    with pytest.raises(InputError, match="has changed"):
        run(table, resume=True)
    assert table_of(tmp_path / "job") == plain


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"properties": ("logp",)}, "properties was"),
        ({"on_invalid": "skip"}, "on_invalid was 'keep' and is 'skip'"),
        ({"filters": ("PAINS",)}, "filters was"),
        ({"timeout": 5.0}, "timeout was None and is 5.0"),
        ({"smiles_column": "note"}, "smiles_column was"),
    ],
)
def test_another_recipe_is_refused(table, more, hint):
    run(table)
    with pytest.raises(InputError, match=hint):
        run(table, resume=True, **more)


def test_another_version_of_rdkit_is_refused(table, tmp_path):
    run(table)
    manifest = json.loads((tmp_path / "job" / "manifest.json").read_text())
    manifest["versions"]["rdkit"] = "2016.3.1"
    (tmp_path / "job" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"version of rdkit was '2016.3.1'"):
        run(table, resume=True)


@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_shard_is_found_and_done_again(table, plain, tmp_path, damage, capsys):
    run(table)
    shard = tmp_path / "job" / "shards" / "000002.parquet"
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    if damage == "gone":
        shard.unlink()
    else:
        shard.write_bytes(bytes(data) if damage == "flip" else bytes(data[:-9]))
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "job", kept)
    with pytest.raises(ChecksumError, match="shard 2"):
        table_of(tmp_path / "job")
    assert "shard 2" in told(kept, check=True)
    assert "4 of 5 shards done" in told(kept)
    run(table, resume=True)
    assert table_of(tmp_path / "job") == plain


def test_two_at_once_share_the_work(table, plain, tmp_path):
    run(table)
    unseal(tmp_path / "job", 0, 1, 2, 3, 4)
    with Leases(tmp_path / "job") as other:  # another process that is alive holds a shard
        other.take("000001")
        with pytest.raises(ExistsError, match="works on"):
            run(table, overwrite=True)
        thread = threading.Thread(target=lambda: run(table, resume=True))
        thread.start()
        while len(JobFolder(tmp_path / "job").finished()) < 4:
            pass
        assert 1 not in JobFolder(tmp_path / "job").finished()
        assert "works on shard 1" in told(tmp_path / "job")
        other.release("000001")
        thread.join()
    assert table_of(tmp_path / "job") == plain


def test_two_that_want_the_same_file_get_it(table, plain, tmp_path):
    def want() -> None:
        with contextlib.suppress(ExistsError):  # one that comes late is told
            assert run(table, "out.csv", resume=True).rows == 24

    threads = [threading.Thread(target=want) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "out.csv").read_bytes() == plain
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv", "plain.csv"]


def test_who_lost_the_lease_does_not_publish(table, plain, tmp_path, monkeypatch):
    run(table)
    unseal(tmp_path / "job", 0)
    lost = [True]
    holds = Leases.holds
    monkeypatch.setattr(Leases, "holds", lambda self, name: holds(self, name) and not (lost and lost.pop()))
    run(table, resume=True)
    assert not lost
    assert table_of(tmp_path / "job") == plain


def test_an_error_row_and_too_many_invalid_ones_stop_the_job(table, tmp_path):
    with pytest.raises(InputError, match="row 1 has 'oops'"):
        run(table, on_invalid="error")
    assert not (tmp_path / "job").exists()  # nothing was done, and nothing is left
    with pytest.raises(InputError, match=r"at most 0.1 of 24 rows"):
        run(table, "other", max_invalid=0.1)
    assert not (tmp_path / "other" / "shards" / "000004.json").exists()
    run(table, "other", max_invalid=0.5, resume=True)
    with pytest.raises(InputError, match="at most"):
        score(table, tmp_path / "small.csv", max_invalid=0.1, **WANT)
    assert not (tmp_path / "small.csv").exists()


def test_a_full_disk_is_told_and_what_is_finished_stays(table, plain, tmp_path, monkeypatch):
    module = importlib.import_module("chemvae.io.jobs")
    fsync, n = os.fsync, iter(range(100))

    def full(descriptor: int) -> None:
        if next(n) == 5:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ChemvaeError, match=r"No space left.*--resume; 2 of 5 shards done"):
        run(table)
    assert os.listdir(tmp_path / "job" / "workers") == os.listdir(tmp_path / "job" / "leases") == []
    run(table, resume=True)
    assert table_of(tmp_path / "job") == plain


def test_what_cannot_be_scored_costs_no_old_job(table, tmp_path):
    run(table)
    with pytest.raises(InputError):
        run(tmp_path / "none.csv", overwrite=True)
    with pytest.raises(InputError, match="at least 1 row"):
        run(table, overwrite=True, shard_rows=0)
    assert run(table, resume=True).rows == 24


def test_a_pipe_is_no_job(table, tmp_path):
    for given, out in ((table, "-"), ("-", tmp_path / "out.csv")):
        with pytest.raises(InputError, match="got a pipe"):
            score(given, out, resume=True)
    with pytest.raises(InputError, match="got a pipe"):
        score("-", tmp_path / "job")


def test_the_job_of_a_table_is_named_where_it_lies(table, tmp_path):
    with pytest.raises(InputError, match=r"What is done stays in .*out.csv.job"):
        run(table, "out.csv", max_invalid=0.2)
    with pytest.raises(MissingFileError, match=r"Name .*out.csv.job, where"):
        told(tmp_path / "out.csv")
    run(table, "out.csv", max_invalid=0.9, resume=True)
    with pytest.raises(MissingFileError, match="it is whole"):
        told(tmp_path / "out.csv")
    assert str(run(table, "folder")).endswith(f"`chemvae job merge {tmp_path / 'folder'} -o FILE`")


def test_no_job_is_told(tmp_path):
    with pytest.raises(InputError, match="Expected a job"):
        told(tmp_path)
    (tmp_path / "manifest.json").write_text('{"kind": "search", "recipe": {}}')
    with pytest.raises(InputError, match="of a scoring job"):
        told(tmp_path)


def test_a_file_is_overwritten_by_way_of_a_job_when_that_is_asked_for(table, plain, tmp_path):
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(ExistsError, match="exists"):
        run(table, "out.csv")
    for resume in (False, True):
        run(table, "out.csv", overwrite=True, resume=resume)
        assert (tmp_path / "out.csv").read_bytes() == plain and not (tmp_path / "out.csv.job").exists()


@pytest.mark.parametrize("name", ["shards/data.csv", "plan.csv", "report.html", "leases/mine.txt", "removed.json"])
@pytest.mark.parametrize("way", [{}, {"overwrite": False, "shard_rows": None}, {"resume": True}])
def test_files_that_are_named_as_a_jobs_are_are_not_taken_for_one(table, tmp_path, name, way):
    mine = tmp_path / "lib" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("{}")
    with pytest.raises(ExistsError):
        run(table, "lib", **way)
    assert mine.read_text() == "{}" and len(list((tmp_path / "lib").rglob("*"))) <= 2


def test_the_folder_of_a_training_is_no_job_to_overwrite(table, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text('{"kind": "train"}')
    with pytest.raises(InputError, match="got another"):
        run(table, "run", overwrite=True)
    assert os.listdir(tmp_path / "run") == ["manifest.json"]


def killed_at(monkeypatch, step: str):
    """Let the next run end at a step of its job, as a kill would."""

    def ends(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(JobFolder, step, ends)


def test_a_file_that_somebody_made_meanwhile_is_not_replaced(table, plain, tmp_path, monkeypatch):
    killed_at(monkeypatch, "check_room")
    with pytest.raises(KeyboardInterrupt):
        run(table, "out.csv")
    monkeypatch.undo()
    (tmp_path / "out.csv").write_text("precious")
    with pytest.raises(ExistsError, match="did not write"):
        run(table, "out.csv", resume=True)
    assert (tmp_path / "out.csv").read_text() == "precious"
    run(table, "out.csv", resume=True, overwrite=True)
    assert (tmp_path / "out.csv").read_bytes() == plain


def test_a_file_of_the_jobs_own_is_made_again(table, plain, tmp_path, monkeypatch):
    killed_at(monkeypatch, "remove_merged")
    with pytest.raises(KeyboardInterrupt):
        run(table, "out.csv")
    monkeypatch.undo()
    assert (tmp_path / "out.csv").read_bytes() == plain and (tmp_path / "out.csv.job").exists()
    run(table, "out.csv", resume=True)
    assert (tmp_path / "out.csv").read_bytes() == plain and not (tmp_path / "out.csv.job").exists()


def test_smi_has_no_room_for_scores_and_is_refused_before_any_work(table, tmp_path):
    with pytest.raises(InputError, match="room for scores"):
        run(table, "out.smi")
    assert sorted(os.listdir(tmp_path)) == ["in.csv"]


@pytest.mark.parametrize("gone", ["shards", "rows", "input", "recipe", "versions"])
def test_a_damaged_manifest_is_told(table, tmp_path, gone):
    run(table)
    manifest = tmp_path / "job" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), gone: "x"}))
    for look in (lambda: told(tmp_path / "job"), lambda: table_of(tmp_path / "job"), lambda: run(table, resume=True)):
        with pytest.raises(InputError, match=f"to say '{gone}'"):
            look()


def test_a_plan_that_was_cut_is_told_and_a_seal_of_other_kinds_is_no_seal(table, plain, tmp_path):
    run(table)
    seal = tmp_path / "job" / "shards" / "000001.json"
    seal.write_text('{"sha256": 1, "rows": "x", "written": [], "reasons": 5, "columns": "ab"}')
    assert "shard 1" in told(tmp_path / "job", check=True)
    run(table, resume=True)
    assert table_of(tmp_path / "job") == plain
    unseal(tmp_path / "job", 3)
    plan = tmp_path / "job" / "plan.csv"
    plan.write_text("".join(plan.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match="damaged"):
        run(table, resume=True)


def test_a_table_whose_end_cannot_be_read_leaves_no_job(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("smiles,note\n" + "CCO,1\n" * 20 + "CCO,1,2\n")
    for out in ("out.csv", "job"):
        with pytest.raises(InputError):
            run(bad, out)
    assert os.listdir(tmp_path) == ["bad.csv"]


def test_an_address_is_for_ray_alone(table, tmp_path):
    with pytest.raises(InputError, match="--engine ray"):
        run(table, "out.csv", address="host:1")


def test_what_the_manifest_says_is_enough_to_run_it_again(table, tmp_path):
    command = [sys.executable, "-m", "chemvae"]
    options = ["score", table.name, "-o", "job/", "--shard-rows", "7", "--properties", "logp", "--no-report", "-q"]
    subprocess.run([*command, *options], cwd=tmp_path, check=True)
    before, said = table_of(tmp_path / "job"), json.loads((tmp_path / "job" / "manifest.json").read_text())
    subprocess.run([*command, *said["command"][1:], "--overwrite"], cwd=said["folder"], check=True)
    again = json.loads((tmp_path / "job" / "manifest.json").read_text())
    assert table_of(tmp_path / "job") == before
    assert {name: again[name] for name in ("recipe", "input", "versions", "rows")} == {
        name: said[name] for name in ("recipe", "input", "versions", "rows")
    }


def test_a_table_of_parquet_that_was_swapped_is_refused_by_every_worker(tmp_path, monkeypatch):
    pq.write_table(pa.table({"smiles": ["CCO"] * 20}), tmp_path / "in.parquet")
    begin = importlib.import_module("chemvae.scoring.job").begin

    def swapped(*about, **more):
        begin(*about, **more)
        pq.write_table(pa.table({"smiles": ["CCN"] * 20}), tmp_path / "in.parquet")

    monkeypatch.setattr(importlib.import_module("chemvae.score"), "begin", swapped)
    with pytest.raises(InputError, match="has changed"):
        run(tmp_path / "in.parquet", "out.csv")
    assert os.listdir(tmp_path) == ["in.parquet"]
