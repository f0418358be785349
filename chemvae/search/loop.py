"""The loop of every search: measure the start, then ask, measure and tell until the budget is spent."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chemvae.search.found import START, Ending
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
    """best objective of a feasible molecule so far, NaN while there is none"""
    rejected: int
    """proposals turned away so far"""


def run(
    optimizer: Optimizer,
    oracle: CountedOracle,
    start: Sequence[str],
    *,
    batch: int,
    progress: Callable[[Progress], None] | None = None,
) -> Ending:
    """Search until the budget is spent or nothing new comes, and say which.

    Args:
        optimizer: asked and told.
        oracle: counts, remembers and measures.
        start: canonical molecules to measure first.
        batch: how many to ask for at a time.
        progress: called after each batch.
    """

    def measure(smiles: Sequence[str], how: str) -> None:
        before = len(oracle.calls)
        oracle(smiles)
        fresh = oracle.calls[before:]
        optimizer.tell([call.smiles for call in fresh], [call.value for call in fresh], how=how)
        values = optimizer.history.value[optimizer.history.feasible]
        best = float(np.fmax.reduce(values, initial=math.nan))
        if progress:
            progress(Progress(len(oracle.calls), oracle.budget, best, len(optimizer.rejected)))

    for first in range(0, len(start), batch):
        measure(start[first : first + batch], START)
    while oracle.left:
        asked = optimizer.ask(min(batch, oracle.left))
        if not asked:
            return Ending.EXHAUSTED
        measure(asked, "told")
    return Ending.BUDGET
