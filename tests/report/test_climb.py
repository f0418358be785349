"""The picture and the page of a climb number the same molecules, and no number lies on another."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from chemvae.report.climb import SHOWN, Landscape, climb_figure, climb_page


@pytest.fixture
def found() -> Landscape:
    """A way that hardly moves at its end, where a new molecule comes up at every step."""
    smiles = [f"C{at * 'C'}O" for at in range(9)]
    way = np.array([[0.0, 0.0], [2, 1], [4, 2], [6, 1], [7, 0], [8, 0], [8.05, 0], [8.1, 0], [8.15, 0.02]])
    table = pd.DataFrame({"step": range(9), "predicted": 1.0, "computed": 0.5, "smiles": smiles, "text": smiles})
    sides = np.stack([np.linspace(-2, 10, 5), np.linspace(-4, 4, 5)], axis=1)
    return Landscape("tiny", "logp", "CCO", sides, np.add.outer(sides[:, 1], sides[:, 0]), way, table, 1.0)


def test_one_numbering_for_both(found):
    drawn = [axes.texts[0].get_text().partition("\n")[0] for axes in climb_figure(found).axes if axes.images]
    assert re.findall(r"<b>(\d: step \d)</b>", climb_page(found)) == drawn
    assert len(drawn) == SHOWN


def test_no_number_lies_on_another(found):
    figure = climb_figure(found)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in figure.axes[0].texts]
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[:at])
