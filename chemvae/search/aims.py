"""Aims: objectives that are kept apart, and the reference point that each must surpass to count."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chemvae.errors import InputError
from chemvae.search.expression import Expression, parse

FEWEST, MOST = 2, 4  # objectives that a Pareto front is sought for; of more, nearly everything is on it


@dataclass(frozen=True)
class Aim:
    """One of several objectives."""

    text: str
    """as it was written, which names it"""
    sign: int
    """1 if more is better, -1 if less is"""
    expression: Expression
    """the formula, not yet turned round"""


def aims_of(signed: list[tuple[str, str]], weights: Mapping[str, float]) -> tuple[Aim, ...]:
    """Return two to four objectives that are kept apart."""
    texts = [text for text, _ in signed]
    if weights:
        raise InputError(f"Expected no weights with pareto, but got some for {', '.join(weights)}. Leave them out.")
    if len(set(texts)) < len(texts):
        raise InputError(f"Expected different objectives for a Pareto front, but got {', '.join(texts)}. Drop one.")
    if not FEWEST <= len(texts) <= MOST:
        advice = "Add one, or leave pareto out"
        if len(texts) > MOST:
            advice = "Put some together in a formula, such as 5*qed - sa, or leave pareto out to add all of them up"
        raise InputError(
            f"Expected {FEWEST} to {MOST} objectives for a Pareto front, but got {len(texts)} ({', '.join(texts)}). "
            f"{advice}."
        )
    return tuple(Aim(text, 1 if sign == "+" else -1, parse(text)) for text, sign in signed)


def reference_of(aims: tuple[Aim, ...], given: Mapping[str, float] | None) -> tuple[float, ...]:
    """Return the reference point in the order of the objectives, the higher the better."""
    if not given:
        return ()
    if not aims:
        raise InputError("Expected a reference point for several objectives, but there is one. Say pareto (--pareto).")
    texts = {aim.text for aim in aims}
    if set(given) != texts or not np.isfinite(list(given.values())).all():
        came = ", ".join(f"{name}={value:g}" for name, value in given.items())
        raise InputError(
            f"Expected a reference value for each of {', '.join(aim.text for aim in aims)}, but got {came}. "
            "Name each once, with a number."
        )
    return tuple(aim.sign * float(given[aim.text]) for aim in aims)
