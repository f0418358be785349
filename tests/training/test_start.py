"""Going on from a model that is there: its encoder and decoder, not its head, and only for its own tokens."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.config import Recipe
from chemvae.errors import BundleError, ConfigError, InputError, MissingFileError
from chemvae.io.atomic import read_json, write_json
from chemvae.io.bundle import read_bundle
from chemvae.io.prepared import PreparedData
from chemvae.io.recipes import to_toml, validated, with_start
from chemvae.model import load
from chemvae.train import train
from chemvae.training.fit import repeat_labelled
from chemvae.training.start import first_weights, go_on


def recipe(start: Path | str, **model: object) -> Recipe:
    fast = {"start_from": str(start), "epochs": 1, "batch_size": 16, "learning_rate": 1e-12, "threads": 1}
    return Recipe.model_validate({"train": fast, "model": {"head": {"hidden": [5]}, **model}})


def test_encoder_and_decoder_go_on_and_the_head_is_new(tiny_bundle: Path, tiny_prepared: Path) -> None:
    started, theirs = with_start(recipe(tiny_bundle)), read_bundle(tiny_bundle)
    assert (started.model.latent, started.model.encoder) == (theirs.model.latent, theirs.model.encoder)
    vae = first_weights(started, PreparedData(tiny_prepared))
    for name, value in vae.state_dict().items():
        if name.startswith(("encoder.", "decoder.")):
            assert torch.equal(value, torch.from_numpy(theirs.weights[name].copy())), name
    assert vae.head is not None
    assert vae.head.net[0].out_features == 5
    np.testing.assert_allclose(
        vae.head.mean.numpy(), [t["mean"] for t in PreparedData(tiny_prepared).manifest["targets"]], rtol=1e-6
    )


def test_a_run_that_starts_from_a_model_writes_as_long_strings(
    tiny_bundle: Path, tiny_prepared: Path, tmp_path: Path
) -> None:
    short = tmp_path / "table"
    shutil.copytree(tiny_prepared, short)
    write_json(short / "manifest.json", {**read_json(short / "manifest.json"), "length": 12})
    train(recipe(tiny_bundle), tmp_path / "run", prepared=short, say=lambda _: None)
    model = load(tmp_path / "run")
    assert model.length == read_bundle(tiny_bundle).length == 16
    np.testing.assert_allclose(model.encode(["CCO"]), load(tiny_bundle).encode(["CCO"]), atol=1e-3)
    train(recipe(tiny_bundle), tmp_path / "run", prepared=short, resume=True, say=lambda _: None)


def test_other_sizes_than_those_of_the_model_are_refused(tiny_bundle: Path) -> None:
    with pytest.raises(ConfigError, match=r"Leave model\.latent out"):
        with_start(recipe(tiny_bundle, latent=7))
    same = with_start(recipe(tiny_bundle, latent=6))
    import tomllib

    assert with_start(validated(tomllib.loads(to_toml(same)), "there")) == same
    with pytest.raises(MissingFileError, match="Expected a model folder"):
        with_start(recipe("nowhere"))
    assert with_start(Recipe()) == Recipe()


@pytest.mark.parametrize(("lie", "said"), [("tokens", "but got others"), ("length", "but got longer molecules")])
def test_other_tokens_or_longer_strings_are_refused_before_a_folder_is_made(
    tiny_bundle: Path, tiny_prepared: Path, tmp_path: Path, lie: str, said: str
) -> None:
    other = tmp_path / "table"
    shutil.copytree(tiny_prepared, other)
    tokenizer, manifest = read_json(other / "tokenizer.json"), read_json(other / "manifest.json")
    if lie == "tokens":
        write_json(other / "tokenizer.json", {**tokenizer, "tokens": tokenizer["tokens"][::-1]})
    else:
        write_json(other / "manifest.json", {**manifest, "length": 17})
    with pytest.raises(InputError, match=said):
        train(recipe(tiny_bundle), tmp_path / "run", prepared=other)
    assert not (tmp_path / "run").exists()


def test_weights_of_another_shape_are_refused(tiny_bundle: Path, tiny_prepared: Path) -> None:
    vae, bundle = first_weights(with_start(recipe(tiny_bundle)), PreparedData(tiny_prepared)), read_bundle(tiny_bundle)
    name = "decoder.to_logits.bias"
    bundle.weights[name] = bundle.weights[name][:-1]
    with pytest.raises(BundleError, match=name):
        go_on(vae, bundle)
    del bundle.weights[name]
    with pytest.raises(BundleError, match="got None"):
        go_on(vae, bundle)


def test_labelled_molecules_come_more_often(tiny_prepared: Path) -> None:
    data = PreparedData(tiny_prepared)
    data.targets = np.array(data.targets)
    data.targets[:58] = np.nan
    data.targets[58, 0] = np.nan
    drawn = repeat_labelled(data, data.rows("train"), 3)
    assert np.bincount(drawn, minlength=60)[:60].tolist() == [1] * 58 + [3] * (len(data.rows("train")) - 58)
    assert repeat_labelled(data, data.rows("train"), 1).tolist() == data.rows("train").tolist()
