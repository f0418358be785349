"""train: a prepared table becomes a run with a model in it; wrong turns are refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.config import PriorConfig, Recipe, ValidityConfig
from chemvae.errors import ConfigError, ExistsError, InputError, TrainingError
from chemvae.io.atomic import read_json
from chemvae.io.recipes import read_recipe
from chemvae.model import load
from chemvae.train import train
from chemvae.training.task import VAETask

TINY = Recipe.model_validate(
    {
        "name": "tiny",
        "model": {
            "latent": 4,
            "encoder": {"embed": 8, "channels": [16], "kernels": [3], "strides": [2], "hidden": [16]},
            "decoder": {"embed": 8, "width": 24, "memory": 4, "hidden": 8},
            "head": {"hidden": [8]},
        },
        "train": {"epochs": 2, "batch_size": 8, "threads": 1},
    }
)


def quiet(_: str) -> None:
    pass


def test_a_run_folder_holds_what_a_person_needs(tiny_prepared: Path, tmp_path: Path) -> None:
    done = train(TINY, tmp_path / "run", prepared=tiny_prepared, say=quiet)
    names = {path.name for path in done.folder.iterdir()}
    assert {
        "run.toml",
        "metrics.csv",
        "metrics.json",
        "manifest.json",
        "kl_per_dimension.csv",
        "report.html",
        "checkpoints",
        "model",
    } <= names
    assert read_recipe(done.folder / "run.toml") == TINY
    assert read_json(done.folder / "manifest.json")["seed"] == 0
    assert read_json(done.folder / "metrics.json")["kept_epoch"]["valid_loss"] == done.figures["valid_loss"]
    model = load(done.folder)
    assert model.name == "tiny"
    assert model.encode(["CCO"]).shape == (1, 4)
    statistics = model.bundle.latent
    assert np.isfinite([statistics["mean"], statistics["std"], statistics["posterior_std"]]).all()
    assert (np.array(statistics["std"]) > 0).all()


@pytest.mark.parametrize("keep", ["best", "last"])
def test_a_recipe_says_which_epoch_becomes_the_model(tiny_prepared: Path, tmp_path: Path, monkeypatch, keep) -> None:
    figures = VAETask.figures
    monkeypatch.setattr(VAETask, "figures", lambda task: figures(task) | {"valid_loss": float(task.current_epoch)})
    settings = TINY.train.model_copy(update={"keep": keep})
    done = train(TINY.model_copy(update={"train": settings}), tmp_path / "run", prepared=tiny_prepared, say=quiet)
    assert done.figures["epoch"] == (2 if keep == "last" else 1)
    kept = torch.load(done.folder / "checkpoints" / f"{keep}.ckpt", weights_only=True)["state_dict"]
    weights = load(done.folder).bundle.weights["decoder.to_logits.weight"]
    assert np.allclose(weights, kept["vae.decoder.to_logits.weight"].numpy(), atol=1e-3)


def test_a_model_with_normalising_layers_is_read_back(tiny_prepared: Path, tmp_path: Path) -> None:
    """Their counter of batches is a number without an axis."""
    encoder = TINY.model.encoder.model_copy(update={"batch_norm": True})
    recipe = TINY.model_copy(update={"model": TINY.model.model_copy(update={"encoder": encoder})})
    done = train(recipe, tmp_path / "run", prepared=tiny_prepared, say=quiet)
    assert np.isfinite(load(done.folder).encode(["CCO"])).all()


def test_an_existing_run_is_kept_unless_asked(tiny_prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(ExistsError, match="--overwrite"):
        train(TINY, tmp_path / "mine", prepared=tiny_prepared, say=quiet)
    with pytest.raises(ExistsError, match="something else"):
        train(TINY, tmp_path / "mine", prepared=tiny_prepared, overwrite=True, say=quiet)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_table_without_validation_molecules_costs_nothing(tiny_prepared: Path, tmp_path: Path, overwrite) -> None:
    import shutil

    table = Path(shutil.copytree(tiny_prepared, tmp_path / "table"))
    np.save(table / "split.npy", np.load(table / "split.npy") * 0)
    out = tmp_path / "run"
    if overwrite:
        train(TINY, out, prepared=tiny_prepared, say=quiet)
    before = sorted(out.rglob("*"))
    with pytest.raises(InputError, match="Expected valid molecules"):
        train(TINY, out, prepared=table, overwrite=overwrite, say=quiet)
    assert sorted(out.rglob("*")) == before
    assert out.exists() == overwrite


def test_a_resume_with_another_model_or_table_or_of_nothing_is_refused(tiny_prepared: Path, tmp_path: Path) -> None:
    train(TINY, tmp_path / "run", prepared=tiny_prepared, say=quiet)
    with pytest.raises(InputError, match="there is none"):
        train(TINY, tmp_path / "none", prepared=tiny_prepared, resume=True, say=quiet)
    other = TINY.model_copy(update={"seed": 9})
    with pytest.raises(ConfigError, match="model and seed"):
        train(other, tmp_path / "run", prepared=tiny_prepared, resume=True, say=quiet)
    import shutil

    table = Path(shutil.copytree(tiny_prepared, tmp_path / "table"))
    (table / "manifest.json").write_text((table / "manifest.json").read_text() + " ")
    with pytest.raises(InputError, match="another"):
        train(TINY, tmp_path / "run", prepared=table, resume=True, say=quiet)


def test_a_recipe_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.prepared"):
        train(TINY, tmp_path / "run", say=quiet)
    assert not (tmp_path / "run").exists()


def test_training_imports_no_rdkit(tiny_prepared: Path, tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["rdkit"] = None  # an import of it now fails
from chemvae.config import PriorConfig, Recipe, ValidityConfig
from chemvae.train import train
from chemvae.training.task import VAETask
recipe = Recipe.model_validate_json({TINY.model_dump_json()!r})
train(recipe, {str(tmp_path / "run")!r}, prepared={str(tiny_prepared)!r}, say=lambda _: None)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_property_without_labels_to_validate_has_no_figure(tiny_prepared: Path, tmp_path: Path) -> None:
    import shutil

    table = Path(shutil.copytree(tiny_prepared, tmp_path / "table"))
    targets = np.load(table / "targets.npy")
    targets[np.load(table / "split.npy") == 1, 1] = np.nan
    np.save(table / "targets.npy", targets)
    done = train(TINY, tmp_path / "run", prepared=table, say=quiet)
    assert "mae_logp" in done.figures
    assert "mae_qed" not in done.figures


def test_a_training_that_breaks_down_says_so(tiny_prepared: Path, tmp_path: Path) -> None:
    changes = {"learning_rate": 1e30, "warmup_steps": 0}
    wild = TINY.model_copy(update={"train": TINY.train.model_copy(update=changes)})
    with pytest.raises(TrainingError, match="finite validation loss"):
        train(wild, tmp_path / "run", prepared=tiny_prepared, say=quiet)


def test_a_resume_with_other_batches_is_refused(tiny_prepared: Path, tmp_path: Path) -> None:
    train(TINY, tmp_path / "run", prepared=tiny_prepared, say=quiet)
    other = TINY.model_copy(update={"train": TINY.train.model_copy(update={"batch_size": 16})})
    with pytest.raises(ConfigError, match="batch_size"):
        train(other, tmp_path / "run", prepared=tiny_prepared, resume=True, say=quiet)


def test_a_learned_prior_and_taught_validity_come_with_the_model(tiny_prepared: Path, tmp_path: Path) -> None:
    recipe = TINY.model_copy(
        update={
            "model": TINY.model.model_copy(update={"prior": PriorConfig(kind="flow", layers=2, width=8, steps=20)}),
            "validity": ValidityConfig(steps=3, samples=8, batch_size=4),
        }
    )
    shutil.copytree(tiny_prepared, tmp_path / "prepared")
    recipe = recipe.model_copy(update={"data": recipe.data.model_copy(update={"prepared": str(tmp_path / "prepared")})})
    done = train(recipe, tmp_path / "run", say=quiet)
    assert done.figures["prior_nats"] > 0
    assert 0 <= done.figures["samples_valid"] <= 1
    model = load(done.folder)
    assert str(tmp_path) not in (done.folder / "model" / "config.json").read_text()  # a bundle is for others
    assert model.bundle.model.prior.kind == "flow"
    assert "prior.couplings.1.net.4.weight" in model.bundle.weights
    assert len(model.sample(5, seed=0)) == 5
    again = train(recipe, tmp_path / "run", resume=True, say=quiet)
    assert again.figures["samples_valid"] == done.figures["samples_valid"]
    assert load(again.folder).fingerprint == model.fingerprint
