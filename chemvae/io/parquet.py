"""Frames in and out of Parquet: types are kept, and the bytes do not depend on how the rows were cut into frames."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TYPES = "arrow schema"  # attribute of a frame that came out of Parquet
GROUP = 20_000  # rows of a row group


def frame_of(batch: Any, start: int) -> pd.DataFrame:
    """Return rows of Parquet as a frame that knows their types, and their numbers in the table.

    Args:
        batch: a table or record batch of Arrow.
        start: number of its first row.
    """
    frame: pd.DataFrame = batch.to_pandas(integer_object_nulls=True)  # an integer next to a gap stays an integer
    frame.index = pd.RangeIndex(start, start + len(frame))
    frame.attrs[TYPES] = batch.schema
    return frame


def typed(frame: pd.DataFrame, known: pa.Schema | None) -> pa.Schema:
    """Return the types of a frame; of columns that came out of Parquet, those that they had there.

    A column may be empty in the first frame and full in the second: what is in one frame does not say its type.
    """
    found = pa.Schema.from_pandas(frame, preserve_index=False)
    before = known if known is not None else found
    fields = [before.field(field.name) if field.name in before.names else field for field in found]
    return pa.schema([field.remove_metadata() for field in fields])


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
