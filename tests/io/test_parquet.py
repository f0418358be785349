"""Frames into Parquet: the bytes do not depend on how the rows were cut."""

import datetime
import io
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chemvae.io import parquet
from chemvae.io.parquet import Noted, ParquetRows, flat, frame_of, noted_index


def written(frame: pd.DataFrame, size: int) -> bytes:
    file = io.BytesIO()
    rows = ParquetRows(file)
    for at in range(0, max(len(frame), 1), size):
        rows.write(frame.iloc[at : at + size])
    rows.close()
    return file.getvalue()


def test_bytes_do_not_depend_on_the_frames(monkeypatch):
    monkeypatch.setattr(parquet, "GROUP", 10)
    frame = pd.DataFrame({"smiles": [f"C{at}" for at in range(37)], "qed": [float(at) for at in range(37)]})
    assert len({written(frame, size) for size in (1, 7, 10, 25, 37)}) == 1
    groups = pq.ParquetFile(io.BytesIO(written(frame, 7))).metadata
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [10, 10, 10, 7]


def test_a_second_journey_changes_nothing():
    frame = pd.DataFrame({"smiles": ["C", ""], "qed": [0.1, float("nan")], "z": pd.Series([1, 2], dtype="float32")})
    once = written(frame, 1)
    again = frame_of(pq.read_table(io.BytesIO(once)), 0)
    assert written(again, 2) == once
    assert again.to_csv() == frame.to_csv()


def test_no_rows_leave_their_columns():
    frame = pd.DataFrame({"smiles": ["C"], "qed": [0.5]})
    assert pq.read_table(io.BytesIO(written(frame.iloc[:0], 5))).column_names == ["smiles", "qed"]


@pytest.mark.parametrize("index", ["id", "smiles", ["id", "smiles"]])
def test_what_pandas_calls_an_index_is_a_column(index):
    frame = pd.DataFrame({"id": [8, 7, 9], "smiles": ["C", "N", "O"], "n": [1, 2, 3]}).set_index(index)
    found = frame_of(pa.Table.from_pandas(frame), 3)
    assert found[["id", "smiles", "n"]].values.tolist() == [[8, "C", 1], [7, "N", 2], [9, "O", 3]]
    assert found.index.tolist() == [3, 4, 5]


def in_parquet(table: pa.Table) -> pq.ParquetFile:
    file = io.BytesIO()
    pq.write_table(table, file)
    return pq.ParquetFile(file)


def test_an_index_that_pandas_only_notes_is_known():
    table = pa.Table.from_pandas(pd.DataFrame({"smiles": list("CNOF")}, index=pd.RangeIndex(9, 1, -2, name="id")))
    assert "id" not in table.column_names
    assert noted_index(in_parquet(table)) == Noted("id", range(9, 1, -2))
    assert noted_index(in_parquet(table.slice(1))) is None  # rows are gone, and which ones it does not say
    assert noted_index(in_parquet(table.rename_columns(["id"]))) is None


def ranged(**about) -> bytes:
    index = {"kind": "range", "name": "id", "start": 0, "stop": 1, "step": 1}
    return json.dumps({"index_columns": [index | about]}).encode()


FOREIGN = [b"", b"{", b"\xff", b"[]", b"{}", b'{"index_columns": []}', b'{"index_columns": ["smiles"]}']
OFF = [ranged(step=0), ranged(stop=1.5), ranged(stop="1"), ranged(stop=10**30), ranged(start=10**30, stop=10**30 + 1)]


@pytest.mark.parametrize("about", FOREIGN + OFF)
def test_what_else_is_noted_is_no_index(about):
    assert noted_index(in_parquet(pa.table({"smiles": ["C"]}).replace_schema_metadata({"pandas": about}))) is None
    assert (
        noted_index(in_parquet(pa.table({"smiles": ["C"]}).replace_schema_metadata({"pandas": ranged()}))) is not None
    )
    assert noted_index(in_parquet(pa.Table.from_pandas(pd.DataFrame({"smiles": ["C"]})))) is None


