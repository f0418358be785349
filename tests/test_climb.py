"""Climbs: what is predicted rises, the way begins at the molecule, and what cannot be climbed is refused."""

import numpy as np
import pandas as pd
import pytest

from chemvae.climb import climb, plane_of
from chemvae.errors import InputError


@pytest.fixture(scope="module")
def model(tiny_bundle):
    from chemvae.model import load

    return load(tiny_bundle)


def test_what_is_predicted_rises_from_the_molecule(model, tmp_path):
    found = climb(model, "CCO", tmp_path / "climb.png", maximize="logp", steps=12)
    table = found.table
    assert (table["step"].iloc[0], table["step"].iloc[-1], len(table)) == (0, 12, 13)
    assert table["smiles"].iloc[0] == "CCO" and table["distance"].iloc[0] == 0.0
    assert table["predicted"].iloc[-1] > table["predicted"].iloc[0]
    expected = model.predict(["CCO"])["logp"].iloc[0]
    assert table["predicted"].iloc[0] == pytest.approx(expected, abs=1e-4)
    assert pd.read_csv(tmp_path / "climb.csv")["step"].tolist() == table["step"].tolist()
    page = (tmp_path / "climb.html").read_text()
    assert page.count("</title></use>") == 13 and "computed" in page and "CCO" in page
    climb(model, "CCO", tmp_path / "again.png", maximize="logp", steps=12)
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "climb.png").read_bytes()


def test_less_is_climbed_too(model):
    found = climb(model, "CCO", minimize="logp", steps=6)
    assert found.table["predicted"].is_monotonic_increasing and found.written == ()


def test_what_has_no_slope_is_refused(model):
    with pytest.raises(InputError, match=r"what tiny predicts \(logp, qed\)"):
        climb(model, "CCO", maximize="tpsa")
    with pytest.raises(InputError, match="steps >= 2"):
        climb(model, "CCO", maximize="logp", steps=1)


def test_the_plane_holds_a_bent_way_and_survives_a_straight_one():
    bent = np.array([[0.0, 0, 0], [1, 1, 0], [2, 0, 0]])
    for way in (bent, bent * (1, 0, 0)):
        axes = plane_of(way)
        np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)
        np.testing.assert_allclose((way - way[0]) @ axes.T @ axes, way - way[0], atol=1e-9)


def test_no_word_of_the_picture_lies_on_a_drawing_or_on_the_way():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from chemvae.report.climb import Landscape, climb_figure

    n, smiles = 12, [*(["CC(=O)Oc1ccccc1C(=O)O"] * 6), *(["COc1ccc(COC(C)=O)cc1"] * 5), "CCO"]
    along = np.linspace(0.0, 6.0, n)
    way = np.stack([along, (along - 3) ** 2 / 3 - 3], axis=1)  # down, and steeply up again
    table = pd.DataFrame({"step": range(n), "predicted": along, "computed": along, "smiles": smiles})
    sides = np.stack([np.linspace(-2, 8, 5), np.linspace(-4, 4, 5)], axis=1)
    found = Landscape("tiny", "logp", "CCO", sides, np.add.outer(sides[:, 1], sides[:, 0]), way, table, 1.0)
    figure = climb_figure(found)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    land, *rest = figure.axes
    drawings = [axes for axes in rest if axes.images]
    assert len(drawings) == len(land.texts) == 3
    for axes in drawings:
        assert axes.texts[0].get_window_extent().y1 <= axes.images[0].get_window_extent().y0
    points = land.transData.transform(way)
    for number in land.texts:
        box = number.get_tightbbox(canvas.get_renderer())
        assert not any(box.contains(x, y) for x, y in points)
