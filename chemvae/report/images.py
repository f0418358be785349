"""Pictures of images: tiles side by side, and maps of a plane coloured by class."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy import ndarray

from chemvae.report.figures import COLOURS, INK, canvas, label

GAP = 1  # pixels between tiles
PAPER = 0.5  # grey between tiles
TEN = (*COLOURS, "#5b5bd6", "#17becf", "#7f7f7f", "#bcbd22")
"""A colour for each of ten classes."""
WIDEST = 6.0  # inches


def tiled(images: Float[ndarray, "n height width"], columns: int) -> Float[ndarray, "rows cols"]:
    """Return images as one, row by row, with a thin grey line between them."""
    n, height, width = images.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), PAPER)
    for at, image in enumerate(images):
        row, column = divmod(at, columns)
        top, left = row * (height + GAP), column * (width + GAP)
        sheet[top : top + height, left : left + width] = image
    return sheet


def tiles(images: Float[ndarray, "n height width"], columns: int) -> Figure:
    """Draw images in rows, black 0 and white 1; what lies outside is cut."""
    sheet = tiled(images, columns)
    width = min(WIDEST, 0.5 * columns)
    figure = Figure(figsize=(width, width * sheet.shape[0] / sheet.shape[1]))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.imshow(sheet, cmap="gray", vmin=0.0, vmax=1.0, interpolation="nearest")
    axes.set_axis_off()
    return figure


def windowed(
    images: Float[ndarray, "n height width"], boxes: Float[ndarray, "n 4"], colours: Sequence[str], columns: int
) -> Figure:
    """Draw images in rows, and on each a rectangle: left, top, right, bottom in pixels; one of NaN is left out."""
    figure = tiles(images, columns)
    (axes,) = figure.axes
    height, width = images.shape[1:]
    for at, ((left, top, right, bottom), colour) in enumerate(zip(boxes, colours, strict=True)):
        row, column = divmod(at, columns)
        x, y = column * (width + GAP), row * (height + GAP)
        if np.isnan(left):
            continue
        inside = Rectangle((x - 0.5, y - 0.5), width, height, transform=axes.transData)
        frame = Rectangle((x + left, y + top), right - left, bottom - top, fill=False, edgecolor=colour, linewidth=1.2)
        axes.add_patch(frame)
        frame.set_clip_path(inside)  # a window may reach out of its image
    return figure


def latent_map(z: Float[ndarray, "n 2"], labels: Int[ndarray, " n"] | None, names: tuple[str, str]) -> Figure:
    """Draw where images lie in a plane, a colour for each class."""
    figure, axes = canvas(size=(4.8, 4.4))
    for at, name in enumerate([None] if labels is None else np.unique(labels)):
        here = z if name is None else z[labels == name]
        dots = axes.scatter(here[:, 0], here[:, 1], s=10, color=TEN[at % len(TEN)], alpha=0.7, linewidths=0)
        dots.set_rasterized(True)
        dots.set_label("" if name is None else str(name))
    label(axes, *names)
    if labels is not None:
        axes.legend(
            frameon=False, fontsize=8, labelcolor=INK, loc="center left", bbox_to_anchor=(1.0, 0.5), markerscale=2
        )
    return figure
