"""`chemvae image`: from a recipe to figures; stopped and gone on with; and bad recipes."""

import json
import tomllib
from pathlib import Path

import pytest

RECIPE = """
name = "small"
[data]
train_images = 40
[encoder]
kind = "mlp"
hidden = [8]
[train]
epochs = 1
[figures]
nll_samples = 2
nll_images = 4
mapped = 20
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(RECIPE)
    return "run.toml"


def test_a_recipe_becomes_figures_and_a_run_goes_on(main, recipe, tmp_path, capsys):
    assert main(["image", recipe]) == 0
    told = capsys.readouterr().out
    assert "test_nll" in told and "importance samples 2" in told
    assert (tmp_path / "runs" / "small" / "report.html").is_file()
    assert main(["image", "--resume", "runs/small", "--set", "train.epochs=2"]) == 0
    assert json.loads((tmp_path / "runs" / "small" / "metrics.json").read_text())["last_epoch"]["epoch"] == 2


def test_ctrl_c_saves_and_says_how_to_go_on(main, recipe, capsys, monkeypatch):
    from chemvae.training import keeping

    begin = keeping.Keeper.on_train_start

    def begin_and_be_told_to_stop(self, *of_trainer) -> None:
        begin(self, *of_trainer)
        self._on_signal(2, None)

    monkeypatch.setattr(keeping.Keeper, "on_train_start", begin_and_be_told_to_stop)
    assert main(["image", recipe, "-o", "out"]) == 130
    assert "chemvae image --resume out" in capsys.readouterr().err.splitlines()[-1]


def test_the_recipe_that_would_run_is_shown_whole(main, recipe, capsys, monkeypatch):
    monkeypatch.setenv("CHEMVAE_TRAIN__EPOCHS", "7")
    assert main(["image", recipe, "--print-config", "--set", "decoder.kind=conv"]) == 0
    shown = tomllib.loads(capsys.readouterr().out)
    assert (shown["train"]["epochs"], shown["decoder"]["channels"]) == (7, [32, 64])


@pytest.mark.parametrize(
    ("tokens", "hint"),
    [
        (["run.toml", "--set", "encoder.hiden=[3]"], 'Did you mean "hidden"?'),
        (["run.toml", "--set", "family=gan"], "Known: "),
        (["run.toml", "--set", "data.name=mnist"], "chemvae data fetch mnist"),
        (["run.toml", "--set", "data.name=binarized_mnist"], "fixed"),
        (["missing.toml"], "missing.toml"),
        ([], "neither"),
        (["--resume", "nowhere"], "nowhere"),
        (["run.toml", "--resume", "nowhere"], "both"),
        (["run.toml", "-o", "."], "exists"),
    ],
)
def test_what_cannot_run(refused, recipe, tokens, hint):
    said = refused("image", *tokens)
    assert hint in said
