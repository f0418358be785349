"""Text tables row by row: delimited ones and lines of SMILES, unzipped on the way; no row is lost or shifted."""

import contextlib
import csv
import gzip
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chemvae.errors import InputError

STDIN = "-"
DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
HEADERS = {"smiles", "smile", "canonical_smiles", "isomeric_smiles"}  # first words that are no molecule
BOM = "\ufeff"
LONGEST = 16 * 2**20  # characters of a cell; with the 131,072 of Python one long text would refuse its table


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text table is cut into cells."""

    header: tuple[str, ...]
    """names of the columns"""
    mark: str
    """what parts the cells; empty where lines hold SMILES and a name"""
    start: int
    """bytes before the first row, once unzipped"""


class Lines:
    """The lines of a text, which know how many bytes of it they have handed out."""

    def __init__(self, file: Iterable[str], digest: Any = None):
        """Store the text.

        Args:
            file: its lines, ends included.
            digest: a hash to feed every line to.
        """
        self.offset = self.number = 0
        self._file, self._back, self.digest = iter(file), list[str](), digest

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._file)
        self.number += 1
        if self.digest is not None:
            self.digest.update(line.encode())
        self.offset += len(line) if line.isascii() else len(line.encode())
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Take back the last lines that were handed out."""
        self._back += reversed(lines)
        self.number -= len(lines)
        self.offset -= sum(len(line.encode()) for line in lines)


def open_bytes(path: Path | str) -> io.BufferedIOBase:
    """Open a file for its bytes, unzipped."""
    return gzip.GzipFile(path) if str(path).lower().endswith(".gz") else open(path, "rb")


def open_text(path: Path | str) -> io.TextIOWrapper:
    """Open a text file or the standard input, unzipped, as UTF-8."""
    return as_text(sys.stdin.buffer if str(path) == STDIN else open_bytes(path))


def as_text(file: Any) -> io.TextIOWrapper:
    """Read bytes as UTF-8; line ends stay as they are."""
    return io.TextIOWrapper(file, encoding="utf-8", newline="")


@contextlib.contextmanager
def standard_output() -> Iterator[Any]:
    """Lend the standard output for text in UTF-8, whatever the locale says."""
    stdout = sys.stdout
    if not isinstance(stdout, io.TextIOWrapper):  # a notebook's takes any text
        yield stdout
        return
    before = (stdout.encoding, stdout.errors)
    stdout.reconfigure(encoding="utf-8", errors="strict")
    try:
        yield stdout
        stdout.flush()
    finally:
        with contextlib.suppress(OSError):  # what cannot be written is told by then
            stdout.reconfigure(encoding=before[0], errors=before[1])


def delimiter_of(first: str, kind: str) -> str:
    """Return what parts the cells of a text table, judged by its first line; "" where lines hold SMILES and a name."""
    if kind not in DELIMITERS:
        return "," if kind != ".smi" and "," in first else ""  # SMILES holds no comma
    if kind == ".csv" and "," not in first:
        return next((mark for mark in ("\t", ";") if mark in first), ",")
    return DELIMITERS[kind]


def rows_of(path: Path | str, kind: str) -> Iterator[list[str]]:
    """Yield the column names and then every row of a text table, as many cells each.

    Blank lines at the end are no rows; a blank line between rows is a row of empty cells, so that row numbers hold.

    Args:
        path: the file, or - for the standard input.
        kind: its ending without .gz; one that is not in `DELIMITERS` is CSV or lines of SMILES, judged by its comma.
    """
    with open_text(path) as file:
        lines = Lines(file)
        layout = look(lines, kind, path)
        yield list(layout.header)
        yield from rows_in(lines, layout, path)


def look(lines: Lines, kind: str, path: Path | str) -> Layout:
    """Read the first lines of a table and say how it is laid out; the next line is the first one of its rows.

    Lines of SMILES have two columns, whatever the first one holds: a name may come in any line further down.

    Raises:
        InputError: it is empty, no UTF-8, or two columns have one name.
    """
    seen = []
    for line in lines:
        seen.append(line)
        if line.removeprefix(BOM).strip():
            break
    first = seen[-1].removeprefix(BOM if len(seen) == 1 else "") if seen else ""
    if not first.strip():
        raise InputError(f"Expected a table in {path}, but the file is empty. Check how it was written.")
    if "\0" in first:
        raise InputError(f"Expected text in UTF-8 in {path}, but got NUL characters, as in UTF-16. Save it as UTF-8.")
    mark = delimiter_of(first, kind)
    if mark:
        header = header_of(lines, first, mark, path)
        return Layout(header, mark, lines.offset)
    words = first.strip().split(maxsplit=1)
    if words[0].lower() in HEADERS:
        header = different([*words, "name"][:2], path)
        return Layout(header, "", lines.offset)
    lines.put_back([seen[0].removeprefix(BOM), *seen[1:]])
    return Layout(("smiles", "name"), "", lines.offset)


def header_of(lines: Lines, first: str, mark: str, path: Path | str) -> tuple[str, ...]:
    """Read the column names of a delimited table, of which the first line is read already."""
    lines.put_back([first])
    return different([name.strip() for name in next(cut(lines, mark))], path)


def different(names: Sequence[str], path: Path | str) -> tuple[str, ...]:
    """Return the names of columns.

    Raises:
        InputError: two have one name.
    """
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Expected different column names in {path}, but {twice!r} comes twice. Rename one.")
    return tuple(names)


def cut(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    """Cut lines into cells as RFC 4180 has it; a cell may have `LONGEST` characters."""
    if csv.field_size_limit() < LONGEST:  # one for the whole process: never lowered, somebody may read in a thread
        csv.field_size_limit(LONGEST)
    return csv.reader(lines, delimiter=mark, strict=True)


def rows_in(lines: Lines, layout: Layout, path: Path | str) -> Iterator[list[str]]:
    """Yield the rows of a table, as many cells each."""
    for blank, cells in filled_rows(lines, layout, path):
        yield from ([""] * len(cells) for _ in range(blank))
        yield cells


def filled_rows(lines: Lines, layout: Layout, path: Path | str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds something, with how many blank lines come before; `lines` stand right behind it."""
    cells_of = delimited_cells if layout.mark else smiles_cells
    blank, width = 0, len(layout.header)
    for cells in cells_of(lines, layout, path):
        if not cells:
            blank += 1
            continue
        yield blank, cells + [""] * (width - len(cells))
        blank = 0


def delimited_cells(lines: Lines, layout: Layout, path: Path | str) -> Iterator[list[str]]:
    """Yield the cells of each row of a table whose cells are parted by a mark; none for a blank line."""
    width = len(layout.header)
    for row in cut(lines, layout.mark):
        if len(row) > width:
            raise InputError(
                f"Expected {width} cells in every row of {path}, but line {lines.number} has {len(row)}. "
                "Quote cells that hold the delimiter."
            )
        yield row


def smiles_cells(lines: Lines, layout: Layout, _: Path | str) -> Iterator[list[str]]:
    """Yield a SMILES string and perhaps a name for each line; none for a blank one."""
    yield from (line.strip().split(maxsplit=len(layout.header) - 1) for line in lines)
