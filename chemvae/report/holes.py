"""Where the holes of a latent space are: validity against the distance from the data, as a picture and a page."""

from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chemvae.report.again import asked, made_with
from chemvae.report.cards import cards
from chemvae.report.design import rejected
from chemvae.report.figures import COLOURS, INK, POINTS, canvas, label, picture, told_picture
from chemvae.report.grid import cells
from chemvae.report.merit import wilson
from chemvae.report.numbers import number
from chemvae.report.page import Html, Section, charts, command, facts, page, paragraph, together
from chemvae.report.tables import molecule_table, plain_table

BINS = 12
FEWEST = 3  # points in a cell of the plane, so that one failure alone does not paint it
CAPTION = (
    "Distance from a point to the nearest molecule of the library, in standard deviations of the prior per dimension. "
    "Each dot holds equally many points; bars are 95 % intervals."
)
LINE = 36  # characters of an axis's words in a line, so that none is cut off
DRAWN = 6  # molecules from the nearest, and from the farthest points


@dataclass(frozen=True)
class Holes:
    """What was decoded around a library, ready to be drawn."""

    model: str
    """its name"""
    library: int
    """molecules whose points are the data"""
    table: pd.DataFrame
    """`source`, `radius`, `distance`, two coordinates, `smiles`, `text`, `reason` of each point"""
    curve: pd.DataFrame
    """what `by_distance` made of those around the library"""
    axes: tuple[str, str]
    """the coordinates in words"""


def by_distance(points: pd.DataFrame) -> pd.DataFrame:
    """Return the share of molecules in bins of equally many points, nearest first, with 95 % intervals."""
    ordered = points.sort_values("distance", kind="stable")
    rows = []
    for part in np.array_split(np.arange(len(ordered)), min(BINS, len(ordered))):
        some = ordered.iloc[part]
        hits = int(some["smiles"].notna().sum())
        rows.append((float(some["distance"].mean()), hits / len(some), *wilson(hits, len(some)), len(some)))
    return pd.DataFrame(rows, columns=["distance", "valid", "low", "high", "n"])


def holes_figure(found: Holes) -> Figure:
    """Draw validity against distance, and where in the plane of largest variance molecules fail."""
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, gridspec_kw={"wspace": 0.08})
    _curve(_plain(left), found)
    _plane(figure, _plain(right), found)
    title = f"Where {found.model} writes molecules, every token allowed"
    figure.suptitle(title, x=0.01, ha="left", color=INK, fontsize=10, fontweight="bold", parse_math=False)
    return figure


def _halves(found: Holes) -> Html:
    """Return the two pictures for a page, beside each other where it is wide enough."""
    left, curve = canvas(size=(4.8, 3.6))
    _curve(curve, found)
    said = [
        f"distance {number(row['distance'])}: {row['valid']:.1%} of {row['n']:,} points are molecules"
        for row in found.curve.to_dict("records")
    ]
    right = Figure(figsize=(4.8, 3.6), layout="constrained")
    _plane(right, _plain(right.add_subplot()), found)
    words = f"Share of molecules in cells of at least {FEWEST} points, whatever their distance from the plane."
    return charts(told_picture(left, said, CAPTION, "curve"), picture(right, words, "plane"))


def _plain(axes: Axes) -> Axes:
    """Give axes our look."""
    axes.patch.set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8)
    return axes


def holes_page(found: Holes) -> str:
    """Return the page as one self-contained HTML text."""
    points, prior = found.table[found.table["source"] == "around"], _prior(found)
    near = points[points["smiles"].notna()].sort_values("distance", kind="stable")
    known = _different(found.table)
    values = {
        "molecules of the library": f"{found.library:,}",
        "points decoded": f"{len(found.table):,}",
        "valid nearest to the data": f"{found.curve['valid'].iloc[0]:.1%}",
        "valid farthest from it": f"{found.curve['valid'].iloc[-1]:.1%}",
        "valid from the prior": f"{prior['valid'].iloc[0]:.1%}",
    }
    numbers = together(plain_table(found.curve), paragraph("Of the prior:"), plain_table(prior))
    return page(
        f"Where the holes of {found.model} are",
        [
            Section("At a glance", facts(values)),
            Section("Validity against distance", _halves(found)),
            Section("The same in numbers", numbers),
            Section("Decoded nearest to the data", cards(cells(near.head(DRAWN), ("distance",)))),
            Section("Decoded farthest from the data", cards(cells(near.tail(DRAWN), ("distance",)))),
            Section(f"All {len(known):,} different molecules, nearest first", molecule_table(known)),
            Section("What is no molecule, and why", rejected(found.table[found.table["smiles"].isna()])),
            Section("Run it again", command(asked())),
        ],
        lead="A decoder that chooses among all tokens fails where it has seen no molecule: these are the holes.",
        foot=made_with("RDKit"),
    )


def _different(points: pd.DataFrame) -> pd.DataFrame:
    """Return each molecule once, where it was decoded nearest to the data."""
    first = points[points["smiles"].notna()].sort_values("distance", kind="stable").drop_duplicates("smiles")
    return first.drop(columns=["text", "reason"])


def _prior(found: Holes) -> pd.DataFrame:
    """Return the one row of the points of the prior."""
    points = found.table[found.table["source"] == "prior"]
    hits = int(points["smiles"].notna().sum())
    row = (float(points["distance"].mean()), hits / len(points), *wilson(hits, len(points)), len(points))
    return pd.DataFrame([row], columns=["distance", "valid", "low", "high", "n"])


def _curve(axes: Axes, found: Holes) -> None:
    """Draw the share of molecules against distance, and that of the prior."""
    for table, colour, words, mark in (
        (found.curve, COLOURS[0], "around the library", "o-"),
        (_prior(found), COLOURS[1], "from the prior", "D"),
    ):
        value = table["valid"].to_numpy(float)
        reach = np.stack([value - table["low"].to_numpy(float), table["high"].to_numpy(float) - value]).clip(0.0)
        look: dict[str, Any] = {"color": colour, "markersize": 4, "linewidth": 1.4, "capsize": 2, "label": words}
        axes.errorbar(table["distance"].to_numpy(float), value, yerr=reach, fmt=mark, **look)
    dots = found.curve[["distance", "valid"]].to_numpy(float)
    axes.scatter(dots[:, 0], dots[:, 1], s=16, color=COLOURS[0], gid=POINTS, clip_on=False, zorder=3)
    axes.set_ylim(0.0, 1.03)
    axes.set_xlim(left=0.0)
    axes.grid(alpha=0.25, linewidth=0.6)
    label(axes, "distance from the nearest molecule, standard deviations", "share that are molecules")


def _plane(figure: Figure, axes: Axes, found: Holes) -> None:
    """Draw the share of molecules in cells of the plane."""
    across, up = found.table.columns[3:5]
    cells_of = axes.hexbin(
        found.table[across].to_numpy(float),
        found.table[up].to_numpy(float),
        C=found.table["smiles"].notna().to_numpy(float),
        reduce_C_function=np.mean,
        gridsize=22,
        mincnt=FEWEST,
        cmap="viridis",
        vmin=0.0,
        vmax=1.0,
        linewidths=0.2,
    )
    bar = figure.colorbar(cells_of, ax=axes)
    bar.set_label("share that are molecules", color=INK, fontsize=9)
    bar.ax.tick_params(colors=INK, labelsize=8)
    across, up = (fill(words, LINE) for words in found.axes)
    axes.set_xlabel(across, color=INK, fontsize=9, parse_math=False)
    axes.set_ylabel(up, color=INK, fontsize=9, parse_math=False)
