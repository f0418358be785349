"""Energy models: a run that is cut goes on to the bit, its persistent chains and its turn in the stack included."""

from pathlib import Path

import pytest
import torch

from chemvae.image import image, read_image_recipe

TINY = """
name = "tiny"
family = "energy"
[data]
train_images = 60
binarise = "threshold"
[machine]
kind = "{kind}"
hidden = [6, 64]
layer_epochs = 1
[train]
epochs = 3
batch_size = 20
[annealing]
chains = 8
steps = 10
[figures]
nll_samples = 2
nll_images = 10
samples = 4
shown = 4
"""


@pytest.mark.parametrize("kind", ["dbn", "dbm"])
def test_a_run_that_goes_on_is_the_run_that_never_stopped(kind: str, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(TINY.format(kind=kind))

    def run(name: str, *changes: str, resume: bool = False):
        recipe = read_image_recipe(tmp_path / "run.toml", changes)
        return image(recipe, tmp_path / name, resume=resume, say=lambda _: None)

    whole = run("whole")
    run("cut", "train.epochs=1")
    cut = run("cut", resume=True)
    assert cut.figures == whole.figures
    states = [
        torch.load(done.folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"] for done in (whole, cut)
    ]
    assert any("chains" in name for name in states[0])
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
