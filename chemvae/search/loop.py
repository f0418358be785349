"""The loop of every search: measure the start, then ask, measure and tell until the budget is spent."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chemvae.search.calls import Call
from chemvae.search.found import START, Ending
from chemvae.search.front import hypervolume
from chemvae.search.objective import Outcomes
from chemvae.search.optimizer import Optimizer
from chemvae.search.oracle import CountedOracle


@dataclass(frozen=True)
class Progress:
    """How far a search is."""

    calls: int
    """oracle calls made"""
    budget: int
    """oracle calls there are"""
    best: float
    """best objective of a feasible molecule so far, NaN while there is none; with several, the hypervolume"""
    rejected: int
    """proposals turned away so far"""
    what: str = "best"
    """what `best` is"""
    smiles: str = ""
    """the molecule that reached it; empty while there is none, and with several objectives"""


def run(  # noqa: PLR0913 (two of them only look on)
    optimizer: Optimizer,
    oracle: CountedOracle,
    start: Sequence[str],
    *,
    batch: int,
    outcomes: Callable[[Sequence[Call]], Outcomes] | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Ending:
    """Search until the budget is spent, nothing new comes or somebody stops it, and say which.

    Args:
        optimizer: asked and told.
        oracle: counts, remembers and measures.
        start: canonical molecules to measure first.
        batch: how many to ask for at a time.
        outcomes: several objectives and measured constraints of calls, if there are any.
        progress: called after each batch.
        stop: asked after each batch; once it says yes, what was measured so far is what was found.
    """

    def measure(smiles: Sequence[str], how: str) -> None:
        before = len(oracle.calls)
        oracle(smiles)
        fresh = oracle.calls[before:]
        found = outcomes(fresh) if outcomes else Outcomes(np.empty((len(fresh), 0)), np.empty((len(fresh), 0)))
        value = np.array([call.value for call in fresh], dtype=np.float64)
        several = np.where(np.isfinite(value)[:, None], found.values, np.nan)  # n x m, nothing of what failed
        values = several if several.shape[1] else value
        optimizer.tell([call.smiles for call in fresh], values, slack=found.slack, how=how)
        if progress:
            progress(Progress(len(oracle.calls), oracle.budget, *reached(optimizer, several.shape[1] > 0)))

    for first in range(0, len(start), batch):
        measure(start[first : first + batch], START)
        if stop and stop():
            return Ending.STOPPED
    while oracle.left:
        asked = optimizer.ask(min(batch, oracle.left))
        if not asked:
            return Ending.EXHAUSTED
        measure(asked, "told")
        if oracle.left and stop and stop():
            return Ending.STOPPED
    return Ending.BUDGET


def reached(optimizer: Optimizer, several: bool) -> tuple[float, int, str, str]:
    """Return the best so far, or the hypervolume; how much was turned away; which of the two it is; and whose."""
    history, away = optimizer.history, len(optimizer.rejected)
    good = history.feasible & np.isfinite(history.value)
    if not several:
        value = np.where(good, history.value, -math.inf)
        at = int(np.argmax(value)) if good.any() else None
        return (math.nan, away, "best", "") if at is None else (float(value[at]), away, "best", history.smiles[at])
    volume = hypervolume(history.outcomes[good], history.reference) if good.any() else 0.0
    return volume, away, "hypervolume", ""
