"""Recipes: strict, layered, and the same when written and read again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.config import Recipe
from chemvae.errors import ConfigError, MissingFileError
from chemvae.io.recipes import from_environment, read_recipe, to_toml, validated


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_recipe_environment_command_line(tmp_path: Path) -> None:
    path = written(tmp_path, "[train]\nepochs = 5\nbatch_size = 10\nlearning_rate = 0.5\n")
    environment = {"CHEMVAE_TRAIN__EPOCHS": "6", "CHEMVAE_TRAIN__BATCH_SIZE": "11", "CHEMVAE_JOBS": "2"}
    train = read_recipe(path, ["train.epochs=7", "name=mine"], environment).train
    assert (train.epochs, train.batch_size, train.learning_rate) == (7, 11, 0.5)
    assert train.clip == Recipe().train.clip
    assert from_environment({"CHEMVAE_JOBS": "2", "HOME": "x"}) == {}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[train]\nepoch = 3", 'Did you mean "epochs"'),
        ("[trian]\nepochs = 3", 'Did you mean "train"'),
        ("[model.encoder]\nkernel = [3]", 'Did you mean "kernels"'),
        ("[model.head]\nwidths = [3]", "model.head.widths"),
        ("[train]\nepochs = 0", "train.epochs"),
        ("[model.encoder]\nkernels = [3]", "as many kernels"),
        ("[model.encoder]\nkernels = [2, 3, 5]", "odd kernels"),
        ("[data]\ntable = 'a'\nprepared = 'b'", "either data.prepared or data.table"),
        ("epochs 3", "Expected TOML"),
    ],
)
def test_what_cannot_be_is_named_in_one_line(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(ConfigError, match=match) as caught:
        read_recipe(written(tmp_path, text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", ["train.epochs", "=3", "train.epochs.deep=3"])
def test_a_change_that_cannot_be(tmp_path: Path, change: str) -> None:
    with pytest.raises(ConfigError):
        read_recipe(written(tmp_path, "[train]\nepochs = 3"), [change])


def test_a_change_to_nothing_drops_the_key(tmp_path: Path) -> None:
    path = written(tmp_path, "[data]\ntable = 'druglike'\n")
    data = read_recipe(path, ["data.table=", "data.prepared=mine"]).data
    assert (data.table, data.prepared) == (None, "mine")


def test_a_missing_recipe(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.toml"):
        read_recipe(tmp_path / "none.toml")


@given(
    name=st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    seed=st.integers(0, 2**31),
    rate=st.floats(1e-8, 1e3),
    channels=st.lists(st.integers(1, 99), min_size=1, max_size=4),
)
def test_writing_and_reading_gives_the_same(name: str, seed: int, rate: float, channels: list[int]) -> None:
    import tomllib

    n = len(channels)
    raw = {
        "name": name,
        "seed": seed,
        "train": {"learning_rate": rate},
        "model": {"encoder": {"channels": channels, "kernels": [3] * n, "strides": [1] * n}},
    }
    recipe = validated(raw, "here")
    assert validated(tomllib.loads(to_toml(recipe)), "there") == recipe


def test_no_head_survives_the_round_trip() -> None:
    import tomllib

    recipe = Recipe.model_validate({"model": {"head": False}})
    assert validated(tomllib.loads(to_toml(recipe)), "there") == recipe


PIPELINES = sorted(Path(__file__).parents[2].glob("pipelines/*/run.toml"))
SEARCHES = [path for path in PIPELINES if "[optimize]" in path.read_text(encoding="utf-8")]
"""Recipes of `chemvae optimize`, which tests/cli reads; all others are of trainings."""


@pytest.mark.parametrize("path", [path for path in PIPELINES if path not in SEARCHES], ids=lambda p: p.parent.name)
def test_every_recipe_of_the_project_is_sound(path: Path) -> None:
    assert read_recipe(path).name == path.parent.name
