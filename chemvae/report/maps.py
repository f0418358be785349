"""Maps of a library in latent space: points coloured by a property, with their margins over those of the prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from numpy import ndarray

from chemvae.report.figures import COLOURS, INK
from chemvae.report.numbers import number
from chemvae.report.page import Html

SCALE = "viridis"  # keeps its order in grey and for the colour-blind
UNKNOWN = "#b8b8b8"  # of a point without a value
UNITS = {"mw": "g/mol", "tpsa": "Å²", "PCE": "%"}
"""What the values of a property are in, where it is not a plain number."""
ENDS = (1.0, 99.0)  # percentiles where the colours end, so that one outlier does not make all others alike
BINS = 40
VECTOR = 2_000  # points that an SVG draws one by one; more are an image in it
HOVERED = 3_000  # points of a page that tell what they are
PAGE = (720, 560, 10)  # width, height and margin of the picture of a page


@dataclass(frozen=True)
class Charted:
    """A library in a plane, ready to be drawn."""

    points: Float[ndarray, "n 2"]
    """where each molecule lies"""
    prior: Float[ndarray, "m 2"]
    """where points of the prior lie"""
    values: Float[ndarray, " n"]
    """the property, NaN where it is not known"""
    name: str
    """of the property"""
    axes: tuple[str, str]
    """the coordinates in words"""
    title: str
    """stands over the picture"""

    @property
    def colour_label(self) -> str:
        """The property with its unit."""
        return f"{self.name}, {UNITS[self.name]}" if self.name in UNITS else self.name

    @property
    def limits(self) -> tuple[float, float]:
        """Where the colours begin and end."""
        known = self.values[np.isfinite(self.values)]
        low, high = np.percentile(known, ENDS).tolist() if len(known) else (0.0, 1.0)
        return (low, high) if high > low else (low - 0.5, low + 0.5)


def map_figure(found: Charted) -> Figure:
    """Draw the map, the margins of the library and of the prior at its sides, and the scale of colours."""
    figure = Figure(figsize=(6.6, 5.8), layout="constrained")
    places = figure.add_gridspec(2, 3, width_ratios=(5.0, 1.0, 0.2), height_ratios=(1.0, 5.0))
    plain = figure.add_subplot(places[1, 0])
    above = figure.add_subplot(places[0, 0], sharex=plain)
    beside = figure.add_subplot(places[1, 1], sharey=plain)
    for axes in (plain, above, beside):
        axes.patch.set_visible(False)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(INK)
        axes.tick_params(colors=INK, labelsize=8)
    _scatter(figure, plain, figure.add_subplot(places[1, 2]), found)
    edges = _edges(found)
    for at, (axes, along) in enumerate(((above, "vertical"), (beside, "horizontal"))):
        _margin(axes, found.points[:, at], found.prior[:, at], edges[at], along)
    above.tick_params(labelbottom=False)
    beside.tick_params(labelleft=False)
    above.set_ylabel("density", color=INK, fontsize=8)
    beside.set_xlabel("density", color=INK, fontsize=8)
    figure.legend(*above.get_legend_handles_labels(), frameon=False, fontsize=8, labelcolor=INK, loc="upper right")
    figure.suptitle(found.title, x=0.01, ha="left", color=INK, fontsize=10, fontweight="bold", parse_math=False)
    return figure


def hover_map(found: Charted, words: Sequence[str]) -> tuple[Html, int]:
    """Return the map as an `<svg>` whose points say what they are under the pointer, and how many it shows.

    Args:
        found: the map.
        words: of each molecule.
    """
    width, height, margin = PAGE
    step = max(1, -(-len(found.points) // HOVERED))
    scale, (low, high) = colormaps[SCALE], found.limits
    start, end = found.points.min(axis=0), found.points.max(axis=0)
    place = (found.points - start) / np.where(end > start, end - start, 1.0)
    dots = []
    for at in range(0, len(found.points), step):
        value = float(found.values[at])
        share = float(np.clip((value - low) / (high - low), 0.0, 1.0))
        colour = UNKNOWN if np.isnan(value) else to_hex(scale(share))
        x, y = margin + place[at] * (width - 2 * margin, height - 2 * margin)
        said = f"{words[at]}\n{found.name} {number(value)}"
        dots.append(
            f'<circle cx="{x:.1f}" cy="{height - y:.1f}" r="3" fill="{colour}"><title>{escape(said)}</title></circle>'
        )
    label = f"map coloured by {found.name}"
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}" fill-opacity=".8">'
    return Html(f"<figure>{head}{''.join(dots)}</svg></figure>"), len(dots)


def _scatter(figure: Figure, axes: Axes, bar: Axes, found: Charted) -> None:
    """Draw the points, those without a value in grey and beneath."""
    known = np.isfinite(found.values)
    size = float(np.clip(20_000.0 / max(len(found.points), 1), 2.0, 30.0))
    many = len(found.points) > VECTOR
    look: dict[str, Any] = {"s": size, "linewidths": 0.0, "alpha": 0.8, "rasterized": many}
    if not known.all():
        axes.scatter(found.points[~known, 0], found.points[~known, 1], color=UNKNOWN, **look)
    low, high = found.limits
    axes.scatter(
        found.points[known, 0],
        found.points[known, 1],
        c=found.values[known],
        cmap=SCALE,
        norm=Normalize(low, high),
        **look,
    )
    axes.set_xlabel(found.axes[0], color=INK, fontsize=9, parse_math=False)
    axes.set_ylabel(found.axes[1], color=INK, fontsize=9, parse_math=False)
    below, beyond = bool((found.values < low).any()), bool((found.values > high).any())
    ends = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    scale = figure.colorbar(ScalarMappable(Normalize(low, high), SCALE), cax=bar, extend=ends[below, beyond])
    scale.set_label(found.colour_label, color=INK, fontsize=9, parse_math=False)
    bar.tick_params(colors=INK, labelsize=8)


def _edges(found: Charted) -> Float[ndarray, "2 edges"]:
    """Return where the bins of both margins end: over the library and nearly all of the prior."""
    prior = np.percentile(found.prior, (0.5, 99.5), axis=0)
    low = np.minimum(found.points.min(axis=0), prior[0])
    high = np.maximum(found.points.max(axis=0), prior[1])
    return np.linspace(low, np.where(high > low, high, low + 1.0), BINS + 1, axis=1)


def _margin(
    axes: Axes, library: Float[ndarray, " n"], prior: Float[ndarray, " m"], edges: Float[ndarray, " edges"], along: str
) -> None:
    """Draw one coordinate of the library as bars and of the prior as a line, both with an area of 1."""
    shape: dict[str, Any] = {"bins": list(edges), "density": True, "orientation": along}
    axes.hist(library, color=COLOURS[0], alpha=0.5, label="library", **shape)
    axes.hist(prior, color=COLOURS[1], histtype="step", linewidth=1.4, label="prior", **shape)
