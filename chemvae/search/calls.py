"""CallLog: finished oracle calls on disk, one JSON line each, safe from a kill at any moment."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chemvae.errors import InputError
from chemvae.io import journal

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One molecule that the oracle was asked about."""

    number: int
    """which call it was, from 1; 0 if it was never made"""
    smiles: str
    """canonical SMILES, or the text as given if it is no molecule"""
    value: float
    """the higher the better; NaN if it failed"""
    parts: dict[str, float]
    """what the value is made of"""
    reason: str = ""
    """why it failed"""


class CallLog:
    """An append-only file of calls for one objective; every batch is on the disk before the search goes on."""

    def __init__(self, path: Path | str, objective: str):
        """Store the place and what the calls measure."""
        self.path, self.objective = Path(path), objective

    def read(self) -> dict[str, Call]:
        """Return the calls by SMILES, in order; a last line torn by a kill is cut off the file.

        Raises:
            InputError: the file is damaged or measures another objective.
        """
        if not self.path.exists():
            return {}
        lines = journal.whole_lines(self.path)
        head, *rows = [self._parsed(line, at) for at, line in enumerate(lines, 1)] or [{}]
        if head and head.get("objective") != self.objective:
            raise InputError(
                f"Expected calls of {self.objective!r} in {self.path}, but got "
                f"{head.get('objective')!r}. Choose another place."
            )
        return {row["smiles"]: Call(**_with_nan(row)) for row in rows}

    def append(self, calls: Sequence[Call]) -> None:
        """Add finished calls and wait until the disk has them."""
        fresh = not self.path.exists() or self.path.stat().st_size == 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        head = [{"format_version": FORMAT_VERSION, "objective": self.objective}] if fresh else []
        journal.append(self.path, [*head, *(_without_nan(asdict(call)) for call in calls)])

    def _parsed(self, line: bytes, at: int) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not ({"smiles", "value"} <= row.keys() or at == 1):
            raise InputError(
                f"Expected a finished oracle call in line {at} of {self.path}, but got {line[:40]!r}. Remove it."
            )
        return row


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """Write NaN as null: JSON has none."""
    return {
        **row,
        "value": _plain(row["value"]),
        "parts": {name: _plain(part) for name, part in row["parts"].items()},
    }


def _plain(number: float) -> float | str | None:
    """Return a number as JSON can hold it."""
    return None if number != number else number if abs(number) < float("inf") else str(number)


def _with_nan(row: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: _number(part) for name, part in row.get("parts", {}).items()}
    return {**row, "value": _number(row["value"]), "parts": numbers}


def _number(plain: float | str | None) -> float:
    return float("nan") if plain is None else float(plain)
