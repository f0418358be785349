"""Structures with their legends, side by side on a page."""

from collections.abc import Sequence
from html import escape

from chemvae.report.draw import structure
from chemvae.report.grid import Cell
from chemvae.report.page import Html


def cards(molecules: Sequence[Cell], heading: str = "") -> Html:
    """Return structures with their legends side by side, as many in a row as fit."""
    over = f"<h3>{escape(heading)}</h3>" if heading else ""
    return Html(f'{over}<ul class="cards">{"".join(_card(cell) for cell in molecules)}</ul>')


def _card(cell: Cell) -> str:
    """Return one structure and its legend, the first line in bold."""
    lines = "".join(
        f"<span>{escape(text)}</span>" if at else f"<b>{escape(text)}</b>" for at, text in enumerate(cell.legend)
    )
    return f'<li title="{escape(cell.smiles)}">{structure(cell.smiles, 200, 140)}{lines}</li>'
