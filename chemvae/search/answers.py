"""Answers: what a function says of molecules, as one number each or a reason why not."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import OracleError

Function = Callable[[list[str]], Any]
"""A list of canonical SMILES in, one number each out; NaN or None for a molecule that it cannot score."""


def answered(name: str, function: Function, smiles: list[str]) -> tuple[Float[ndarray, " n"], list[str]]:
    """Ask a function; the reasons of one that gives them (`scored`, as an oracle has it) are kept, else empty.

    Raises:
        OracleError: it returns something other than one number per molecule.
    """
    scored = getattr(function, "scored", None)
    if callable(scored):
        answer = scored(list(smiles))
        return column(name, answer.values, len(smiles)), list(answer.reasons)
    return column(name, function(list(smiles)), len(smiles)), [""] * len(smiles)


def column(name: str, values: Any, n: int) -> Float[ndarray, " n"]:
    """Return values as n numbers, whatever kind of sequence they came in.

    Raises:
        OracleError: there are not n of them, or they are no numbers.
    """
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise OracleError(
            f"Expected {n} numbers from {name!r}, but got {_kind(values)}. Return one per molecule."
        ) from None
    if numbers.size != n or numbers.ndim == 0:
        came = f"{numbers.size}" if numbers.ndim else "None" if values is None else f"the one number {numbers}"
        raise OracleError(
            f"Expected {n} numbers from {name!r} for {n} molecules, but got {came}. "
            "Return one per molecule, NaN for one that cannot be scored."
        )
    return numbers.reshape(n)


def told(error: BaseException) -> str:
    """Return what a function raised, in one line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _kind(values: Any) -> str:
    shown = repr(values)
    return shown if len(shown) < 60 else f"{shown[:57]}..."  # noqa: PLR2004
