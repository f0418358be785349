"""Tables in and out by ending, whole or in chunks: .csv .tsv .smi .txt (each also .gz), .parquet and - for the pipe.

A cell of a text table stays the text it is: "NA" is what somebody wrote, never a missing value, and 007 stays 007.
`numbers` turns a column into numbers when somebody wants some.
"""

import contextlib
import csv
import gzip
import io
import itertools
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import ChemvaeError, InputError, MissingFileError
from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.io.lines import DELIMITERS, STDIN, different, rows_of, standard_output
from chemvae.io.parquet import ParquetRows, flat, frame_of, noted_index
from chemvae.settings import did_you_mean

ENDINGS = (*DELIMITERS, ".smi", ".txt", ".parquet")
MISSING = {"", "nan", "na", "n/a", "null", "none", "-", "<na>"}  # no number was measured
YES_NO = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}


def ending(path: Path | str) -> str:
    """Return the ending that decides the format, without .gz.

    Raises:
        InputError: no table has it.
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    zipped = suffixes[-1:] == [".gz"]
    kind = "".join(suffixes[-2:-1] if zipped else suffixes[-1:])
    if kind not in ENDINGS or (zipped and kind == ".parquet"):
        raise InputError(
            f"Expected a table that ends in {', '.join(ENDINGS)} (text also .gz), but got {str(path)!r}. Rename it."
        )
    return kind


def check_exists(path: Path | str) -> None:
    """Raise unless there is a file.

    Raises:
        MissingFileError: nothing is there.
        InputError: a folder is there, or the standard input is closed.
    """
    if str(path) == STDIN:
        if sys.stdin is None:
            raise InputError("Expected a table on standard input, but it is closed. Name a file.")
        return
    if not Path(path).exists():
        raise MissingFileError(f"Expected a table at {path}, but there is no such file. Check the name.")
    if Path(path).is_dir():
        raise InputError(f"Expected a table at {path}, but it is a folder. Name the file in it.")


@contextlib.contextmanager
def telling(path: Path | str) -> Iterator[None]:
    """Tell in one line what is wrong with a table that cannot be read.

    Raises:
        InputError: it is no text in UTF-8, no CSV, no Parquet, damaged or cut short.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise InputError(f"Expected text in UTF-8 in {path}, but got byte 0x{byte:02x}. Save it as UTF-8.") from None
    except csv.Error as error:
        raise InputError(not_cut(path, str(error))) from None
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        if isinstance(error, ChemvaeError):
            raise
        if str(path).lower().endswith(".parquet"):
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise InputError(f"Expected Parquet in {path}, but got: {reason} Write the file again.") from None
        raise InputError(f"Expected a readable table at {path}, but got: {error}. Fetch or write it again.") from None


def not_cut(path: Path | str, reason: str) -> str:
    """Say why a text could not be cut into cells."""
    if "field limit" in reason:
        most = f"{csv.field_size_limit():,} characters"
        return (
            f"Expected cells of at most {most} in {path}, but got a longer one. Look for a quote that does not close."
        )
    return f"Expected quotes that close in {path}, but got: {reason}. Look for a stray one."


def text_chunks(path: Path | str, rows: int) -> Iterator[pd.DataFrame]:
    """Yield a text table in frames of at most so many rows; at least one frame, if an empty one."""
    kind = "" if str(path) == STDIN else ending(path)
    with telling(path):
        source = rows_of(path, kind)
        header = next(source)
        start = 0
        while (chunk := list(itertools.islice(source, rows))) or start == 0:
            index = pd.RangeIndex(start, start + len(chunk))
            yield pd.DataFrame(chunk, columns=header, index=index, dtype=str)
            start += max(len(chunk), 1)


