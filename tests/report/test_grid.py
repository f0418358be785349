"""Grids: every molecule once, in order, with its legend, as PNG and SVG."""

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.report.grid import HEIGHT, LINE_HEIGHT, MOST, SHARP, WIDTH, Cell, cells, write_grid

TABLE = pd.DataFrame(
    {"smiles": ["CCO", "c1ccccc1", None], "distance": [0.5, 1.0, None], "similarity": [1.0, 0.25, 0.1]}
)


def texts(path: Path) -> list[str]:
    """Read the words of an SVG in the order of the picture."""
    return [element.text or "" for element in ET.parse(path).getroot().iter() if element.tag.endswith("}text")]


def test_cells_leave_out_what_is_missing():
    assert cells(TABLE, ("distance", "similarity", "no such column")) == [
        Cell("CCO", ("distance 0.500", "similarity 1")),
        Cell("c1ccccc1", ("distance 1", "similarity 0.250")),
        Cell("", ("similarity 0.100",)),
    ]


def test_svg_has_the_legends_in_order_and_says_what_is_no_molecule(tmp_path: Path):
    assert write_grid(cells(TABLE, ("distance",)), tmp_path / "a.svg") == 3
    assert texts(tmp_path / "a.svg") == ["distance 0.500", "distance 1", "no molecule"]


def test_svg_is_safe_with_any_text(tmp_path: Path):
    write_grid([Cell("<script>", ("<b>&",))], tmp_path / "a.svg")
    assert "<b>&" in texts(tmp_path / "a.svg")


def test_png_has_the_size_of_the_grid(tmp_path: Path):
    write_grid(cells(TABLE, ("distance", "similarity")), tmp_path / "a.png", columns=2)
    head = (tmp_path / "a.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", head[16:24])
    assert (wide, high) == (2 * WIDTH * SHARP, 2 * (HEIGHT + 2 * LINE_HEIGHT + 8) * SHARP)


def test_the_same_grid_gives_the_same_bytes(tmp_path: Path):
    for name in ("a.png", "b.png", "a.svg", "b.svg"):
        write_grid(cells(TABLE, ("distance",)), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_draws_the_first_of_too_many(tmp_path: Path):
    assert write_grid([Cell("C")] * (MOST + 5), tmp_path / "a.svg", columns=10) == MOST


def test_never_overwrites_unasked(tmp_path: Path):
    write_grid([Cell("C")], tmp_path / "a.svg")
    with pytest.raises(ExistsError, match=r"a\.svg exists"):
        write_grid([Cell("C")], tmp_path / "a.svg")
    write_grid([Cell("CC")], tmp_path / "a.svg", overwrite=True)
    assert "CC" in (tmp_path / "a.svg").read_text()


def test_refuses_other_endings_and_nothing(tmp_path: Path):
    with pytest.raises(InputError, match="ending in .png or .svg"):
        write_grid([Cell("C")], tmp_path / "a.gif")
    with pytest.raises(InputError, match="got none"):
        write_grid([], tmp_path / "a.svg")