@pytest.mark.parametrize(("columns", "names"), [([0, 1], ["0", "1"]), ([("a", "x"), ("b", "y")], None)])
def test_names_are_the_texts_that_the_file_has(columns, names):
    table = pa.Table.from_pandas(pd.DataFrame([["C", 1]], columns=pd.Index(columns)))
    assert list(frame_of(table, 0).columns) == (names or ["('a', 'x')", "('b', 'y')"])


TYPES = [
    pa.array([None, [("a", 1)], []], pa.map_(pa.string(), pa.int64())),
    pa.array([None, 2**64 - 1, 1], pa.uint64()),
    pa.array([None, [2**64 - 1, None], []], pa.list_(pa.uint64())),
    pa.array([None, [1.5, None], []], pa.list_(pa.float16())),
    pa.array([None, [{"m": [("a", 2**60 + 1)]}], []], pa.list_(pa.struct([("m", pa.map_(pa.string(), pa.int64()))]))),
    pa.array([None, 1, 2], pa.timestamp("ns", "Europe/Berlin")),
    pa.array([None, Decimal("1.10"), None], pa.decimal128(30, 2)),
    pa.array(["a", None, "b"]).dictionary_encode(),
]


@pytest.mark.parametrize("column", TYPES, ids=lambda column: str(column.type)[:20])
@pytest.mark.parametrize("size", [1, 3])
def test_every_type_comes_out_as_it_went_in(column, size):
    table = pa.table({"x": column})
    frame = frame_of(table, 0)
    joined = pd.concat([frame, pd.DataFrame({"qed": [0.1, 0.2, 0.3]})], axis=1)
    joined.attrs = frame.attrs
    found = pq.read_table(io.BytesIO(written(joined, size)))
    assert found["x"].type == column.type and found["x"].to_pylist() == column.to_pylist()
    assert found["qed"].to_pylist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([[0, 1] * 1024], pa.list_(pa.int8())), str([0, 1] * 1024).replace(" ", "")),
        (pa.array([[0.1, None]], pa.list_(pa.float32())), "[0.1,null]"),
        (pa.array([[True, None, False]]), "[true,null,false]"),
        (pa.array([[2**60 + 1, None]]), "[1152921504606846977,null]"),
        (pa.array([[[1], None, []]]), "[[1],null,[]]"),
        (pa.array([[("é", None)]], pa.map_(pa.string(), pa.int64())), '[["é",null]]'),
        (pa.array([{"a": 'x, "y"', "b": [None, "z"]}]), '{"a":"x, \\"y\\"","b":[null,"z"]}'),
        (pa.array([[datetime.date(2020, 1, 2), None]]), '["2020-01-02",null]'),
        (pa.array([[Decimal("1.10")]]), '["1.10"]'),
    ],
    ids=lambda given: str(given.type)[:20] if isinstance(given, pa.Array) else "",
)
def test_nested_cells_are_whole_in_a_text(column, text):
    table = pa.table({"x": column, "n": pa.array([7], pa.int64())})
    frame = frame_of(table, 0)
    assert flat(frame)["x"].tolist() == [text]
    assert pq.read_table(io.BytesIO(written(frame, 1)))["x"].to_pylist() == column.to_pylist()


def test_a_text_has_every_digit_and_gaps_beside_integers_stay():
    numbers = np.random.default_rng(0).standard_normal(2048).astype(np.float32)
    table = pa.table({"x": [numbers, None], "n": pa.array([2**60 + 1, None], pa.int64()), "s": ["C", None]})
    found = flat(frame_of(table, 0))
    np.testing.assert_array_equal(np.array(json.loads(found["x"][0]), np.float32), numbers)
    assert found["x"][1] is None
    assert found["n"].tolist() == [2**60 + 1, None] and isinstance(found["n"][0], int)
