"""A picture of many molecules with a legend under each, as PNG or SVG."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from chemvae.chem.judge import read
from chemvae.errors import InputError
from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.report.draw import set_look, structure
from chemvae.report.numbers import missing, number

WIDTH, HEIGHT = 220, 160  # of one structure, in pixels
LINE_HEIGHT = 16
MOST = 400  # cells in one picture; more would make a file that few viewers open
DPI, SHARP = 100, 2  # a PNG has SHARP times as many pixels as its size says
FORMATS = (".png", ".svg")


@dataclass(frozen=True, slots=True)
class Cell:
    """One molecule of a grid and what stands under it."""

    smiles: str
    """what is drawn"""
    legend: tuple[str, ...] = ()
    """lines of text, the first one in bold"""


def cells(table: pd.DataFrame, legends: Sequence[str], smiles: str = "smiles") -> list[Cell]:
    """Return one cell per row, each named column as one line `name value`; a missing value leaves its line out."""
    columns = [name for name in legends if name in table.columns]
    return [
        Cell(
            "" if missing(row[smiles]) else str(row[smiles]),
            tuple(f"{name} {number(row[name])}" for name in columns if not missing(row[name])),
        )
        for row in table[[smiles, *columns]].to_dict("records")
    ]


def write_grid(molecules: Sequence[Cell], path: Path | str, *, columns: int = 5, overwrite: bool = False) -> int:
    """Draw the cells row by row into `path` (.png or .svg); return how many were drawn, `MOST` at most."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"Expected a picture ending in {' or '.join(FORMATS)}, but got {path.name!r}. Rename it.")
    if not molecules:
        raise InputError(f"Expected molecules to draw into {path.name}, but got none.")
    refuse_existing(path, overwrite=overwrite)
    drawn = list(molecules[:MOST])
    columns = max(1, min(columns, len(drawn)))
    draw = grid_svg if path.suffix.lower() == ".svg" else grid_png
    with atomic_path(path) as beside:
        beside.write_bytes(draw(drawn, columns))
    return len(drawn)


def grid_svg(molecules: Sequence[Cell], columns: int) -> bytes:
    """Return the grid as a stand-alone SVG on white, its legends as real text."""
    high = HEIGHT + LINE_HEIGHT * _lines(molecules) + 8
    rows = math.ceil(len(molecules) / columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH}" height="{rows * high}" '
        f'viewBox="0 0 {columns * WIDTH} {rows * high}" font-family="sans-serif" font-size="12" color="#1a1a1a">'
        '<rect width="100%" height="100%" fill="#fff"/>'
    ]
    for at, cell in enumerate(molecules):
        row, column = divmod(at, columns)
        legend = "".join(
            f'<text x="{WIDTH // 2}" y="{HEIGHT + LINE_HEIGHT * (line + 1) - 4}" text-anchor="middle" '
            f'font-weight="{400 if line else 600}">{escape(text)}</text>'
            for line, text in enumerate(cell.legend)
        )
        parts.append(
            f'<g transform="translate({column * WIDTH} {row * high})">'
            f"<title>{escape(cell.smiles)}</title>{structure(cell.smiles, WIDTH, HEIGHT)}{legend}</g>"
        )
    return "".join([*parts, "</svg>\n"]).encode()


def grid_png(molecules: Sequence[Cell], columns: int) -> bytes:
    """Return the same grid as a PNG, at twice the size so that it is sharp in print."""
    high = HEIGHT + LINE_HEIGHT * _lines(molecules) + 8
    rows = math.ceil(len(molecules) / columns)
    wide, tall = columns * WIDTH, rows * high
    figure = Figure(figsize=(wide / DPI, tall / DPI), dpi=DPI * SHARP, facecolor="white")
    for at, cell in enumerate(molecules):
        row, column = divmod(at, columns)
        top = tall - row * high  # matplotlib counts from the bottom
        image = imread(io.BytesIO(raster(cell.smiles, WIDTH * SHARP, HEIGHT * SHARP)))
        figure.figimage(image, column * WIDTH * SHARP, (top - HEIGHT) * SHARP, origin="upper")
        x = (column + 0.5) * WIDTH / wide
        if read(cell.smiles) is None:
            figure.text(x, (top - HEIGHT / 2) / tall, "no molecule", ha="center", fontsize=8.5, color="0.4")
        for line, text in enumerate(cell.legend):
            y = (top - HEIGHT - LINE_HEIGHT * (line + 1) + 4) / tall
            weight = "bold" if line == 0 else "normal"
            figure.text(x, y, text, ha="center", fontsize=8.5, weight=weight, parse_math=False)
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(buffer, format="png", facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def raster(smiles: str, width: int, height: int) -> bytes:
    """Return one structure as a PNG on white."""
    drawer = rdMolDraw2D.MolDraw2DCairo(width, height)
    options: Any = drawer.drawOptions()
    set_look(options)
    options.clearBackground = True
    options.bondLineWidth *= SHARP
    options.fixedBondLength *= SHARP
    options.minFontSize *= SHARP
    with rdBase.BlockLogs():
        drawer.DrawMolecule(read(smiles) or Chem.Mol())
    drawer.FinishDrawing()
    return bytes(drawer.GetDrawingText())


def _lines(molecules: Sequence[Cell]) -> int:
    """Return the height of the tallest legend."""
    return max((len(cell.legend) for cell in molecules), default=0)
