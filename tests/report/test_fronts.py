import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from chemvae.report.fronts import Front, front_page, scatter, volume_trace
from chemvae.report.searches import figures_of, front_of, write_search
from chemvae.search.found import Ending, Found


@pytest.fixture
def found():
    history = pd.DataFrame(
        {
            "call": [1, 2, 3],
            "round": [0, 1, 1],
            "how": ["start", "local", "prior"],
            "smiles": ["CC", "CCO", "CCN"],
            "qed": [0.1, 0.2, 0.3],
            "sa": [1.0, 2.0, 3.0],
            "tpsa": [1.0, 2.0, 3.0],
            "feasible": [True, True, False],
            "hypervolume": [0.1, 0.2, 0.2],
            "reason": ["", "", "breaks tpsa <= 2"],
        }
    )
    front = history[history["feasible"]][["smiles", "qed", "sa", "how", "call"]]
    candidates = pd.DataFrame({"smiles": ["CCO"], "front": ["yes"], "rank": [1], "contribution": [0.1], "qed": [0.2]})
    rejected = pd.DataFrame({"text": ["x("], "smiles": [None], "reason": ["no SMILES"], "round": [1]})
    point = {"qed": 0.0, "sa": 9.0, "tpsa": 9.0}
    front = front.assign(tpsa=[1.0, 2.0])
    return Found("max qed, min sa", candidates, history, rejected, Ending.BUDGET, (), front, point)


def test_figures_of_a_front(found):
    figures = figures_of(found)
    assert (figures["front"], figures["hypervolume"], figures["failed_calls"]) == (2, 0.2, 0)
    assert figures["reference"] == {"qed": 0.0, "sa": 9.0, "tpsa": 9.0}


def test_the_page_has_a_picture_of_every_pair(found, tmp_path):
    page = front_page(front_of(found, figures_of(found), command="do it"))
    for pair in ("qed and sa", "qed and tpsa", "sa and tpsa"):
        assert pair in page
    assert "do it" in page
    write_search(tmp_path, found, figures_of(found))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"front.png", "front.svg", "trace.png", "trace.svg", "report.html"}


def test_no_line_runs_through_the_legend(found):
    figure = scatter(front_of(found, figures_of(found)), "qed", "sa")
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1 - 1


def test_infeasible_ones_are_told_apart(found):
    design = front_of(found, figures_of(found))
    assert isinstance(design, Front)
    labels = [text.get_text() for text in scatter(design, "qed", "sa").axes[0].get_legend().get_texts()]
    assert labels == ["measured", "infeasible", "start", "front"]
    assert all(name in front_page(design) for name in ("chemvae ", "RDKit "))
    assert len(volume_trace([0.1, 0.2]).axes[0].get_lines()) == 1
