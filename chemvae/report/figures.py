"""Charts as matplotlib figures without global state, saved to a file or put inline into a page."""

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from chemvae.errors import InputError
from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.report.page import Html, pan

COLOURS = ("#3b78d8", "#e07b1f", "#2e9e6b", "#b0509e", "#8a6d1f", "#c0392b")  # readable on white and on near-black
FORMATS = (".png", ".svg", ".pdf")
INK = "#1a1a1a"  # of text and axes; a page puts `currentColor` in its place
DPI = 200
FEW = 20  # points of a line up to which each is a dot too: one alone would not be seen
READ = 84  # pixels of an inch of a drawing at which its words can be read
PHONE = 5.0  # inches of a drawing that can be read on a phone as it is
POINTS = "points"
"""Name of the collection of marks that tell what they are, on a page."""

# Text stays text, and the same figure gives the same bytes.
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "chemvae"}


def canvas(title: str = "", *, size: tuple[float, float] = (4.8, 2.9)) -> tuple[Figure, Axes]:
    """Return an empty chart in our look, attached to no window and to no global list."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.patch.set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8)
    axes.grid(alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    if title:
        axes.set_title(title, loc="left", color=INK, fontsize=10, fontweight="bold", parse_math=False)
    return figure, axes


def label(axes: Axes, x: str, y: str = "", *, place: Literal["best", "lower right"] = "best") -> None:
    """Name the axes, as plain text, and show the legend if anything has a name."""
    axes.set_xlabel(x, color=INK, fontsize=9, parse_math=False)
    axes.set_ylabel(y, color=INK, fontsize=9, parse_math=False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, labelcolor=INK, loc=place)


def best_so_far(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Return the largest value up to each call; NaN (a failure) never counts, and leads only before the first value."""
    return np.fmax.accumulate(np.asarray(values, dtype=float))


def trace(
    values: Sequence[float] | Float[ndarray, " n"] | Mapping[str, Sequence[float] | Float[ndarray, " n"]],
    *,
    name: str = "objective",
    start: float | None = None,
    title: str = "Best so far",
) -> Figure:
    """Draw each call as a dot and the best so far as a step line, against the number of oracle calls.

    Args:
        values: one value per call in the order of the calls, NaN where it failed; or one such row per named method.
        name: what is measured, for the axis.
        start: the best of the start molecules, drawn as a level line.
        title: stands over the chart.
    """
    runs = values if isinstance(values, Mapping) else {"": values}
    figure, axes = canvas(title)
    for at, (method, run) in enumerate(runs.items()):
        y, colour = np.asarray(run, dtype=float), COLOURS[at % len(COLOURS)]
        calls = np.arange(1, len(y) + 1)
        axes.plot(calls, y, ".", color=colour, alpha=0.5, markersize=4)
        axes.step(calls, best_so_far(y), where="post", color=colour, linewidth=1.8, label=method or "best so far")
    if start is not None and np.isfinite(start):
        axes.axhline(start, color=INK, linewidth=1.0, linestyle="--", label="best of the start molecules")
    axes.set_xlim(left=0)
    label(axes, "oracle calls", name, place="lower right")
    return figure


def histograms(groups: Mapping[str, Sequence[float] | Float[ndarray, " _"]], *, name: str, bins: int = 30) -> Figure:
    """Draw the distribution of one quantity in several named groups over each other, each as shares of its own."""
    known = {group: _finite(values) for group, values in groups.items()}
    known = {group: values for group, values in known.items() if len(values)}
    if not known:
        raise InputError(f"Expected numbers to draw for {name!r}, but got none. Check the column.")
    every = np.concatenate(list(known.values()))
    low, high = float(every.min()), float(every.max())
    edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
    figure, axes = canvas(name)
    for at, (group, values) in enumerate(known.items()):
        shares = np.full(len(values), 1.0 / len(values))
        look = {"color": COLOURS[at % len(COLOURS)], "alpha": 0.5, "label": f"{group} (n = {len(values):,})"}
        axes.hist(values, bins=list(edges), weights=shares, **look)  # type: ignore[arg-type]
    label(axes, name, "share")
    return figure


