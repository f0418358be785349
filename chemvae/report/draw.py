"""One structure as a small SVG that follows the colours of the page around it."""

import re
from collections import defaultdict
from functools import lru_cache
from html import escape
from typing import Any

from rdkit import rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from chemvae.chem.judge import read

# Readable on white and on near-black; carbon and bonds take the colour of the text (`currentColor`).
PALETTE: dict[int, tuple[float, float, float]] = {
    -1: (0.0, 0.0, 0.0),
    1: (0.0, 0.0, 0.0),
    6: (0.0, 0.0, 0.0),
    5: (0.72, 0.45, 0.33),
    7: (0.20, 0.44, 0.90),
    8: (0.88, 0.22, 0.20),
    9: (0.16, 0.58, 0.28),
    14: (0.55, 0.50, 0.45),
    15: (0.85, 0.47, 0.05),
    16: (0.70, 0.54, 0.00),
    17: (0.16, 0.58, 0.28),
    35: (0.68, 0.34, 0.14),
    53: (0.55, 0.28, 0.78),
}
LINE = 1.6  # width of a bond in pixels

_PATH = re.compile(r"<path class='[^']*' d='(?P<d>[^']*)' (?:style='(?P<style>[^']*)'|fill='(?P<fill>[^']*)')\s*/>")
_OTHER = re.compile(r"<(?:ellipse|rect|polyline|text)\b[^>]*/>")
_SPACE = re.compile(r"\s*([MLQCZ])\s*")


def set_look(options: Any) -> None:
    """Give the options of an RDKit drawer our colours and line widths."""
    options.clearBackground = False
    options.setAtomPalette(PALETTE)
    options.bondLineWidth = LINE
    options.scaleBondWidth = False
    options.padding = 0.04
    options.fixedBondLength = 26.0
    options.minFontSize = 8


@lru_cache(maxsize=4096)
def structure(smiles: str, width: int = 200, height: int = 140) -> str:
    """Return the structure as an `<svg>` element without prolog, ids or scripts; a few words if it is none."""
    mol = read(smiles)
    if mol is None:
        return _svg(width, height, _unreadable(width, height), "no molecule")
    drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
    set_look(drawer.drawOptions())
    with rdBase.BlockLogs():
        drawer.DrawMolecule(mol)
    drawer.FinishDrawing()
    return _svg(width, height, _compact(drawer.GetDrawingText()), smiles)


def _svg(width: int, height: int, body: str, label: str) -> str:
    """Wrap the body; the label is what a screen reader says."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(label)}">{body}</svg>'
    )


def _unreadable(width: int, height: int) -> str:
    """Say so in the place of a structure."""
    return (
        f'<text x="{width / 2:g}" y="{height / 2:g}" text-anchor="middle" font-family="sans-serif" font-size="12" '
        'fill="currentColor" opacity=".6">no molecule</text>'
    )


def _compact(drawing: str) -> str:
    """Merge RDKit's one path per bond and letter into one per colour: a fifth of the bytes, the same picture."""
    lines: dict[str, list[str]] = defaultdict(list)
    areas: dict[str, list[str]] = defaultdict(list)
    for match in _PATH.finditer(drawing):
        style = dict(item.split(":", 1) for item in (match["style"] or "").split(";") if ":" in item)
        d = _SPACE.sub(r"\1", match["d"]).replace(", ", " ").strip()
        fill = match["fill"] or style.get("fill", "none")
        if fill == "none":
            lines[style["stroke"]].append(d)
        else:
            areas[fill].append(d)
    parts = [f'<path stroke="{_colour(c)}" d="{"".join(d)}"/>' for c, d in lines.items()]
    head = f'<g fill="none" stroke-width="{LINE}" stroke-linecap="round">{"".join(parts)}</g>' if parts else ""
    filled = "".join(f'<path fill="{_colour(c)}" d="{"".join(d)}"/>' for c, d in areas.items())
    return head + filled + "".join(_OTHER.findall(drawing))


def _colour(hexadecimal: str) -> str:
    """Let black follow the page."""
    return "currentColor" if hexadecimal == "#000000" else hexadecimal.lower()
