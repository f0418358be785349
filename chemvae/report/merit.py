"""Figures of merit: a value never stands without its sample size, its 95 % interval and its protocol."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.report.tables import text_table

WIDTH = 110  # of a line of text on the screen
Z95 = 1.959963984540054  # two-sided 95 % of a standard normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """One measured figure."""

    name: str
    """as in `metrics.json`"""
    value: float
    """NaN where nothing could be measured"""
    n: int
    """how many molecules, samples or dimensions it rests on"""
    protocol: str
    """what was done, in one sentence"""
    low: float = math.nan
    """lower end of the 95 % interval, NaN where none makes sense"""
    high: float = math.nan
    """upper end"""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, None for NaN."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {k: None if math.isnan(v) else v for k, v in numbers.items()} | {"n": self.n, "protocol": self.protocol}


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share; unlike the normal one it is honest near 0 and 1."""
    if n == 0:
        return math.nan, math.nan
    p, z2 = hits / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return 0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half


def share(name: str, hits: int, n: int, protocol: str) -> Merit:
    """Return a share of n independent trials with Wilson's interval."""
    low, high = wilson(hits, n)
    return Merit(name=name, value=hits / n if n else math.nan, n=n, protocol=protocol, low=low, high=high)


def average(name: str, values: Sequence[float] | Float[ndarray, " _"], protocol: str) -> Merit:
    """Return a mean over what is finite, with the normal interval of the mean."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        return Merit(name=name, value=math.nan, n=0, protocol=protocol)
    mean, half = float(x.mean()), Z95 * float(x.std(ddof=1)) / math.sqrt(len(x)) if len(x) > 1 else math.nan
    return Merit(name=name, value=mean, n=len(x), protocol=protocol, low=mean - half, high=mean + half)


def merit_rows(merits: Sequence[Merit]) -> pd.DataFrame:
    """Return the figures as a table, without their protocols."""
    rows = [
        {"figure": m.name, "value": m.value, "95 % interval": _interval(m), "n": f"{m.n:,}".rjust(7)} for m in merits
    ]
    return pd.DataFrame(rows)


def merit_table(merits: Sequence[Merit]) -> str:
    """Return the figures as text for the screen, the protocols under them."""
    protocols = [textwrap.fill(f"{m.name}: {m.protocol}", WIDTH, subsequent_indent="  ") for m in merits]
    return "\n".join([text_table(merit_rows(merits)), "", *protocols])


def _interval(merit: Merit) -> str:
    """Write an interval, or nothing where there is none."""
    return "" if math.isnan(merit.low) else f"{merit.low:.3f} to {merit.high:.3f}"
