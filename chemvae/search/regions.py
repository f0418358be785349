"""Regions: trust regions around several good molecules, each as wide as its luck allows, replayed from a history."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from chemvae.search.history import History

WIDER, NARROWER = 1.3, 1.5
PATIENCE = 2  # rounds of a region without a better molecule before it narrows


@dataclass(frozen=True)
class Limits:
    """How wide regions are."""

    count: int
    """how many regions"""
    first: float
    """radius at the beginning, in standard deviations of the prior per dimension"""
    least: float
    """below this a region begins again elsewhere"""
    most: float


@dataclass
class Region:
    """One trust region."""

    name: str
    """by which its molecules are known in the history"""
    centre: int
    """row of its best molecule"""
    radius: float
    """in standard deviations of the prior per dimension"""
    failures: int = 0
    """its rounds in a row that found nothing better than the centre"""


def name_of(at: int) -> str:
    """Return what the history calls molecules of a region."""
    return f"region {at + 1}"


def regions(history: History, limits: Limits) -> list[Region]:
    """Return the regions as they stand after a history; none while nothing usable is measured.

    They begin at the best molecules of the first round. After each round in which a region had molecules measured, it
    moves to its best one and widens if that beats its centre; after two rounds without it narrows. One that has become
    too narrow begins again at the best molecule that was no centre yet. A molecule found otherwise that beats every
    centre takes over the region with the worst.
    """
    found: list[Region] = []
    been: set[int] = set()
    rows = history.best(len(history))
    for at in np.unique(history.round[rows]).tolist():
        told = rows[history.round[rows] <= at]  # best first
        for region in found:
            step(region, told[history.round[told] == at], history, limits)
        been |= {region.centre for region in found}
        for region in found:
            if region.radius < limits.least:
                begin(region, told, been, limits)
        while len(found) < min(limits.count, len(told)):
            found.append(Region(name_of(len(found)), -1, limits.first))
            begin(found[-1], told, been, limits)
        take_over(found, int(told[0]), been, history, limits)
    return found


def step(region: Region, rows: Int[ndarray, " m"], history: History, limits: Limits) -> None:
    """Move, widen or narrow a region after a round, whose rows stand best first."""
    own = [row for row in rows.tolist() if history.how[row] == region.name]
    if not own:
        return
    if better(history, own[0], region.centre):
        region.centre, region.failures = own[0], 0
        region.radius = min(region.radius * WIDER, limits.most)
        return
    region.failures += 1
    if region.failures == PATIENCE:
        region.failures, region.radius = 0, region.radius / NARROWER


def begin(region: Region, told: Int[ndarray, " m"], been: set[int], limits: Limits) -> None:
    """Let a region begin at the best row that was no centre yet; where all were, at the best."""
    region.centre = next((row for row in told.tolist() if row not in been), int(told[0]))
    region.radius, region.failures = limits.first, 0
    been.add(region.centre)


def take_over(found: list[Region], best: int, been: set[int], history: History, limits: Limits) -> None:
    """Give the best row the worst region, unless it is a centre already."""
    if best not in [region.centre for region in found]:
        worst = found[0]
        for region in found[1:]:
            if not better(history, region.centre, worst.centre):
                worst = region
        worst.centre, worst.radius, worst.failures = best, limits.first, 0
        been.add(best)


def better(history: History, one: int, other: int) -> bool:
    """Say whether a row beats another: feasible ones first, then by value, or by surpassing it in every objective."""
    if history.several and history.feasible[one] == history.feasible[other]:
        ours, theirs = history.outcomes[one], history.outcomes[other]
        return bool((ours >= theirs).all() and (ours > theirs).any())
    mine, others = ((bool(history.feasible[row]), float(history.value[row])) for row in (one, other))
    return mine > others
