import numpy as np
import pandas as pd
import pytest

from chemvae.report.searches import design_of, figures_of, write_search
from chemvae.search.found import Ending, Found


@pytest.fixture
def found():
    history = pd.DataFrame(
        {
            "call": [1, 2, 3],
            "round": [0, 1, 1],
            "how": ["start", "local", "prior"],
            "smiles": ["CC", "CCO", "CCN"],
            "objective": [1.0, 2.0, np.nan],
            "qed": [0.1, 0.2, 0.3],
            "feasible": [True, True, True],
            "best": [1.0, 2.0, 2.0],
            "reason": ["", "", "qed is not a number"],
        }
    )
    candidates = pd.DataFrame({"smiles": ["CCO"], "objective": [2.0], "qed": [0.2], "similarity": [0.5], "call": [2]})
    rejected = pd.DataFrame(
        {"text": ["x("], "smiles": [None], "reason": ["RDKit cannot read it: not SMILES"], "round": [1]}
    )
    return Found("5*qed - sa", candidates, history, rejected, Ending.BUDGET)


def test_figures_are_plain_and_complete(found):
    figures = figures_of(found)
    assert (figures["calls"], figures["failed_calls"], figures["start"], figures["candidates"]) == (3, 1, 1, 1)
    assert (figures["best_start"], figures["best"], figures["best_10_mean"]) == (1.0, 2.0, 2.0)
    assert figures["rejected"] == {"RDKit cannot read it": 1}


def test_design_shows_the_parts_under_each_structure(found):
    design = design_of(found, figures_of(found), title="Mine", command="do it")
    assert (design.title, design.command) == ("Mine", "do it")
    assert design.legends == ("objective", "qed")


def test_writes_pictures_and_page(found, tmp_path):
    write_search(tmp_path, found, figures_of(found))
    assert {path.name for path in tmp_path.iterdir()} == {"trace.png", "trace.svg", "report.html"}
    assert "CCO" in (tmp_path / "report.html").read_text()


def test_nothing_found_is_still_a_page(found, tmp_path):
    empty = Found("qed - sa", found.candidates.head(0), found.history.head(1), found.rejected.head(0), Ending.EXHAUSTED)
    figures = figures_of(empty)
    assert (figures["best"], figures["best_10_mean"]) == (None, None)
    write_search(tmp_path, empty, figures)
    assert "points decoded to nothing new" in (tmp_path / "report.html").read_text()
