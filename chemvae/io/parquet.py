"""Frames in and out of Parquet: types are kept, and the bytes do not depend on how the rows were cut into frames."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TYPES = "arrow schema"  # attribute of a frame that came out of Parquet
GROUP = 20_000  # rows of a row group
LARGEST = 2**62  # number of an index that is still believed
NESTED = (dict, list, tuple, np.ndarray)  # what a cell of a list, a map or a struct is in a frame


@dataclass(frozen=True, slots=True)
class Noted:
    """An index of pandas without gaps, which is no column of its file: the file notes where it begins and ends."""

    name: str
    """what it is called"""
    numbers: range
    """of all rows"""


def noted_index(file: pq.ParquetFile) -> Noted | None:
    """Return the index that pandas noted beside a table; None if it has no name, or is not one of these rows."""
    try:
        about = json.loads((file.schema_arrow.metadata or {}).get(b"pandas", b"{}"))
        (index,) = about["index_columns"]
        name, numbers = index["name"], range(index["start"], index["stop"], index["step"])
    except (ValueError, TypeError, KeyError):  # a column, none, several, or written by somebody else
        return None
    if name is None or str(name) in file.schema_arrow.names or max(abs(numbers.start), abs(numbers.stop)) > LARGEST:
        return None
    return Noted(str(name), numbers) if len(numbers) == file.metadata.num_rows else None


def frame_of(batch: Any, start: int, noted: Noted | None = None) -> pd.DataFrame:
    """Return rows of Parquet as a frame that knows their types, and their numbers in the table.

    Every column of the file is one of the frame, by the name that it has there: what pandas wrote beside it would make
    some an index, and turn names into numbers and pairs.

    Args:
        batch: a table or record batch of Arrow.
        start: number of its first row.
        noted: an index to become a column.
    """
    # An integer next to a gap stays an integer.
    frame: pd.DataFrame = batch.to_pandas(ignore_metadata=True, integer_object_nulls=True)
    frame.index = pd.RangeIndex(start, start + len(frame))
    if noted is not None:
        frame[noted.name] = np.array(noted.numbers[start : start + len(frame)], np.int64)
    frame.attrs[TYPES] = batch.schema
    return frame


def typed(frame: pd.DataFrame, known: pa.Schema | None) -> pa.Schema:
    """Return the types of a frame; of columns that came out of Parquet, those that they had there.

    A column may be empty in the first frame and full in the second: what is in one frame does not say its type.
    """
    before = {field.name: field for field in known or ()}
    new = frame[[name for name in frame.columns if str(name) not in before]]  # of the others Arrow would guess wrong
    fields = {field.name: field for field in pa.Schema.from_pandas(new, preserve_index=False)} | before
    return pa.schema([fields[str(name)].remove_metadata() for name in frame.columns])


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame for a text table: cells that hold lists, maps or structs are JSON, whole."""
    answer = frame.copy(deep=False)
    for name in frame.columns:
        cells = list(frame[name]) if frame[name].dtype.kind == "O" else []
        if any(isinstance(cell, NESTED) for cell in cells):
            texts = [as_json(cell) if isinstance(cell, NESTED) else cell for cell in cells]
            answer[name] = pd.Series(texts, index=frame.index, dtype=object)
    return answer


def as_json(cell: Any) -> str:
    """Return a nested cell as JSON: a map as a list of pairs, null where something is missing."""
    return json.dumps(plain(cell), ensure_ascii=False, separators=(",", ":"))


def plain(cell: Any) -> Any:
    """Return what is in a nested cell as JSON knows it; dates, decimals and bytes are text."""
    if isinstance(cell, dict):
        return {str(key): plain(part) for key, part in cell.items()}
    if isinstance(cell, np.ndarray) and cell.dtype.kind in "biuf":
        short = pa.array(cell).cast(pa.string()).cast(pa.float64()) if cell.dtype == np.float32 else cell  # .1 stays .1
        return [None if number != number else number for number in short.tolist()]
    if isinstance(cell, NESTED):
        return [plain(part) for part in cell]
    if pd.isna(cell):
        return None
    return cell if isinstance(cell, bool | int | float | str) else str(cell)


class ParquetRows:
    """Frames on their way into one Parquet file; all have the columns of the first."""

    def __init__(self, sink: Any):
        """Store where to: a path or a file object."""
        self.sink = sink
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, frame: pd.DataFrame) -> None:
        """Append the rows of a frame."""
        known, frame = frame.attrs.get(TYPES), frame.copy(deep=False)
        frame.attrs = {}  # pyarrow would write them into the file
        schema = typed(frame, known) if self._writer is None else self._writer.schema
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.sink, table.schema, compression="zstd")
        self._waiting.append(table)
        self._rows += len(table)
        if self._rows >= GROUP:
            self._flush(whole=True)

    def close(self) -> None:
        """Write what waits, and the end of the file."""
        if self._writer is not None:
            self._flush(whole=False)
            self._writer.close()

    def leave(self) -> None:
        """Let go of a file that nobody wants any more."""
        if self._writer is not None:
            self._writer.close()

    def _flush(self, *, whole: bool) -> None:
        assert self._writer is not None
        table, at = pa.concat_tables(self._waiting), 0
        while len(table) - at >= (GROUP if whole else 1):
            self._writer.write_table(table.slice(at, GROUP).combine_chunks(), row_group_size=GROUP)
            at += GROUP
        self._waiting, self._rows = [table.slice(at)], max(len(table) - at, 0)
