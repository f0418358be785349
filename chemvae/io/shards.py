"""Shards: ranges of rows of a table, found in one walk and read one by one without reading what lies before."""

import csv
import hashlib
import io
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from chemvae.errors import InputError
from chemvae.io.atomic import sha256
from chemvae.io.lines import Layout, Lines, as_text, filled_rows, look, open_bytes, open_text, rows_in
from chemvae.io.parquet import frame_of, noted_index
from chemvae.io.tables import check_exists, ending, telling

PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of rows, and where its bytes lie."""

    first: int
    """number of its first row, from 0"""
    rows: int
    """how many"""
    begin: int = 0
    """of a text, once unzipped: bytes before it"""
    end: int = 0
    """and up to its end"""
    sha256: str = ""
    """of those bytes: a table that changes under our feet is noticed"""


def fingerprint(path: Path | str) -> dict[str, Any]:
    """Return what identifies a file: its place, size, time and checksum."""
    about = Path(path).stat()
    found = {"path": str(Path(path).resolve()), "bytes": about.st_size, "mtime_ns": about.st_mtime_ns}
    return {**found, "sha256": sha256(path)}


def unchanged(path: Path | str, known: dict[str, Any]) -> bool:
    """Whether a file is what it was: by size and time, and if it was touched, by its checksum."""
    about = Path(path).stat()
    if about.st_size != known.get("bytes"):
        return False
    return about.st_mtime_ns == known.get("mtime_ns") or sha256(path) == known.get("sha256")


def plan(path: Path | str, rows: int) -> Iterator[Shard]:
    """Walk through a table once and yield its shards of about so many rows.

    A shard of a text begins where a row begins, wherever quotes, blank lines and line ends of any kind may lie.

    Raises:
        InputError: it cannot be read; what is wrong anywhere in it is found before any work is done.
    """
    check_exists(path)
    if ending(path) == PARQUET:
        with telling(path), pq.ParquetFile(path) as file:
            total = file.metadata.num_rows
        yield from (Shard(first, min(rows, total - first)) for first in range(0, total, rows))
        return
    with telling(path), open_text(path) as text:
        lines = Lines(text)
        layout = look(lines, ending(path), path)
        lines.digest, first, n, begin = hashlib.sha256(), 0, 0, layout.start
        for blank, _ in filled_rows(lines, layout, path):
            n += blank + 1
            if n - first >= rows:
                yield Shard(first, n - first, begin, lines.offset, lines.digest.hexdigest())
                lines.digest, first, begin = hashlib.sha256(), n, lines.offset
        if n > first:
            yield Shard(first, n - first, begin, lines.offset, lines.digest.hexdigest())


def layout_of(path: Path | str) -> Layout | None:
    """Return how a text table is laid out; None for Parquet."""
    if ending(path) == PARQUET:
        return None
    with telling(path), open_text(path) as text:
        return look(Lines(text), ending(path), path)


class ShardReader:
    """A table that is read shard by shard: one open file, which goes forward through a zipped text only once."""

    def __init__(self, path: Path | str):
        """Open the table and see how it is laid out."""
        self.path, self.layout = path, layout_of(path)
        self._file = open_bytes(path)
        self._opened = self._state()

    def __enter__(self) -> "ShardReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def frames(self, shard: Shard, rows: int) -> Iterator[pd.DataFrame]:
        """Yield a shard in frames of at most so many rows; the index is the row number in the table.

        Raises:
            InputError: the table is not the one that was planned.
        """
        with telling(self.path):
            if self.layout is None:
                yield from self._batches(shard, rows)
                return
            source = rows_in(Lines(as_text(io.BytesIO(self._bytes(shard)))), self.layout, self.path)
            columns, at = list(self.layout.header), shard.first
            while chunk := list(itertools.islice(source, rows)):
                yield pd.DataFrame(chunk, columns=columns, index=pd.RangeIndex(at, at + len(chunk)), dtype=str)
                at += len(chunk)

    def _bytes(self, shard: Shard) -> bytes:
        self._file.seek(shard.begin)
        found = self._file.read(shard.end - shard.begin)
        if hashlib.sha256(found).hexdigest() != shard.sha256:
            raise changed(self.path)
        return found

    def _batches(self, shard: Shard, rows: int) -> Iterator[pd.DataFrame]:
        with pq.ParquetFile(self._file) as file:
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
            ends = np.cumsum(sizes)
            noted, past = noted_index(file), shard.first + shard.rows
            groups = [g for g, end in enumerate(ends) if end > shard.first and end - sizes[g] < past]
            at, left = int(ends[groups[0]] - sizes[groups[0]]) if groups else 0, shard.rows
            for batch in file.iter_batches(batch_size=rows, row_groups=groups):
                skip = min(max(shard.first - at, 0), batch.num_rows)
                at += batch.num_rows
                piece = batch.slice(skip, left)
                if piece.num_rows:
                    yield frame_of(piece, shard.first + shard.rows - left, noted)
                left -= piece.num_rows
        if left or self._state() != self._opened:
            raise changed(self.path)

    def _state(self) -> tuple[int, int]:
        """Return what tells whether somebody wrote into the open file; another one in its place does no harm."""
        about = os.fstat(self._file.fileno())
        return about.st_size, about.st_mtime_ns


def changed(path: Path | str) -> InputError:
    """Return the error for a table that is not what it was."""
    return InputError(
        f"Expected {path} as it was when the job was begun, but it has changed. Put it back as it was, or begin "
        "anew with another output."
    )


def write_plan(shards: Sequence[Shard], path: Path) -> None:
    """Write shards as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Shard)])
        writer.writerows(astuple(shard) for shard in shards)


def read_plan(path: Path) -> list[Shard]:
    """Read shards.

    Raises:
        InputError: the file is damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return [Shard(int(r["first"]), int(r["rows"]), int(r["begin"]), int(r["end"]), r["sha256"]) for r in rows]
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise InputError(f"Expected the plan of a job in {path}, but got: {error}. Begin the job anew.") from None
