"""Seal: what is known of a finished shard, or of all shards of a job together."""

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is known of a finished shard; it is written last, so a shard with a seal is whole."""

    sha256: str
    """of the shard's file"""
    rows: int
    """that came in"""
    written: int
    """that went out"""
    reasons: dict[str, int]
    """how many have a reason, by its kind"""
    columns: tuple[str, ...]
    """what was added"""


def seal_of(found: dict[str, Any]) -> Seal:
    """Return what JSON says of a shard.

    Raises:
        TypeError: something is missing, or another kind of value.
        ValueError: a count is none.
    """
    reasons = {str(reason): int(n) for reason, n in dict(found["reasons"]).items()}
    columns = tuple(map(str, list(found["columns"])))
    counts = {"rows": int(found["rows"]), "written": int(found["written"])}
    if set(found) != {field.name for field in fields(Seal)} or not isinstance(found["columns"], list):
        raise TypeError(found)
    return Seal(sha256=str(found["sha256"]), **counts, reasons=reasons, columns=columns)
