"""The command line of maps: pictures and a table, and bad input in one line."""

import pandas as pd
import pytest


@pytest.fixture
def library(tmp_path, small_molecules):
    path = tmp_path / "library.smi"
    path.write_text("\n".join(small_molecules[:20]) + "\n")
    return path


def test_a_map_with_a_real_model(main, tmp_path, library, tiny_bundle, capsys):
    out = tmp_path / "map.csv"
    assert main(["map", str(library), "--color-by", "predicted_qed", "-o", str(out), "-m", str(tiny_bundle)]) == 0
    assert "20 rows; 20 of them on the map, coloured by predicted_qed" in capsys.readouterr().out
    assert pd.read_csv(out)[["pc_1", "pc_2", "predicted_qed"]].notna().all(axis=None)
    assert all((tmp_path / name).stat().st_size for name in ("map.png", "map.svg", "map.html"))


@pytest.mark.parametrize(
    ("options", "hint"),
    [("--color-by colour", "'colour'"), ("-n 0", "n >= 1"), ("-n 2", "at least 3 points"), ("-o map.jpg", "map.jpg")],
)
def test_bad_input(refused, library, tiny_bundle, options, hint):
    given = options.split() if "-o" in options else ["-o", "map.png", *options.split()]
    assert hint in refused("map", str(library), *given, "-m", str(tiny_bundle))
