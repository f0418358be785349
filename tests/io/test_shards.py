"""Shards: every row of a table is in one of them, whatever quotes, blank lines and line ends do to it."""

import gzip
import os

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemvae.errors import InputError
from chemvae.io.shards import Shard, ShardReader, fingerprint, plan, read_plan, unchanged, write_plan
from chemvae.io.tables import read_table

HOSTILE = [
    'smiles,note\r\nC,"two\r\nlines, ""quoted"""\r\nCC,\r\n\r\n\r\nCCC,é\r\n',
    "\ufeffsmiles,note\nC,1\n\n\nCC,2\n\n",
    "smiles\rC\rCC\rCCC",
    '"smi\nles",n\n"CCO\n",1\n"CC\n",2\n',
    "smiles\tid\nC\t1\n",
]


def rows_by_shards(path, rows: int, frame: int = 2, order=1) -> pd.DataFrame:
    shards = list(plan(path, rows))
    with ShardReader(path) as reader:
        frames = {shard.first: list(reader.frames(shard, frame)) for shard in shards[::order]}
    for shard in shards:
        assert sum(map(len, frames[shard.first])) == shard.rows
    return pd.concat([one for shard in shards for one in frames[shard.first]])


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_shards_together_are_the_table(tmp_path, text, ending, rows):
    path = tmp_path / f"in.{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())
    whole = read_table(path)
    for order in (1, -1):  # a shard that is done again lies behind
        pd.testing.assert_frame_equal(rows_by_shards(path, rows, order=order), whole, check_index_type=False)


@pytest.mark.parametrize("text", ["C\nCC two\n\nCCC\n", "\n\nC one\n", "\ufeffC\nCC\n", "smiles name\nC\n\nCC x y\n\n"])
def test_lines_of_smiles(tmp_path, text):
    (tmp_path / "in.smi").write_text(text)
    whole = read_table(tmp_path / "in.smi")
    pd.testing.assert_frame_equal(rows_by_shards(tmp_path / "in.smi", 1), whole, check_index_type=False)


CELLS = st.text(st.sampled_from('C,"\n\r \té'), max_size=4)


@settings(max_examples=60)
@given(table=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), rows=st.integers(1, 5))
def test_any_cells(tmp_path_factory, table, rows):
    path = tmp_path_factory.mktemp("any") / "in.csv"
    pd.DataFrame(table, columns=["a", "b"]).to_csv(path, index=False)
    pd.testing.assert_frame_equal(rows_by_shards(path, rows), read_table(path), check_index_type=False)


@pytest.mark.parametrize("group", [1, 4, 100])
def test_parquet_whatever_its_row_groups(tmp_path, group):
    given = pa.table({"smiles": ["C" * (at + 1) for at in range(11)], "n": pa.array([None, *range(10)], pa.int64())})
    pq.write_table(given, tmp_path / "in.parquet", row_group_size=group)
    found = rows_by_shards(tmp_path / "in.parquet", 3)
    assert found["smiles"].tolist() == given["smiles"].to_pylist()
    assert found.index.tolist() == list(range(11))


def test_an_index_that_pandas_only_notes_is_a_column_of_every_shard(tmp_path):
    frame = pd.DataFrame({"smiles": ["C" * (at + 1) for at in range(11)], "id": range(5, 16)})
    frame.set_index("id").to_parquet(tmp_path / "in.parquet")
    pd.testing.assert_frame_equal(rows_by_shards(tmp_path / "in.parquet", 3), frame, check_index_type=False)


def test_a_zipped_text_is_read_once_from_begin_to_end(tmp_path, monkeypatch):
    path = tmp_path / "in.csv.gz"
    path.write_bytes(gzip.compress(b"smiles\n" + b"CCCC\n" * 1000))
    shards = list(plan(path, 100))
    rewound = []
    monkeypatch.setattr(gzip.GzipFile, "rewind", lambda self: rewound.append(self))
    with ShardReader(path) as reader:
        assert sum(len(frame) for shard in shards for frame in reader.frames(shard, 50)) == 1000
    assert not rewound


def test_a_table_that_changes_under_our_feet_is_noticed(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("smiles\nC\nN\nO\n")
    known, shards = fingerprint(path), list(plan(path, 1))
    assert unchanged(path, known)
    os.utime(path, (1, 1))
    assert unchanged(path, known)  # touched, but the same
    path.write_text("smiles\nC\nF\nO\n")
    assert not unchanged(path, known)
    with ShardReader(path) as reader:
        assert list(reader.frames(shards[0], 9))[0]["smiles"].tolist() == ["C"]
        with pytest.raises(InputError, match="has changed"):
            list(reader.frames(shards[1], 9))


def test_parquet_that_is_replaced_while_it_is_read_is_not_mixed_in(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"smiles": ["C", "N", "O"]}), path)
    shards = list(plan(path, 1))
    with ShardReader(path) as reader:
        assert list(reader.frames(shards[0], 9))[0]["smiles"].tolist() == ["C"]
        pq.write_table(pa.table({"smiles": ["F", "Cl", "Br"]}), tmp_path / "new.parquet")
        os.replace(tmp_path / "new.parquet", path)
        assert list(reader.frames(shards[1], 9))[0]["smiles"].tolist() == ["N"]


def test_parquet_that_is_written_over_while_it_is_read_is_noticed(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"smiles": ["C", "N", "O"]}), path)
    shards = list(plan(path, 1))
    with ShardReader(path) as reader:
        assert list(reader.frames(shards[0], 9))[0]["smiles"].tolist() == ["C"]
        pq.write_table(pa.table({"smiles": ["F", "P", "S"]}), path)
        os.utime(path, (1, 1))
        with pytest.raises(InputError, match="has changed"):
            list(reader.frames(shards[1], 9))


def test_what_is_wrong_at_the_end_is_told_before_any_work(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("smiles,n\n" + "C,1\n" * 50 + "C,1,2\n")
    with pytest.raises(InputError, match="line 52 has 3"):
        list(plan(path, 10))
    path.write_bytes(gzip.compress(b"smiles\n" + b"CCO\n" * 5000)[:-20])
    path = path.rename(tmp_path / "in.csv.gz")
    with pytest.raises(InputError, match="Fetch or write it again"):
        list(plan(path, 10))


def test_a_plan_is_read_as_it_was_written(tmp_path):
    shards = [Shard(0, 2, 7, 13, "aa"), Shard(2, 1, 13, 15, "bb")]
    write_plan(shards, tmp_path / "plan.csv")
    assert read_plan(tmp_path / "plan.csv") == shards
    (tmp_path / "plan.csv").write_text("first,rows\n0,x\n")
    with pytest.raises(InputError, match="Begin the job anew"):
        read_plan(tmp_path / "plan.csv")
