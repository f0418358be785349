"""Charts: what is drawn is what was given, without global state, and safe inside a page."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.report.figures import best_so_far, curves, histograms, inline, save, trace

VALUES = np.array([np.nan, 1.0, 0.5, np.nan, 2.0])


def test_best_so_far_passes_over_failures():
    np.testing.assert_array_equal(best_so_far(VALUES), [np.nan, 1.0, 1.0, 1.0, 2.0])


def test_trace_draws_every_call_and_the_best():
    axes = trace(VALUES, name="5*qed - sa", start=0.75).axes[0]
    dots, best, start = axes.get_lines()
    np.testing.assert_array_equal(dots.get_ydata(), VALUES)
    np.testing.assert_array_equal(best.get_ydata(), best_so_far(VALUES))
    np.testing.assert_array_equal(dots.get_xdata(), [1, 2, 3, 4, 5])
    assert set(start.get_ydata()) == {0.75}
    assert axes.get_ylabel() == "5*qed - sa"


def test_trace_compares_methods_by_name():
    axes = trace({"bayes": VALUES, "random": VALUES}).axes[0]
    assert axes.get_legend_handles_labels()[1] == ["bayes", "random"]


def test_histograms_are_shares_that_add_up_to_one():
    axes = histograms({"a": [1.0, 2.0, np.nan], "b": [0.0]}, name="qed").axes[0]
    heights = [sum(bar.get_height() for bar in group) for group in axes.containers]
    assert heights == pytest.approx([1.0, 1.0])


def test_histograms_of_one_value_and_of_none():
    histograms({"a": [1.0, 1.0]}, name="qed")
    with pytest.raises(InputError, match="got none"):
        histograms({"a": [np.nan]}, name="qed")


def test_curves_pass_over_gaps_and_name_a_missing_column():
    log = pd.DataFrame({"epoch": [1, 2, 3], "loss": [3.0, None, 1.0]})
    line = curves(log, ["loss"]).axes[0].get_lines()[0]
    assert list(line.get_xdata()) == [1, 3]
    with pytest.raises(InputError, match="kl is missing"):
        curves(log, ["kl"])


def test_a_line_of_one_point_is_seen_and_its_epoch_is_whole():
    axes = curves(pd.DataFrame({"epoch": [1], "loss": [3.0]}), ["loss"]).axes[0]
    assert axes.get_lines()[0].get_marker() == "."
    assert all(tick == round(tick) for tick in axes.get_xticks())
    many = pd.DataFrame({"epoch": range(100), "loss": 1.0})
    assert not curves(many, ["loss"]).axes[0].get_lines()[0].get_marker()


def test_inline_is_one_element_that_touches_nothing_else():
    svg = inline(trace(VALUES), 'a "title" & more', prefix="first")
    root = ET.fromstring(svg)
    assert root.get("aria-label") == 'a "title" & more'
    assert "<style" not in svg and "<script" not in svg and "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "currentColor" in svg
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids and all(name.startswith("first-") for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)


def test_text_with_dollars_is_no_formula():
    assert "$x^2$" in inline(histograms({"a": [1.0]}, name="$x^2$"))


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_saves_the_same_bytes_twice(tmp_path: Path, ending: str):
    first, second = (save(trace(VALUES), tmp_path / f"{name}{ending}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_saves_no_other_ending_and_never_over_a_file(tmp_path: Path):
    with pytest.raises(InputError, match="ending in"):
        save(trace(VALUES), tmp_path / "a.gif")
    save(trace(VALUES), tmp_path / "a.png")
    with pytest.raises(ExistsError):
        save(trace(VALUES), tmp_path / "a.png")


def test_pyplot_stays_unloaded():
    code = "import sys, chemvae.report.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
