"""The page of an image system: its figures, what they depend on, its pictures, how it learned, the command."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from chemvae.report.again import made_with
from chemvae.report.figures import curves, picture
from chemvae.report.page import Section, charts, command, facts, page

LEAD = "Figures in nats are per image; a bound is not a likelihood."
FIGURES = 4
"""Significant digits of a figure."""


def system_page(
    name: str,
    figures: Mapping[str, float],
    protocol: Mapping[str, Any],
    pictures: Sequence[tuple[Figure, str]],
    log: tuple[pd.DataFrame, Mapping[str, Sequence[str]]],
    run_again: str,
) -> str:
    """Return the page as one self-contained HTML text.

    Args:
        name: of the run.
        figures: what was measured.
        protocol: what the figures depend on.
        pictures: each with its caption.
        log: a row per epoch, and the title of each chart with the columns it draws.
        run_again: what to type to run it again.
    """
    table, wanted = log
    drawn = [(title, [name for name in names if name in table]) for title, names in wanted.items()]
    learned = charts(
        *(picture(curves(table, names), title, f"c{at}") for at, (title, names) in enumerate(drawn) if names)
    )
    seen = charts(*(picture(figure, caption, f"p{at}") for at, (figure, caption) in enumerate(pictures)))
    rounded = {words(key): f"{value:.{FIGURES}g}" for key, value in figures.items()}
    sections = [
        Section("Figures", facts(rounded)),
        Section("What they depend on", facts({words(key): value for key, value in protocol.items()})),
        Section("Pictures", seen),
        Section("How it learned", learned),
        Section("Run it again", command(run_again)),
    ]
    shown = [section for section in sections if section.body]
    return page(name, shown, lead=LEAD, foot=made_with("torch"))


def words(key: str) -> str:
    """Return a key as a person would write it."""
    return key.replace("_", " ")
