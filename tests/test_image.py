"""`chemvae.image`: every recipe of the project runs two steps; a run goes on to the bit; what it leaves can be read."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import torch

from chemvae.errors import ConfigError, ExistsError, InputError, TrainingError
from chemvae.families.table import FAMILIES
from chemvae.image import image, read_image_recipe
from chemvae.systems.recipe import ImageRecipe

ROOT = Path(__file__).parents[1]
PIPELINES = sorted(path for path in ROOT.glob("pipelines/*/*/*.toml") if path.parts[-3] != "sentences")
OURS = [path for path in PIPELINES if path.name == "run.toml"]
"""Recipes that need no download."""
TINY = """
name = "tiny"
[data]
train_images = 60
binarise = "dynamic"
[encoder]
kind = "mlp"
hidden = [8]
[decoder]
kind = "mlp"
hidden = [8]
[train]
epochs = 3
batch_size = 20
[figures]
nll_samples = 5
nll_images = 10
samples = 4
shown = 4
mapped = 20
"""


def shrunk(path: Path) -> list[str]:
    """Return the changes that let a recipe end after two steps; a family without images takes its own."""
    recipe = read_image_recipe(path)
    if not isinstance(recipe, ImageRecipe):
        short = ["example.tuning_steps=1", "example.train_steps=10", "example.steps=20"]
        return short if recipe.name == "learned_mcmc" else []
    two_steps = ["train.epochs=1", "train.batch_size=8", "data.train_images=16"]
    if recipe.family == "energy":
        two_steps.append("annealing.steps=10")
    return [*two_steps, "figures.nll_samples=2", "figures.nll_images=4", "figures.samples=8", "figures.mapped=20"]


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_every_recipe_runs_two_steps_and_leaves_what_a_person_can_read(path: Path, tmp_path: Path) -> None:
    done = image(read_image_recipe(path, shrunk(path)), tmp_path / "out", say=lambda _: None)
    assert done.figures
    assert done.pictures and all(picture.stat().st_size > 1000 for picture in done.pictures)
    kept = json.loads((done.folder / "metrics.json").read_text())
    assert kept["figures"] == done.figures
    assert {"seed"} <= set(kept["protocol"])
    page = (done.folder / "report.html").read_text()
    assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", page)
    assert page.count("<figure>") >= len(done.pictures)


@pytest.mark.parametrize("path", PIPELINES, ids=name_of)
def test_every_recipe_is_sound_and_has_its_page(path: Path) -> None:
    recipe = read_image_recipe(path)
    assert recipe.name == path.parent.name
    assert recipe.family in FAMILIES
    page = (path.parent / "README.md").read_text()
    assert f"chemvae image pipelines/{path.parent.parent.name}/{path.parent.name}/{path.name}" in page


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "run.toml").write_text(TINY)
    return tmp_path / "run.toml"


def quiet(_: str) -> None:
    """Say nothing."""


def test_a_run_that_goes_on_is_the_run_that_never_stopped(tiny: Path, tmp_path: Path) -> None:
    whole = image(read_image_recipe(tiny), tmp_path / "whole", say=quiet)
    image(read_image_recipe(tiny, ["train.epochs=1"]), tmp_path / "cut", say=quiet)
    cut = image(read_image_recipe(tiny), tmp_path / "cut", resume=True, say=quiet)
    assert cut.figures == whole.figures
    states = [
        torch.load(run.folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"] for run in (whole, cut)
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert pd.read_csv(cut.folder / "metrics.csv")["epoch"].tolist() == [1, 2, 3]
    for picture, same in zip(whole.pictures, cut.pictures, strict=True):
        assert picture.read_bytes() == same.read_bytes()


def test_the_seed_decides_everything(tiny: Path, tmp_path: Path) -> None:
    first, again, other = (
        image(read_image_recipe(tiny, ["train.epochs=1", f"seed={seed}"]), tmp_path / name, say=quiet).figures
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == again
    assert first != other


def test_a_run_stops_when_its_processor_time_is_used_up(tiny: Path, tmp_path: Path) -> None:
    image(read_image_recipe(tiny, ["train.epochs=50", "train.cpu_seconds=1e-6"]), tmp_path / "out", say=quiet)
    assert len(pd.read_csv(tmp_path / "out" / "metrics.csv")) == 1


@pytest.mark.parametrize("change", ["latent=3", "seed=1", "train.batch_size=10", "encoder.hidden=[9]"])
def test_a_run_goes_on_with_its_own_recipe_only(tiny: Path, tmp_path: Path, change: str) -> None:
    image(read_image_recipe(tiny, ["train.epochs=1"]), tmp_path / "out", say=quiet)
    with pytest.raises(ConfigError, match="start a new run"):
        image(read_image_recipe(tiny, [change]), tmp_path / "out", resume=True, say=quiet)


def test_nothing_is_overwritten_unasked(tiny: Path, tmp_path: Path) -> None:
    recipe = read_image_recipe(tiny, ["train.epochs=1"])
    with pytest.raises(InputError, match="Start one without --resume"):
        image(recipe, tmp_path / "none", resume=True, say=quiet)
    image(recipe, tmp_path / "out", say=quiet)
    with pytest.raises(ExistsError):
        image(recipe, tmp_path / "out", say=quiet)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work").touch()
    with pytest.raises(ExistsError, match="something else"):
        image(recipe, tmp_path / "mine", overwrite=True, say=quiet)


def test_a_training_that_breaks_down_says_so(tiny: Path, tmp_path: Path) -> None:
    recipe = read_image_recipe(tiny, ["train.learning_rate=1e30", "train.epochs=1"])
    with pytest.raises(TrainingError, match=r"Lower train\.learning_rate"):
        image(recipe, tmp_path / "out", say=quiet)
