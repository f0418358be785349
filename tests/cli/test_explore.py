"""`chemvae neighbors` and `interpolate`: tables with pictures beside them, and bad input in one line."""

import pandas as pd
import pytest


def test_neighbors_are_distinct_and_nearest_first(main, tmp_path, tiny_bundle):
    out = tmp_path / "n.csv"
    assert main(["neighbors", "CCO", "-n", "8", "-o", str(out), "-m", str(tiny_bundle)]) == 0
    near = pd.read_csv(out)
    assert near["smiles"].nunique() == len(near) == 8
    assert near["distance"].is_monotonic_increasing
    assert (tmp_path / "n.svg").read_text().lstrip().startswith("<")
    assert (tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("corners", "rows"), [(["CCO", "CCN"], 4), (["CCO", "CCN", "CCC", "CCCC"], 16)])
def test_a_line_and_a_grid(main, tmp_path, tiny_bundle, corners, rows):
    out = tmp_path / "line.csv"
    assert main(["interpolate", *corners, "--steps", "4", "-o", str(out), "-m", str(tiny_bundle)]) == 0
    assert len(pd.read_csv(out)) == rows


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("neighbors C( -o n.csv", "'C('"),
        ("neighbors CCO -n 0 -o n.csv", "n >= 1"),
        ("neighbors CCO -n -3 -o n.csv", "got n -3"),
        ("neighbors CCO -n -3 --rings 2 -o n.csv", "got n -3"),
        ("neighbors CCO --radius 0 -o n.csv", "radius"),
        (f"neighbors {'C' * 60} -o n.csv", "cap"),
        ("neighbors [Xe] -o n.csv", "vocabulary lacks"),
        ("interpolate CCO junk -o n.csv", "'junk'"),
        ("interpolate CCO CCN CCC -o n.csv", "2 or 4"),
        ("interpolate CCO CCN --steps 1 -o n.csv", "2 steps"),
    ],
)
def test_bad_input(refused, tiny_bundle, line, hint):
    assert hint in refused(*line.split(), "-m", str(tiny_bundle))


def test_a_picture_is_not_overwritten_unasked(refused, tmp_path, tiny_bundle):
    (tmp_path / "n.svg").write_text("mine")
    assert "n.svg" in refused("neighbors", "CCO", "-n", "2", "-o", "n.csv", "-m", str(tiny_bundle))
