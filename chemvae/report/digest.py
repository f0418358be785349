"""Digest: what a page can show of a table of any length, taken frame by frame and in constant memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError
from chemvae.io.tables import numbers

FIRST = 100  # rows from the top of the table
ENDS = 8  # rows with the lowest, and with the highest value of each column
EACH = 5  # rows without a score, of each kind of reason
SAMPLE = 20_000  # values of each column behind its histogram; all of them where there are no more
KINDS = 50  # of reasons that are listed


@dataclass
class Spread:
    """How the values of one column lie."""

    n: int = 0
    """how many there are"""
    total: float = 0.0
    """their sum"""
    least: float = np.inf
    """the smallest"""
    most: float = -np.inf
    """the largest"""
    binary: bool = True
    """whether every value is 0 or 1"""
    low: pd.DataFrame = field(default_factory=pd.DataFrame)
    """rows with the lowest values"""
    high: pd.DataFrame = field(default_factory=pd.DataFrame)
    """rows with the highest values"""

    @property
    def mean(self) -> float:
        """Of all values; NaN if there is none."""
        return self.total / self.n if self.n else float("nan")

    def take(self, rows: pd.DataFrame, name: str) -> None:
        """Count the values of a column in some rows."""
        known = rows[np.isfinite(rows[name])]
        if known.empty:
            return
        values = known[name].to_numpy(np.float64)
        self.n, self.total = self.n + len(values), self.total + float(values.sum())
        self.least, self.most = min(self.least, float(values.min())), max(self.most, float(values.max()))
        self.binary = self.binary and bool(np.isin(values, (0.0, 1.0)).all())
        self.low = pd.concat([self.low, known]).nsmallest(ENDS, name) if len(self.low) else known.nsmallest(ENDS, name)
        self.high = pd.concat([self.high, known]).nlargest(ENDS, name) if len(self.high) else known.nlargest(ENDS, name)


class Digest:
    """A table as it goes by: counts, a sample for histograms, the first rows, the extremes and what has no score."""

    def __init__(self, smiles: str, columns: Sequence[str], *, seed: int = 0):
        """Begin with nothing.

        Args:
            smiles: the column of molecules.
            columns: of numbers to describe; one that holds none is left out.
            seed: of the sample.
        """
        self.smiles, self.columns = smiles, list(columns)
        self.rows = 0
        self.first = pd.DataFrame()
        self.spreads = {name: Spread() for name in self.columns}
        self.failed: dict[str, list[tuple[str, str]]] = {}
        self._rng = np.random.default_rng(seed)
        self._keys: Float[ndarray, " kept"] = np.empty(0)
        self._kept: Float[ndarray, "kept columns"] = np.empty((0, len(self.columns)))

    @classmethod
    def of(cls, frames: Iterable[pd.DataFrame], smiles: str, columns: Sequence[str]) -> "Digest":
        """Return the digest of all frames."""
        digest = cls(smiles, columns)
        for frame in frames:
            digest.take(frame)
        return digest

    def take(self, frame: pd.DataFrame) -> None:
        """Take in a frame, whose last column is the reason."""
        rows = self._shown(frame)
        if len(self.first) < FIRST:
            more = rows.head(FIRST - len(self.first))
            self.first = pd.concat([self.first, more]) if len(self.first) else more
        for name, spread in self.spreads.items():
            spread.take(rows, name)
        self._sample(rows[self.columns].to_numpy(np.float64))
        self._fail(rows)
        self.rows += len(frame)

    def values(self, name: str) -> Float[ndarray, " n"]:
        """Return known values of a column: all, or a sample drawn evenly over the whole table."""
        found = self._kept[:, self.columns.index(name)]
        return found[np.isfinite(found)]

    def listed(self) -> pd.DataFrame:
        """Return rows to show, each once, in the order of the table: `row`, `smiles`, `shown`, numbers, `reason`."""
        parts = [self.first.assign(shown="first")]
        for name, spread in self.spreads.items():
            if spread.binary and spread.n:  # nothing is extreme about a yes or a no
                continue
            parts += [spread.low.assign(shown=f"lowest {name}"), spread.high.assign(shown=f"highest {name}")]
        parts = [part for part in parts if len(part)]
        if not parts:
            return pd.DataFrame(columns=["row", "smiles", "shown", *self.columns, "reason"])
        together = pd.concat(parts)
        why = together.groupby("row")["shown"].agg(lambda words: ", ".join(dict.fromkeys(words)))
        found = together.drop_duplicates("row").sort_values("row").assign(shown=lambda table: table["row"].map(why))
        return found[["row", "smiles", "shown", *self.columns, "reason"]].reset_index(drop=True)

    def _shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of a frame that a page shows, their cells as numbers."""
        rows: dict[str, Any] = {
            "row": np.arange(self.rows, self.rows + len(frame)),
            "smiles": frame[self.smiles].tolist(),
        }
        for name in list(self.columns):
            try:
                rows[name] = numbers(frame[name], name)
            except InputError:  # text, such as the most similar molecule
                self._drop(name)
        rows["reason"] = ["" if not isinstance(text, str) else text for text in frame.iloc[:, -1]]
        return pd.DataFrame(rows)

    def _drop(self, name: str) -> None:
        """Leave a column out from now on."""
        at = self.columns.index(name)
        self.columns.remove(name)
        self.first = self.first.drop(columns=name, errors="ignore")
        del self.spreads[name]
        for spread in self.spreads.values():
            spread.low, spread.high = (part.drop(columns=name, errors="ignore") for part in (spread.low, spread.high))
        self._kept = np.delete(self._kept, at, axis=1)

    def _sample(self, values: Float[ndarray, "n columns"]) -> None:
        """Keep the rows with the smallest of random keys: each row of the table with equal chance."""
        keys = np.concatenate([self._keys, self._rng.random(len(values))])
        kept = np.concatenate([self._kept, values])
        if len(keys) > SAMPLE:
            chosen = np.argpartition(keys, SAMPLE)[:SAMPLE]
            keys, kept = keys[chosen], kept[chosen]
        self._keys, self._kept = keys, kept

    def _fail(self, rows: pd.DataFrame) -> None:
        """Keep the first rows without a score, of each kind."""
        bad = rows[rows["reason"] != ""]
        for text, reason in zip(bad["smiles"], bad["reason"], strict=True):
            kind = reason.split(":", 1)[0]
            if kind in self.failed or len(self.failed) < KINDS:
                some = self.failed.setdefault(kind, [])
                if len(some) < EACH:
                    some.append((str(text), reason))
