"""Tables of ways to predict: records of what was measured, and the Markdown that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One way to predict."""

    method: str
    """what it is, and on what"""
    labels: int | None
    """how many molecules with labels it learnt from; None where that is not known"""
    figures: dict[str, float]
    """an error or AUROC per property"""
    spread: dict[str, float] = field(default_factory=dict)
    """standard deviation over splits, where there are several"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table of the page."""

    title: str
    """what was predicted"""
    protocol: str
    """of what, how, on how many"""
    test: int
    """molecules predicted"""
    rows: tuple[Row, ...]
    """ways to predict"""
    more: dict[str, Any] = field(default_factory=dict)
    """what else identifies the data and the models"""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        rows = [{name: getattr(row, name) for name in ("method", "labels", "figures", "spread")} for row in self.rows]
        return {"title": self.title, "protocol": self.protocol, "test": self.test, "rows": rows, **self.more}


def shown(row: dict[str, Any], name: str) -> str:
    """Return a figure with three digits after the point, and its spread."""
    if name not in row["figures"]:
        return "-"
    spread = f" ± {row['spread'][name]:.3f}" if name in row["spread"] else ""
    return f"{row['figures'][name]:.3f}{spread}"


def table(part: dict[str, Any]) -> str:
    """Return a part as Markdown."""
    names = list(dict.fromkeys(name for row in part["rows"] for name in row["figures"]))
    lines = [f"**{part['title']}** (n = {part['test']:,}). {part['protocol']}.", ""]
    lines += [f"| method | labels | {' | '.join(names)} |", "|---" * (len(names) + 2) + "|"]
    for row in part["rows"]:
        labels = f"{row['labels']:,}" if row["labels"] else "-"
        lines.append(f"| {row['method']} | {labels} | {' | '.join(shown(row, name) for name in names)} |")
    return "\n".join(lines)


def tables(parts: Iterable[dict[str, Any]]) -> str:
    """Return all parts as Markdown."""
    return "\n\n".join(map(table, parts))
