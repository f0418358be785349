"""One trainer for every game: who moves when, with which rate, and the same steps after a resume."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from chemvae.image import image, read_image_recipe

GAMES = {
    "gan": "kind = 'gan'",
    "ali": "kind = 'ali'\nencoder = {kind = 'mlp', hidden = [8]}\nposterior = {kind = 'gaussian'}",
    "adversarial_vae": "kind = 'adversarial_vae'\nencoder = {kind = 'mlp', hidden = [8]}\nnoise = 3\nbases = 2",
}
TINY = """
name = "tiny"
family = "adversarial"
latent = 3
[data]
train_images = 60
[generator]
kind = "mlp"
hidden = [8]
[discriminator]
kind = "mlp"
hidden = [8]
[train]
epochs = 2
batch_size = 20
[figures]
nll_samples = 2
nll_images = 4
samples = 4
shown = 4
mapped = 20
generated = 50
parzen_images = 50
classifier_epochs = 1
[game]
"""


@pytest.fixture
def unseen(monkeypatch) -> None:
    """Draw nothing, which takes longest."""
    monkeypatch.setattr("chemvae.families.adversarial.drawn", lambda *_: [])


def quiet(_: str) -> None:
    """Say nothing."""


def written(folder: Path, game: str) -> Path:
    path = folder / f"{game}.toml"
    path.write_text(TINY + GAMES[game])
    return path


def changes(game: str) -> list[str]:
    return (
        ["data.binarise=threshold"] if game == "adversarial_vae" else ["train.average=0.9", "train.gradient_penalty=1"]
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


@pytest.mark.parametrize("game", GAMES)
def test_a_game_that_goes_on_is_the_game_that_never_stopped(game: str, tmp_path: Path, monkeypatch) -> None:
    if game != "gan":  # pictures take longest
        monkeypatch.setattr("chemvae.families.adversarial.drawn", lambda *_: [])
    recipe = read_image_recipe(written(tmp_path, game), changes(game))
    whole = image(recipe, tmp_path / "whole", say=quiet)
    short = read_image_recipe(written(tmp_path, game), [*changes(game), "train.epochs=1"])
    image(short, tmp_path / "cut", say=quiet)
    cut = image(recipe, tmp_path / "cut", resume=True, say=quiet)
    assert cut.figures == whole.figures
    ours, theirs = weights(whole.folder), weights(cut.folder)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    for picture, same in zip(whole.pictures, cut.pictures, strict=True):
        assert picture.read_bytes() == same.read_bytes()
    log = pd.read_csv(cut.folder / "metrics.csv")
    assert log["epoch"].tolist() == [1, 2]
    assert log["step"].tolist() == [3, 6]  # an exchange is one step, though two optimisers move


def test_a_batch_norm_and_a_stop_inside_an_epoch_change_nothing(tmp_path: Path, monkeypatch, unseen) -> None:
    from chemvae.training.adversarial import AdversarialTask

    parts = "generator={kind = 'dcgan', channels = [4, 4]}"
    recipe = read_image_recipe(written(tmp_path, "gan"), [parts, "train.checkpoint_minutes=1e-9"])
    whole = image(recipe, tmp_path / "whole", say=quiet)
    step, taken = AdversarialTask.training_step, []

    def killed(self, batch, at):
        taken.append(at)
        if len(taken) == 5:  # the second batch of the second epoch
            raise OSError("killed")
        step(self, batch, at)

    monkeypatch.setattr(AdversarialTask, "training_step", killed)
    with pytest.raises(OSError, match="killed"):
        image(recipe, tmp_path / "cut", say=quiet)
    cut = image(recipe, tmp_path / "cut", resume=True, say=quiet)
    assert len(taken) == 7
    assert cut.figures == whole.figures


def test_each_side_moves_at_its_own_rate(tmp_path: Path, unseen) -> None:
    for still, moving in (("train.discriminator_rate", "players"), ("train.learning_rate", "discriminator")):
        parts = [f"{still}=1e-30", *(["train.discriminator_rate=1e-3"] if moving == "discriminator" else [])]
        runs = []
        for epochs in (1, 2):
            recipe = read_image_recipe(written(tmp_path, "gan"), [*parts, f"train.epochs={epochs}"])
            runs.append(weights(image(recipe, tmp_path / f"{moving}{epochs}", say=quiet).folder))
        changed = {name.split(".")[1] for name in runs[0] if not torch.equal(runs[0][name], runs[1][name])}
        assert changed - {"steady"} == {moving}
