"""The page of an optimisation: before and after, the trace, every candidate, what was rejected, the command."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.report.again import made_with
from chemvae.report.cards import cards
from chemvae.report.figures import histograms, picture, trace
from chemvae.report.grid import cells
from chemvae.report.page import Html, Section, charts, command, facts, page, paragraph, together
from chemvae.report.tables import molecule_table, plain_table

SHOWN = 10  # molecules before and after
EACH = 10  # rejected strings of a kind listed one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What an optimisation did, in plain tables."""

    title: str
    """heading of the page"""
    lead: str
    """one sentence: what came out"""
    objective: str
    """what was maximised, in words or as an expression"""
    start: pd.DataFrame
    """the start molecules: `smiles`, `objective`, properties"""
    found: pd.DataFrame
    """the candidates, best first: `smiles`, `objective`, properties, predictions, similarity, call"""
    values: Float[ndarray, " calls"]
    """the objective of every oracle call in order, NaN for a failure"""
    rejected: pd.DataFrame
    """what was turned away: `text`, `reason`"""
    command: str
    """what to type to run it again"""
    legends: tuple[str, ...] = ("objective",)
    """columns that stand under a structure"""
    facts: Mapping[str, object] = field(default_factory=dict)
    """figures for the top of the page"""
    foot: str = ""
    """versions, for the end of the page; those of chemvae and RDKit if nothing is given"""


def design_page(design: Design) -> str:
    """Return the page of an optimisation as one self-contained HTML text."""
    return page(
        design.title,
        [
            Section("Before and after", _before_and_after(design)),
            Section("How the best grew", _progress(design)),
            Section(f"All {len(design.found):,} candidates", molecule_table(design.found, name="candidates")),
            Section("What was rejected, and why", rejected(design.rejected)),
            Section("Run it again", command(design.command)),
        ],
        lead=design.lead,
        foot=design.foot or made_with("RDKit"),
    )


def rejected(table: pd.DataFrame) -> Html:
    """Return how often each kind of reason occurred, and the first strings of each; needs columns `text`, `reason`."""
    if table.empty:
        return paragraph("Nothing was rejected.")
    kinds = table["reason"].astype(str).str.split(":", n=1).str[0]  # what stands after the colon differs each time
    counted = kinds.value_counts()
    some = table[["text", "reason"]].groupby(kinds, sort=False).head(EACH)
    listed = some.iloc[np.argsort(kinds[some.index].map(-counted), kind="stable")]
    return together(
        plain_table(counted.rename_axis("reason").reset_index(name="how often")),
        paragraph(f"The first {EACH} of each kind:" if len(listed) < len(table) else "Each of them:"),
        plain_table(listed),
    )


def _before_and_after(design: Design) -> Html:
    """Draw the best of the start molecules and the best candidates, each best first."""
    start = design.start.sort_values("objective", ascending=False, na_position="last")
    before, after = start.head(SHOWN), design.found.head(SHOWN)
    return together(
        facts(design.facts),
        cards(cells(before, design.legends), f"Before: the best {len(before)} of {len(start):,} start molecules"),
        cards(cells(after, design.legends), f"After: the best {len(after)} of {len(design.found):,} candidates"),
    )


def _progress(design: Design) -> Html:
    """Draw the best so far against calls, and where the candidates stand against the start molecules."""
    best = design.start["objective"].max() if len(design.start) else np.nan
    grown = trace(design.values, name=design.objective, start=float(best), title="")
    shares = histograms(
        {
            "start molecules": design.start["objective"].to_numpy(float),
            "candidates": design.found["objective"].to_numpy(float),
        },
        name=design.objective,
    )
    return charts(
        picture(grown, "Each oracle call is a dot; the line is the best so far.", "trace"),
        picture(shares, "How the objective is distributed before and after.", "shares"),
    )