def parquet_chunks(path: Path | str, rows: int, columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
    """Yield a Parquet table in frames of at most so many rows; at least one frame, if an empty one."""
    with telling(path), pq.ParquetFile(path) as file:
        noted = noted_index(file)
        names = [*different(file.schema_arrow.names, path), *([noted.name] if noted else [])]
        check_columns(names, columns or (), path)
        wanted, start = list(names if columns is None else columns), 0
        batches = file.iter_batches(batch_size=rows, columns=wanted)
        for batch in batches if file.metadata.num_rows else [file.schema_arrow.empty_table()]:
            yield frame_of(batch, start, noted)[wanted]
            start += batch.num_rows


def read_chunks(path: Path | str, rows: int, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Yield a table in frames of at most so many rows, in constant memory; the index is the row number, from 0.

    Cells of a text table are text, empty where empty; those of Parquet have the type they have.

    Args:
        path: a file by its ending, or - for the standard input (CSV, or SMILES a line).
        rows: how many at a time.
        columns: which to read; None means all.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is empty, of another kind, damaged, or lacks a column.
    """
    check_exists(path)
    if str(path) != STDIN and ending(path) == ".parquet":
        yield from parquet_chunks(path, rows, columns)
        return
    for frame in text_chunks(path, rows):
        check_columns(frame.columns, columns or (), path)
        yield frame[list(columns)] if columns is not None else frame


def check_columns(have: Iterable[str], want: Sequence[str], path: Path | str) -> None:
    """Raise unless every wanted column is there.

    Raises:
        InputError: one is not; the message says which are, and which may be meant.
    """
    have = list(have)
    for name in want:
        if name not in have:
            raise InputError(
                f"Expected a column {name!r} in {path}, but got {', '.join(map(str, have))}.{did_you_mean(name, have)}"
            )


def read_table(path: Path | str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a whole table; see `read_chunks`."""
    return pd.concat(list(read_chunks(path, 100_000, columns)))


class Lines:
    """Turns rows that end as RFC 4180 has it into lines; a cell with a lone carriage return is quoted for that end."""

    def __init__(self, file: Any):
        """Store what takes the lines."""
        self.file = file

    def write(self, row: str) -> None:
        """Write one row."""
        self.file.write(row.removesuffix("\r\n") + "\n")


class TableWriter:
    """A table written frame by frame in constant memory, whole or not at all; a context."""

    def __init__(self, path: Path | str, *, overwrite: bool = False):
        """Store where to; nothing is opened yet.

        Raises:
            ExistsError: something stands there and nobody said to overwrite it.
            InputError: no table has such an ending, or the standard output is closed.
        """
        self.path = path
        self.kind = ".csv" if str(path) == STDIN else ending(path)
        if str(path) != STDIN:
            refuse_existing(path, overwrite=overwrite)
        elif sys.stdout is None:
            raise InputError("Expected a standard output to write to, but it is closed. Name a file.")
        self._open = contextlib.ExitStack()
        self._file: Any = None
        self._columns: list[str] | None = None

    def __enter__(self) -> "TableWriter":
        self._open.__enter__()
        if str(self.path) == STDIN:
            self._file = self._open.enter_context(standard_output())
            return self
        beside = self._open.enter_context(atomic_path(self.path))
        if self.kind == ".parquet":
            self._file = ParquetRows(beside)
        elif str(self.path).lower().endswith(".gz"):
            raw = self._open.enter_context(open(beside, "wb"))
            zipped = gzip.GzipFile("", "wb", fileobj=raw, mtime=0)  # no name and no date: the same table, same bytes
            self._file = self._open.enter_context(io.TextIOWrapper(zipped, encoding="utf-8", newline=""))
        else:
            self._file = self._open.enter_context(open(beside, "w", encoding="utf-8", newline=""))
        return self

    def __exit__(self, *error: Any) -> bool | None:
        if isinstance(self._file, ParquetRows):
            try:
                (self._file.leave if error[0] else self._file.close)()
            except BaseException:
                self._open.__exit__(*sys.exc_info())
                raise
        return self._open.__exit__(*error)

    def write(self, frame: pd.DataFrame) -> None:
        """Append the rows of a frame; all frames have the columns of the first.

        Raises:
            InputError: the columns differ, or .smi is to hold more than SMILES and a name.
        """
        columns = list(map(str, frame.columns))
        first = self._columns is None
        if first:
            self._columns = columns
        if columns != self._columns:
            raise InputError(f"Expected the columns {self._columns} for {self.path}, but got {columns}.")
        if self.kind == ".parquet":
            self._file.write(frame)
        elif self.kind == ".smi":
            self._write_lines(frame)
        else:
            mark = DELIMITERS.get(self.kind, ",")
            rows: Any = Lines(self._file)
            flat(frame).to_csv(rows, index=False, header=first, sep=mark, lineterminator="\r\n")

    def _write_lines(self, frame: pd.DataFrame) -> None:
        if not {"smiles"} <= set(frame.columns) <= {"smiles", "name"}:
            raise InputError(
                f"Expected columns smiles and name for {self.path}, but got {', '.join(frame.columns)}. "
                "Write .csv or .parquet."
            )
        for row in frame.reindex(columns=["smiles", "name"]).fillna("").itertuples(index=False):
            line = f"{row.smiles} {row.name}".strip()
            if "\n" in line or "\r" in line:
                raise InputError(
                    f"Expected no line break in a row of {self.path}, but got {line!r}. Write .csv or .parquet."
                )
            self._file.write(line + "\n")


def write_table(frame: pd.DataFrame, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a frame as a table by the ending of its name, whole or not at all; - is CSV on standard output.

    Raises:
        ExistsError: something stands there.
        InputError: no table has such an ending.
    """
    with TableWriter(path, overwrite=overwrite) as writer:
        writer.write(frame)


def numbers(cells: Sequence[Any] | pd.Series, name: str) -> Float[ndarray, " n"]:
    """Return a column as numbers, NaN where nothing was measured (empty, nan, na, null, none, -); yes and true are 1.

    Raises:
        InputError: a cell is something else, such as `>10`; it is not quietly taken for missing.
    """
    column = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        word = "" if cell is None else str(cell).strip().lower()
        if word in MISSING:
            continue
        try:
            column[row] = YES_NO[word] if word in YES_NO else float(word)
        except ValueError:
            column[row] = np.inf
        if not np.isfinite(column[row]):
            raise InputError(
                f"Expected numbers in column {name!r}, but got {str(cell)!r:.200} in row {row}. "
                "Empty that cell or mend it."
            )
    return column
