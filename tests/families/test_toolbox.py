"""The toolbox on a model that is known: attributes are what they say, and moving along one does what it should."""

import numpy as np
import pytest
import torch

from chemvae.families.toolbox import ATTRIBUTES, gap, toolbox, way
from chemvae.image import image, read_image_recipe
from chemvae.io.image_sets import Images
from chemvae.nn.images.build import Seen, seeded
from chemvae.systems.latent import LatentRecipe

STROKE = np.zeros((1, 9, 9))
STROKE[0, 1:8, 4] = 1.0
LEANING = np.zeros((1, 9, 9))
LEANING[0, np.arange(1, 8), 8 - np.arange(1, 8)] = 1.0  # from top right to bottom left, as / does


def test_attributes_are_what_they_say() -> None:
    assert ATTRIBUTES["ink"](STROKE)[0] == pytest.approx(7 / 81)
    assert ATTRIBUTES["slant"](STROKE)[0] == pytest.approx(0, abs=1e-6)
    assert ATTRIBUTES["slant"](LEANING)[0] == pytest.approx(1, abs=1e-4)
    assert ATTRIBUTES["width"](STROKE)[0] == pytest.approx(0, abs=1e-6)
    assert ATTRIBUTES["width"](LEANING)[0] == pytest.approx(2, abs=1e-4)


def test_a_vector_goes_from_the_lower_third_to_the_upper() -> None:
    values = np.arange(9.0)
    points = np.stack([values, np.ones(9)], axis=1)
    np.testing.assert_allclose(way(points, values), [6.0, 0.0])
    assert gap(values) == 6.0


def test_in_a_linear_space_of_brightness_ink_moves_by_the_whole_gap() -> None:
    """A decoder whose only latent dimension is the brightness of a grey square, and an encoder that reads it off."""
    grey = np.random.default_rng(0).uniform(0.2, 0.8, (300, 1)) * np.ones((1, 16))
    parts = {"train": grey[:150].astype(np.float32), "test": grey[150:].astype(np.float32)}
    recipe = LatentRecipe.model_validate(
        {
            "latent": 1,
            "posterior": {"kind": "dirac"},
            "objective": {"kind": "reconstruction"},
            "likelihood": {"kind": "gaussian"},
            "encoder": {"kind": "mlp", "hidden": []},
            "decoder": {"kind": "mlp", "hidden": []},
        }
    )
    model = seeded(recipe, Seen((4, 4), torch.full((16,), 0.5), torch.empty(0, 16), 0))
    layers = [model.encoder.head.to_mean, model.decoder.net.net[1]]
    with torch.no_grad():
        for layer, weight in zip(layers, (1 / 16, 1.0), strict=True):
            layer.weight.fill_(weight)
            layer.bias.zero_()
    found = toolbox(model, Images((4, 4), parts), recipe)
    assert found.figures["ink_moved"] == pytest.approx(1, abs=0.1)
    assert [picture.name for picture in found.pictures] == ["grid", "walks", "attributes"]


def test_a_finished_run_opens_its_toolbox(tmp_path) -> None:
    short = "name = 'tiny'\n[data]\ntrain_images = 40\n[train]\nepochs = 1\n[figures]\nnll_samples = 0"
    (tmp_path / "run.toml").write_text(short)
    quiet = {"say": lambda _: None}
    before = image(read_image_recipe(tmp_path / "run.toml"), tmp_path / "out", **quiet)
    asked = read_image_recipe(tmp_path / "run.toml", ["figures.toolbox=true"])
    after = image(asked, tmp_path / "out", resume=True, **quiet)
    assert {name: after.figures[name] for name in before.figures} == before.figures
    assert {"grid.png", "walks.png", "attributes.png"} <= {path.name for path in after.pictures}


def test_a_model_that_is_told_classes_is_told_them_here_too(tmp_path) -> None:
    (tmp_path / "run.toml").write_text("conditional = true\n[train]\nepochs = 1\n[figures]\nnll_samples = 0")
    changes = ["data.train_images=40", "figures.toolbox=true"]
    done = image(read_image_recipe(tmp_path / "run.toml", changes), tmp_path / "out", say=lambda _: None)
    assert "slant_moved" in done.figures
