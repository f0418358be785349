"""The page of a search for a Pareto front: the front in pictures, how its volume grew, every candidate."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from chemvae.report.again import made_with
from chemvae.report.cards import cards
from chemvae.report.design import rejected
from chemvae.report.figures import COLOURS, INK, canvas, label, picture
from chemvae.report.grid import cells
from chemvae.report.page import Section, charts, command, facts, page, together
from chemvae.report.tables import molecule_table

SHOWN = 20  # structures of the front


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a search for a front found, in plain tables."""

    title: str
    """heading of the page"""
    lead: str
    """one sentence: what came out"""
    reference: Mapping[str, float]
    """the objectives, and what each had to surpass to count"""
    history: pd.DataFrame
    """every call in order: the objectives, `how`, `feasible`, `hypervolume`"""
    front: pd.DataFrame
    """its molecules: `smiles`, the objectives"""
    found: pd.DataFrame
    """the candidates, best first"""
    rejected: pd.DataFrame
    """what was turned away: `text`, `reason`"""
    command: str
    """what to type to run it again"""
    facts: Mapping[str, object]
    """figures for the top of the page"""


def front_page(design: Front) -> str:
    """Return the page as one self-contained HTML text."""
    names = tuple(design.reference)
    pairs = [
        picture(scatter(design, x, y), f"Every molecule that was measured: {x} and {y}.", f"front-{at}")
        for at, (x, y) in enumerate(itertools.combinations(names, 2))
    ]
    volume = picture(volume_trace(design.history["hypervolume"].tolist()), "What the front dominates.", "volume")
    shown = cards(cells(design.front.head(SHOWN), names), f"The front: {len(design.front):,} molecules")
    table = molecule_table(design.found, name="candidates")
    return page(
        design.title,
        [
            Section("The front", together(facts(design.facts), charts(*pairs), shown)),
            Section("How the front grew", charts(volume)),
            Section(f"All {len(design.found):,} candidates", table),
            Section("What was rejected, and why", rejected(design.rejected)),
            Section("Run it again", command(design.command)),
        ],
        lead=design.lead,
        foot=made_with("RDKit"),
    )


def scatter(design: Front, x: str, y: str) -> Figure:
    """Draw all measured molecules by two of the objectives, the front in colour, the reference point as lines."""
    figure, axes = canvas()
    history = design.history
    start = history["how"] == "start"
    groups = {
        "measured": (history[~start & history["feasible"]], ".", INK, 0.25),
        "infeasible": (history[~history["feasible"]], "x", INK, 0.25),
        "start": (history[start & history["feasible"]], "s", COLOURS[1], 0.6),
        "front": (design.front.sort_values(x), "o", COLOURS[0], 1.0),
    }
    for name, (rows, marker, colour, alpha) in groups.items():
        if len(rows):
            axes.plot(rows[x], rows[y], marker, color=colour, alpha=alpha, markersize=4, label=name)
    axes.axvline(design.reference[x], color=INK, linewidth=0.8, linestyle=":")
    axes.axhline(design.reference[y], color=INK, linewidth=0.8, linestyle=":")
    label(axes, x, y)
    above: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": len(groups)}
    axes.legend(frameon=False, fontsize=8, labelcolor=INK, **above)  # nothing runs through it
    return figure


def volume_trace(volume: Sequence[float]) -> Figure:
    """Draw the hypervolume against the number of oracle calls."""
    figure, axes = canvas("Hypervolume")
    axes.step(range(1, len(volume) + 1), volume, where="post", color=COLOURS[0], linewidth=1.8)
    axes.set_xlim(left=0)
    label(axes, "oracle calls", "hypervolume")
    return figure
