"""Text tables row by row: delimited ones and lines of SMILES, unzipped on the way; no row is lost or shifted."""

import csv
import gzip
import io
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from chemvae.errors import InputError

STDIN = "-"
DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
HEADERS = {"smiles", "smile", "canonical_smiles", "isomeric_smiles"}  # first words that are no molecule


def open_text(path: Path | str) -> io.TextIOWrapper:
    """Open a text file or the standard input, unzipped, as UTF-8 with or without a byte order mark."""
    if str(path) == STDIN:
        return io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
    if str(path).lower().endswith(".gz"):
        return io.TextIOWrapper(gzip.GzipFile(path), encoding="utf-8-sig", newline="")
    return open(path, encoding="utf-8-sig", newline="")


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
        blank = 0
        first = ""
        for first in file:
            if first.strip():
                break
            blank += 1
        if not first.strip():
            raise InputError(f"Expected a table in {path}, but the file is empty. Check how it was written.")
        mark = delimiter_of(first, kind)
        lines = itertools.chain([first], file)
        yield from delimited_rows(lines, mark, path) if mark else smiles_rows(lines, blank)


def delimited_rows(lines: Iterator[str], mark: str, path: Path | str) -> Iterator[list[str]]:
    """Yield header and rows of a table whose cells are parted by a mark."""
    reader = csv.reader(lines, delimiter=mark, strict=True)
    header = [name.strip() for name in next(reader)]
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Expected different column names in {path}, but {twice!r} comes twice. Rename one.")
    yield header
    blank = 0
    for row in reader:
        if not row:
            blank += 1
            continue
        if len(row) > len(header):
            raise InputError(
                f"Expected {len(header)} cells in every row of {path}, but line {reader.line_num} has {len(row)}. "
                "Quote cells that hold the delimiter."
            )
        yield from ([""] * len(header) for _ in range(blank))
        blank = 0
        yield row + [""] * (len(header) - len(row))


def smiles_rows(lines: Iterator[str], blank: int = 0) -> Iterator[list[str]]:
    """Yield header and rows of lines that hold a SMILES string and perhaps a name after it."""
    first = next(lines)
    words = first.strip().split(maxsplit=1)
    headed = words[0].lower() in HEADERS
    header = [word.strip() for word in words] if headed else ["smiles", "name"][: len(words)]
    yield header
    blank = 0 if headed else blank
    for line in lines if headed else itertools.chain([first], lines):
        if not line.strip():
            blank += 1
            continue
        yield from ([""] * len(header) for _ in range(blank))
        blank = 0
        # A name that the first line did not announce stays with its SMILES, so that it is seen and not lost.
        cells = line.strip().split(maxsplit=len(header) - 1)
        yield cells + [""] * (len(header) - len(cells))
