"""Filters of rows: lists of structural alerts by name, and comparisons in the grammar of `optimize --constraint`."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.search.expression import Constraint, parse_constraint

SIGNS = "<>="
"""What only a comparison has."""


def split_filters(text: str) -> list[str]:
    """Cut `qed>=0.6,min(logp,sa)<4,pains` at the commas that stand outside brackets."""
    depth, found = 0, [""]
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]


def one_form(filters: Iterable[str]) -> tuple[str, ...]:
    """Return filters as they name their columns, each once: lists in capitals, comparisons without spaces.

    Raises:
        InputError: a comparison is outside the grammar.
    """
    forms = ("".join(parse_constraint(one).text.split()) if is_comparison(one) else one.upper() for one in filters)
    return tuple(dict.fromkeys(forms))


def is_comparison(text: str) -> bool:
    """Tell a comparison from the name of a list."""
    return any(sign in text for sign in SIGNS)


def lists_in(filters: Iterable[str]) -> tuple[str, ...]:
    """Return the names of lists among filters."""
    return tuple(one for one in filters if not is_comparison(one))


def comparisons_in(filters: Iterable[str]) -> tuple[Constraint, ...]:
    """Return the comparisons among filters.

    Raises:
        InputError: one is outside the grammar.
    """
    return tuple(parse_constraint(one) for one in filters if is_comparison(one))


def passed(
    comparisons: Sequence[Constraint], values: Mapping[str, Float[ndarray, " n"]]
) -> dict[str, Float[ndarray, " n"]]:
    """Return a column for each comparison: 1 where it is met, 0 where not, NaN where a value is missing."""
    columns = {}
    for one in comparisons:
        needed = {name: np.asarray(values[name], dtype=np.float64) for name in one.names}
        with np.errstate(all="ignore"):  # a logarithm of what has none meets nothing
            met = np.asarray(one(needed), dtype=np.float64)
        missing = np.any([np.isnan(column) for column in needed.values()], axis=0)
        columns[f"passes_{one.text}"] = np.where(missing, np.nan, met)
    return columns
