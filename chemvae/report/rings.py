"""Neighbours of a molecule as a picture: the molecule in the middle, the others in rings of growing distance."""

import io
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Ellipse

from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.report.draw import structure
from chemvae.report.grid import DPI, SHARP, Cell, raster

WIDTH, HEIGHT, LINE = 124, 92, 14  # of a structure, and of the line under it, in pixels
APART = 140  # between two rings: so many pixels of a ring's length that a ring more holds six molecules more
SIX = 6
MOST = 6  # rings
READABLE = 0.8  # of its size, below which the words of a picture are too small
GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # behind text, so that no ring crosses it


def places(rings: int) -> list[tuple[int, float, float]]:
    """Return ring, x and y of each place from the middle, nearest ring first; ring k has 6 k places."""
    found = []
    for ring in range(1, rings + 1):
        for at in range(SIX * ring):
            angle = 2 * math.pi * (at + 0.5 * (ring % 2)) / (SIX * ring) - math.pi / 2
            found.append((ring, APART * ring * math.cos(angle), APART * ring * math.sin(angle)))
    return found


def room(rings: int) -> int:
    """Return how many molecules all rings hold."""
    return SIX * rings * (rings + 1) // 2


def ring_of(rank: int) -> int:
    """Return the ring of the molecule of a rank, the nearest being 0."""
    ring = 1
    while rank >= room(ring):
        ring += 1
    return ring


def write_rings(
    middle: Cell, around: Sequence[Cell], reach: Sequence[float], path: Path, *, overwrite: bool = False
) -> None:
    """Draw a molecule and its neighbours, nearest first, into `path` (.png or .svg).

    Args:
        middle: the molecule.
        around: its neighbours; the first line of a legend stands under each.
        reach: the largest distance in each ring, which decides how many there are.
        path: the picture.
        overwrite: replace what stands there.
    """
    refuse_existing(path, overwrite=overwrite)
    drawn = rings_svg(middle, around, reach) if path.suffix.lower() == ".svg" else rings_png(middle, around, reach)
    with atomic_path(path) as beside:
        beside.write_bytes(drawn.encode() if isinstance(drawn, str) else drawn)


def rings_svg(middle: Cell, around: Sequence[Cell], reach: Sequence[float], *, ground: str = "#fff") -> str:
    """Return the picture as an SVG with real text; on a page it takes the colours of the page."""
    side = _side(len(reach))
    circles = "".join(
        f'<circle r="{APART * ring}" fill="none" stroke="currentColor" stroke-opacity=".25"/>'
        for ring in range(1, len(reach) + 1)
    )
    cells = "".join(
        f'<g transform="translate({x - WIDTH / 2:.1f} {y - (HEIGHT + LINE) / 2:.1f})"><title>{escape(cell.smiles)}'
        f'</title><rect width="{WIDTH}" height="{HEIGHT + LINE}" rx="8" style="fill:{ground}"/>'
        f"{structure(cell.smiles, WIDTH, HEIGHT)}"
        f'<text x="{WIDTH / 2}" y="{HEIGHT + LINE - 4}" text-anchor="middle" font-weight="{weight}">'
        f"{escape(cell.legend[0] if cell.legend else '')}</text></g>"
        for cell, x, y, weight in _placed(middle, around, len(reach))
    )
    words = "".join(
        f'<text x="{-side / 2 + 12}" y="{side / 2 - 12 - 16 * at}" fill-opacity=".7">'
        f"ring {len(reach) - at}: up to {reach[len(reach) - at - 1]:.2f}</text>"
        for at in range(len(reach))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-side / 2} {-side / 2} {side} {side}" width="{side}" '
        f'height="{side}" font-family="sans-serif" font-size="12" fill="currentColor" color="inherit" role="img" '
        f'aria-label="neighbours in rings">'
        f'<rect x="{-side / 2}" y="{-side / 2}" width="{side}" height="{side}" style="fill:{ground}"/>'
        f"{circles}{cells}{words}</svg>\n"
    )


def readable(reach: Sequence[float]) -> int:
    """Return how many pixels of a page the picture needs."""
    return round(READABLE * _side(len(reach)))


def rings_png(middle: Cell, around: Sequence[Cell], reach: Sequence[float]) -> bytes:
    """Return the same picture as a PNG, at twice the size so that it is sharp in print."""
    side = _side(len(reach))
    figure = Figure(figsize=(side / DPI, side / DPI), dpi=DPI * SHARP, facecolor="white")
    for ring in range(1, len(reach) + 1):
        wide = 2 * APART * ring / side
        figure.add_artist(Ellipse((0.5, 0.5), wide, wide, fill=False, edgecolor="0.8", linewidth=0.8, zorder=-2))
    for cell, x, y, weight in _placed(middle, around, len(reach)):
        left, top = side / 2 + x - WIDTH / 2, side / 2 - y + (HEIGHT + LINE) / 2
        image = imread(io.BytesIO(raster(cell.smiles, WIDTH * SHARP, HEIGHT * SHARP)))
        figure.figimage(image, round(left * SHARP), round((top - HEIGHT) * SHARP), origin="upper", zorder=-1)
        under = ((side / 2 + x) / side, (top - HEIGHT - LINE + 4) / side)
        style = "bold" if weight > 400 else "normal"  # noqa: PLR2004 (the weight of plain text)
        figure.text(*under, cell.legend[0] if cell.legend else "", ha="center", fontsize=8, weight=style, bbox=GROUND)
    for at in range(len(reach)):
        words = f"ring {len(reach) - at}: up to {reach[len(reach) - at - 1]:.2f}"
        figure.text(12 / side, (12 + 16 * at) / side, words, fontsize=8, color="0.35")
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(buffer, format="png", facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def _placed(middle: Cell, around: Sequence[Cell], rings: int) -> list[tuple[Cell, float, float, int]]:
    """Return each cell with its place and the weight of its text; the middle in bold."""
    return [(middle, 0.0, 0.0, 700)] + [
        (cell, x, y, 400) for cell, (_, x, y) in zip(around, places(rings), strict=False)
    ]


def _side(rings: int) -> int:
    """Return width and height of the picture."""
    return 2 * APART * rings + WIDTH + 16