def curves(table: pd.DataFrame, columns: Sequence[str], *, x: str = "epoch", title: str = "") -> Figure:
    """Draw columns of a log against one of its columns; rows that lack a value are passed over."""
    missing = [name for name in (x, *columns) if name not in table.columns]
    if missing:
        raise InputError(f"Expected the columns {', '.join((x, *columns))}, but {', '.join(missing)} is missing.")
    figure, axes = canvas(title)
    for at, name in enumerate(columns):
        rows = table[[x, name]].dropna()
        look: dict[str, Any] = {"color": COLOURS[at % len(COLOURS)], "marker": "." if len(rows) <= FEW else ""}
        axes.plot(rows[x], rows[name], linewidth=1.6, label=name, **look)
    if pd.api.types.is_integer_dtype(table[x]):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    label(axes, x)
    return figure


def save(figure: Figure, path: Path | str, *, overwrite: bool = False) -> Path:
    """Write the figure as .png, .svg or .pdf, whole or not at all, the same bytes each time."""
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise InputError(f"Expected a picture ending in {', '.join(FORMATS)}, but got {path.name!r}. Rename it.")
    refuse_existing(path, overwrite=overwrite)
    undated: dict[str, str | None] = {"CreationDate": None} if kind == ".pdf" else {"Date": None}
    with mpl.rc_context(STYLE), atomic_path(path) as beside:
        FigureCanvasAgg(figure).print_figure(
            beside, format=kind[1:], dpi=DPI, facecolor="white", metadata=undated if kind != ".png" else None
        )
    return path


def inline(figure: Figure, name: str = "", prefix: str = "f", said: Sequence[str] = ()) -> str:
    """Return the figure as an `<svg>` element on no ground, in the text colour and font of the page around it.

    Args:
        figure: the chart.
        name: what a screen reader says.
        prefix: begins every id inside, so that two charts on one page do not share any.
        said: what each mark of the collection with the gid `POINTS` says under the pointer, in their order.
    """
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        FigureCanvasSVG(figure).print_figure(buffer, format="svg", facecolor="none", metadata={"Date": None})
    svg = buffer.getvalue().decode()
    svg = svg[svg.index("<svg") :].strip().replace(f'<g id="{POINTS}">', f'<g class="{POINTS}">')
    # A <style> inside would reach the whole page, and the fonts are the page's business.
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|font-family: [^;\"]*;? ?", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(?:xlink:)?(url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = telling(re.sub(r"\s*\n\s*", " ", svg).replace(INK, "currentColor"), said)
    box = re.search(r'viewBox="[^"]+"', svg)
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {box[0] if box else ""} role="img" aria-label="{escape(name)}"'
    return re.sub(r"<svg[^>]*>", lambda _: opening + ' stroke-linejoin="round">', svg, count=1)


def picture(figure: Figure, caption: str = "", prefix: str = "f") -> Html:
    """Return a chart with its caption; the prefix keeps the ids of two charts on one page apart."""
    under = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return Html(f"<figure>{inline(figure, caption, prefix)}{under}</figure>")


def told_picture(figure: Figure, said: Sequence[str], caption: str = "", prefix: str = "f") -> Html:
    """Return a chart whose points say what they are, under the pointer and below it; a wide one can be scrolled."""
    under = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    drawn, inches = inline(figure, caption or "chart", prefix, said), figure.get_figwidth()
    drawn = pan(drawn, round(READ * inches), caption or "chart") if inches > PHONE else drawn
    return Html(f'<figure class="told">{drawn}<output>Point at a mark, or touch it.</output>{under}</figure>')


def telling(svg: str, said: Sequence[str]) -> str:
    """Give each mark of the collection `POINTS` a title, which browsers show under the pointer.

    Raises:
        InputError: there are not as many marks as titles.
    """
    if not said:
        return svg
    head, group, rest = svg.partition(f'<g class="{POINTS}">')
    marks = re.findall(r"<use [^>]*/>", rest)[: len(said)]
    if len(marks) != len(said):
        raise InputError(f"Expected {len(said):,} marks to title, but got {len(marks):,}. Give each point a place.")
    titles = iter(said)
    titled = re.sub(
        r"(<use [^>]*)/>", lambda mark: f"{mark[1]}><title>{escape(next(titles))}</title></use>", rest, count=len(said)
    )
    return head + group + titled


def _finite(values: Sequence[float] | Float[ndarray, " _"]) -> Float[ndarray, " _"]:
    """Drop what is missing or infinite."""
    y = np.asarray(values, dtype=float)
    return y[np.isfinite(y)]
