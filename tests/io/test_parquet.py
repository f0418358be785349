"""Frames into Parquet: the bytes do not depend on how the rows were cut."""

import io

import pandas as pd
import pyarrow.parquet as pq

from chemvae.io import parquet
from chemvae.io.parquet import ParquetRows, frame_of


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
