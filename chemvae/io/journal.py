"""A journal: a file of JSON lines that only grows, safe from a kill at any moment."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def append(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Add a line for each record and wait until the disk has them.

    Raises:
        ValueError: a number in a record is NaN or infinite, which JSON does not have.
    """
    lines = [line(record) for record in records]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def whole_lines(path: Path) -> list[bytes]:
    """Return the lines of a journal; a last one torn by a kill was never finished and is cut off the file."""
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        os.truncate(path, len(whole))
    return whole.splitlines()


def line(record: Mapping[str, Any]) -> str:
    """Return a record as it stands in a journal."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
