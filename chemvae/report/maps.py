"""Maps of a library in latent space: points coloured by a property, with their margins over those of the prior."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy import ndarray

from chemvae.report.figures import COLOURS, INK, POINTS, told_picture
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


def map_figure(found: Charted, *, of: Charted | None = None, vector: bool | None = None) -> Figure:
    """Draw the map, the margins of the library and of the prior at its sides, and the scale of colours.

    Args:
        found: the points to draw.
        of: the whole library, whose margins are drawn, if these are only some of it.
        vector: whether each point is a shape of its own; None takes it for small libraries.
    """
    whole = of or found
    vector = len(found.points) <= VECTOR if vector is None else vector
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
    _scatter(figure, plain, figure.add_subplot(places[1, 2]), found, vector)
    edges = _edges(whole)
    for at, (axes, along) in enumerate(((above, "vertical"), (beside, "horizontal"))):
        _margin(axes, whole.points[:, at], whole.prior[:, at], edges[at], along)
    above.tick_params(labelbottom=False)
    beside.tick_params(labelleft=False)
    above.set_ylabel("density", color=INK, fontsize=8)
    beside.set_xlabel("density", color=INK, fontsize=8)
    figure.legend(*above.get_legend_handles_labels(), frameon=False, fontsize=8, labelcolor=INK, loc="upper right")
    figure.suptitle(found.title, x=0.01, ha="left", color=INK, fontsize=10, fontweight="bold", parse_math=False)
    return figure


def told_map(found: Charted, words: Sequence[str]) -> tuple[Html, int]:
    """Return the map for a page, whose points say what they are, and how many of them it shows.

    Args:
        found: the map.
        words: of each molecule.
    """
    step = max(1, -(-len(found.points) // HOVERED))
    shown = replace(found, points=found.points[::step], values=found.values[::step])
    said = [
        f"{text}\n{found.name} {number(value)}"
        for text, value in zip(words[::step], shown.values.tolist(), strict=True)
    ]
    order = lowest_first(shown.values)
    drawn = map_figure(shown, of=found, vector=True)
    return told_picture(drawn, [said[at] for at in order], prefix="map"), len(shown.points)


def lowest_first(values: Float[ndarray, " n"]) -> Int[ndarray, " n"]:
    """Return in which order points are drawn: those without a value first, and so beneath."""
    return np.argsort(np.isfinite(values), kind="stable")


def _scatter(figure: Figure, axes: Axes, bar: Axes, found: Charted, vector: bool) -> None:
    """Draw the points, those without a value in grey and beneath."""
    order = lowest_first(found.values)
    size = float(np.clip(20_000.0 / max(len(found.points), 1), 2.0, 30.0))
    low, high = found.limits
    axes.scatter(
        found.points[order, 0],
        found.points[order, 1],
        c=found.values[order],
        cmap=colormaps[SCALE].with_extremes(bad=UNKNOWN),
        norm=Normalize(low, high),
        plotnonfinite=True,
        s=size,
        linewidths=0.0,
        alpha=0.8,
        rasterized=not vector,
        gid=POINTS,
        clip_on=False,
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
