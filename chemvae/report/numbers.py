"""Numbers and missing values as people read them, the same in pictures, pages and on the screen."""

import numbers

import pandas as pd

MISSING = "–"
PLAIN = 10_000.0  # from here on whole numbers, with commas
TINY = 1e-3  # below this, as a power of ten


def number(value: object) -> str:
    """Return a number with three digits after the point, whole numbers without any, and anything else as text."""
    if missing(value):
        return MISSING
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return f"{int(value):,}" if abs(int(value)) >= PLAIN else str(int(value))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return _real(float(value))
    return str(value)


def missing(value: object) -> bool:
    """Return whether a cell holds nothing: None, NaN or the like."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and bool(value != value))


def _real(value: float) -> str:
    """Write a float."""
    if abs(value) >= PLAIN:
        return f"{value:,.0f}"
    if 0 < abs(value) < TINY:
        return f"{value:.1e}"
    return f"{value:.0f}" if value.is_integer() else f"{value:.3f}"
