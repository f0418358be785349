"""`chemvae train`: from a table to a model that can be used, stopped, gone on with; and bad recipes."""

import tomllib

import pandas as pd
import pytest

RECIPE = """
name = "small"
[data]
table = "table.csv"
properties = ["logp"]
split_sizes = [0.6, 0.2, 0.2]
[model]
latent = 4
encoder = {channels = [8], kernels = [3], strides = [1], hidden = [16]}
decoder = {width = 16, hidden = 16}
[train]
epochs = 1
batch_size = 8
"""


@pytest.fixture
def recipe(tmp_path, monkeypatch, small_molecules) -> str:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"smiles": small_molecules}).to_csv("table.csv", index=False)
    (tmp_path / "run.toml").write_text(RECIPE)
    (tmp_path / "bare.toml").write_text('name = "bare"\n')
    return "run.toml"


def test_a_table_becomes_a_model_and_a_run_goes_on(main, recipe, tmp_path, capsys):
    assert main(["train", recipe, "-o", "out"]) == 0
    told = capsys.readouterr().out
    assert "mae_logp" in told
    assert "exact_reconstruction" in told.split("on held-out molecules")[1]
    assert (tmp_path / "out" / "evaluation" / "metrics.json").is_file()
    page = (tmp_path / "out" / "evaluation" / "report.html").read_text()
    assert "Molecules: the test molecules" in page and "absent from: the training molecules" in page
    assert main(["train", "--resume", "out", "--set", "train.epochs=2"]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "metrics.csv")) == 2
    assert main(["sample", "-m", "out", "-n", "3", "-o", "new.csv"]) == 0
    assert len(pd.read_csv("new.csv")) == 3


def test_ctrl_c_saves_and_ends_with_130(main, recipe, capsys, monkeypatch):
    from chemvae.training import keeping

    begin = keeping.Keeper.on_train_start

    def begin_and_be_told_to_stop(self, *of_trainer) -> None:
        begin(self, *of_trainer)
        self._on_signal(2, None)

    monkeypatch.setattr(keeping.Keeper, "on_train_start", begin_and_be_told_to_stop)
    assert main(["train", recipe, "-o", "out"]) == 130
    assert "chemvae train --resume out" in capsys.readouterr().err.splitlines()[-1]
    monkeypatch.setattr(keeping.Keeper, "on_train_start", begin)
    assert main(["train", "--resume", "out"]) == 0


def test_precedence_is_recipe_environment_command_line(main, recipe, capsys, monkeypatch):
    def epochs_and_seed(*tokens: str) -> tuple[int, int]:
        assert main(["train", recipe, "--print-config", *tokens]) == 0
        asked = tomllib.loads(capsys.readouterr().out)
        return asked["train"]["epochs"], asked["seed"]

    assert epochs_and_seed() == (1, 0)
    monkeypatch.setenv("CHEMVAE_TRAIN__EPOCHS", "7")
    monkeypatch.setenv("CHEMVAE_SEED", "5")
    assert epochs_and_seed() == (7, 5)
    assert epochs_and_seed("--set", "train.epochs=9", "--seed", "6") == (9, 6)


@pytest.mark.parametrize(
    ("tokens", "hint"),
    [
        (["run.toml", "--set", "train.epoch=3"], 'Did you mean "epochs"?'),
        (["run.toml", "--set", "train.epochs"], "KEY=VALUE"),
        (["run.toml", "--set", "train.epochs=many"], "train.epochs"),
        (["run.toml", "--set", "data.table=nowhere.csv"], "nowhere.csv"),
        (["run.toml", "--set", "data.table=t.csv", "--set", "data.prepared=p"], "both. Drop one."),
        (["bare.toml"], "--set data.prepared=FOLDER"),
        (["missing.toml"], "missing.toml"),
        (["table.csv"], "TOML"),
        ([], "neither"),
        (["--resume", "nowhere"], "nowhere"),
        (["run.toml", "--resume", "nowhere"], "both"),
        (["run.toml", "-o", "."], "exists"),
    ],
)
def test_what_cannot_be_trained(refused, recipe, tokens, hint):
    said = refused("train", *tokens)
    assert hint in said
    assert not said.endswith("..")
