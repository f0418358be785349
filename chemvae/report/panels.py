"""Several grids of molecules under each other in one picture, each with a heading, as PNG or SVG."""

import io
import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread

from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.report.grid import DPI, HEIGHT, LINE_HEIGHT, SHARP, WIDTH, Cell, grid_png, grid_svg

HEAD = 34  # pixels of a heading
Panel = tuple[str, Sequence[Cell]]


def write_panels(panels: Sequence[Panel], path: Path, *, columns: int = 6, overwrite: bool = False) -> None:
    """Draw each panel's molecules under its heading into `path` (.png or .svg)."""
    refuse_existing(path, overwrite=overwrite)
    draw = panels_svg if path.suffix.lower() == ".svg" else panels_png
    with atomic_path(path) as beside:
        beside.write_bytes(draw(panels, columns))


def panels_svg(panels: Sequence[Panel], columns: int) -> bytes:
    """Return the panels as a stand-alone SVG on white."""
    parts, top = [], 0
    for heading, molecules in panels:
        parts.append(f'<text x="8" y="{top + HEAD - 10}" font-size="15" font-weight="600">{escape(heading)}</text>')
        inside = grid_svg(molecules, columns).decode().strip()
        parts.append(inside.replace("<svg ", f'<svg y="{top + HEAD}" ', 1))
        top += HEAD + _tall(molecules, columns)
    wide = columns * WIDTH
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{top}" viewBox="0 0 {wide} {top}" '
        'font-family="sans-serif" color="#1a1a1a"><rect width="100%" height="100%" fill="#fff"/>'
    )
    return f"{head}{''.join(parts)}</svg>\n".encode()


def panels_png(panels: Sequence[Panel], columns: int) -> bytes:
    """Return the same as a PNG, at twice the size so that it is sharp in print."""
    tall = sum(HEAD + _tall(molecules, columns) for _, molecules in panels)
    wide = columns * WIDTH
    figure = Figure(figsize=(wide / DPI, tall / DPI), dpi=DPI * SHARP, facecolor="white")
    top = tall
    for heading, molecules in panels:
        words = {"fontsize": 11, "weight": "bold", "parse_math": False}
        figure.text(8 / wide, (top - HEAD + 10) / tall, heading, **words)  # type: ignore[arg-type]
        image = imread(io.BytesIO(grid_png(molecules, columns)))
        top -= HEAD + _tall(molecules, columns)
        figure.figimage(image, 0, top * SHARP, origin="upper")
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(buffer, format="png", facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def _tall(molecules: Sequence[Cell], columns: int) -> int:
    """Return the height of a grid in pixels."""
    lines = max((len(cell.legend) for cell in molecules), default=0)
    return math.ceil(len(molecules) / columns) * (HEIGHT + LINE_HEIGHT * lines + 8)
