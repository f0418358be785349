"""What becomes of an energy model: figures with their partition function, exact where it can be summed."""

import numpy as np
import pytest
import torch

from chemvae.families.energy import looked_for, measured, partition, told
from chemvae.io.image_sets import load_images
from chemvae.nn.energy.build import seeded_machine
from chemvae.systems.energy import EnergyRecipe
from chemvae.systems.recipe import ImageDataConfig

DIGITS = load_images(ImageDataConfig(binarise="threshold"))


def recipe(**machine) -> EnergyRecipe:
    small = {"figures": {"nll_samples": 3, "nll_images": 50}, "annealing": {"chains": 20, "steps": 50}}
    return EnergyRecipe.model_validate({"data": {"binarise": "threshold"}, "machine": machine, **small})


def figures(asked: EnergyRecipe) -> dict[str, float]:
    model = seeded_machine(asked, torch.from_numpy(DIGITS.parts["train"].mean(axis=0)))
    return measured(model, DIGITS, asked, partition(model, asked, torch.Generator().manual_seed(0)))


def test_independent_pixels_have_the_likelihood_of_their_means() -> None:
    """A machine that was never taught is near independence, and the annealing exact."""
    found = figures(recipe(kind="rbm", hidden=8))
    mean = DIGITS.parts["train"].mean(axis=0).clip(0.01, 0.99)
    test = DIGITS.parts["test"]
    plain = -(test * np.log(mean) + (1 - test) * np.log(1 - mean)).sum(axis=1).mean()
    assert found["test_nll"] == pytest.approx(plain, abs=1.0)
    assert found["log_z"] == pytest.approx(found["log_z_exact"], abs=5 * found["log_z_error"] + 1e-3)


def test_each_machine_tells_what_it_can() -> None:
    deep = figures(recipe(kind="dbm", hidden=[30, 6]))
    assert "test_nll" not in deep and deep["test_negative_elbo"] > 0 and "log_z_exact" not in deep
    stack = figures(recipe(kind="dbn", hidden=[30, 6]))
    assert stack["test_nll"] <= stack["test_negative_elbo"]
    wake = recipe(kind="helmholtz", hidden=[30, 6])
    assert "log_z" not in figures(wake)
    model = seeded_machine(wake, torch.zeros(64))
    assert "annealing_steps" not in told(wake, DIGITS, model)
    assert told(wake, DIGITS, model)["importance_samples"] == 3


def test_filters_are_drawn_around_grey_the_strongest_first() -> None:
    model = seeded_machine(recipe(kind="rbm", hidden=3), torch.zeros(64))
    with torch.no_grad():
        model.filters().zero_()[:, 2] = 1.0
    shown = looked_for(model, (8, 8))
    assert shown.shape == (3, 8, 8)
    assert (shown[0] == 1.0).all() and (shown[1:] == 0.5).all()
