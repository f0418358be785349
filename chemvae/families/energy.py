"""The family of energy models, and the Helmholtz machine: train, estimate log Z, measure, draw."""

from typing import Any

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor

from chemvae.families.family import Family, Outcome, Picture, Run
from chemvae.families.trained import TRAIN_KEYS, fitted, images_of, protocol_of
from chemvae.io.image_sets import Images
from chemvae.nn.energy.annealing import MOST, Annealed, annealed, exact_log_z
from chemvae.nn.energy.build import seeded_machine
from chemvae.nn.energy.machine import Machine
from chemvae.nn.energy.rbm import Pair
from chemvae.report.images import tiles
from chemvae.systems.energy import EnergyRecipe
from chemvae.training.energy import EnergyTask
from chemvae.training.image_batches import ImageBatches

CURVES = {"How well images are recalled, nats an image": ["train_recall", "valid_recall"]}
BATCH = 500
FILTERS = 64
"""Filters drawn at most: those with the largest weights."""
EDGE = 0.005
"""Share of a filter's weights that may be drawn as wholly black or white, at either end."""


def run(recipe: EnergyRecipe, images: Images, where: Run) -> Outcome:
    """Train an energy model and return its figures on test images, and its pictures."""
    # 1. the machine
    model = seeded_machine(recipe, torch.from_numpy(images.parts["train"].mean(axis=0)))
    # 2. the training
    rows = fitted(lambda batches: EnergyTask(model, recipe, batches), images, recipe, where)
    # 3. its partition function
    chance = torch.Generator().manual_seed(recipe.seed)
    found = partition(model, recipe, chance)
    # 4. what came of it
    figures = measured(model, images, recipe, found)
    return Outcome(
        figures, told(recipe, images, model), drawn(model, images, recipe, found), rows, CURVES, images.files
    )


def partition(model: Machine, recipe: EnergyRecipe, chance: torch.Generator) -> Annealed:
    """Return log Z by annealed importance sampling; 0 for a machine that needs none."""
    asked, wanted = recipe.annealing, model.normalised()
    if wanted is None:
        return Annealed(0.0, 0.0, torch.empty(asked.chains, 0))
    pair, base = wanted
    if not isinstance(pair, Pair):
        raise TypeError(f"Expected a Pair, but got {type(pair).__name__}.")
    return annealed(pair, base, asked.chains, asked.steps, chance)


@torch.no_grad()
def measured(model: Machine, images: Images, recipe: EnergyRecipe, found: Annealed) -> dict[str, float]:
    """Return likelihood and bound of test images in nats, and how sure log Z is."""
    chance, k = torch.Generator().manual_seed(recipe.seed), max(1, recipe.figures.nll_samples)
    n = len(images.parts["test"])
    rows = np.sort(np.random.default_rng(recipe.seed).permutation(n)[: recipe.figures.nll_images or n])
    batches = ImageBatches(images, "test", BATCH, 0, same_order=True)
    parts = []
    for chosen in np.array_split(rows, max(1, -(-len(rows) // BATCH))):
        x = batches.batch(chosen, 0, 0).x
        square = (model.recalled(x) - x).square().mean(dim=1)
        parts.append({**model.log_px(x, found.log_z, k, chance), "mse": square})
    figures = {f"test_{name}": float(torch.cat([part[name] for part in parts]).mean()) for name in parts[0]}
    if "test_negative_bound" in figures:
        figures["test_negative_elbo"] = figures.pop("test_negative_bound")
    if "test_nll" in figures:
        nll = torch.cat([part["nll"] for part in parts])
        figures["test_nll_error"] = float(nll.std() / len(nll) ** 0.5)
    wanted = model.normalised()
    if wanted is not None and isinstance(wanted[0], Pair):
        figures |= {"log_z": found.log_z, "log_z_error": found.error}
        if len(wanted[0].c) <= MOST:
            figures["log_z_exact"] = exact_log_z(wanted[0])
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def told(recipe: EnergyRecipe, images: Images, model: Machine) -> dict[str, Any]:
    """Return what the figures depend on."""
    protocol = protocol_of(recipe, images) | {"likelihood_images": recipe.figures.nll_images or "all"}
    if recipe.machine.kind in ("dbn", "helmholtz"):
        protocol["importance_samples"] = recipe.figures.nll_samples
    if model.normalised() is not None:
        protocol |= {"annealing_chains": recipe.annealing.chains, "annealing_steps": recipe.annealing.steps}
    return protocol


@torch.no_grad()
def drawn(model: Machine, images: Images, recipe: EnergyRecipe, found: Annealed) -> list[Picture]:
    """Return filters, samples and what comes back of test images."""
    chance = torch.Generator().manual_seed(recipe.seed)
    shape, n = images.shape, min(recipe.figures.samples, len(found.particles))
    samples = as_images(model.shown(found.particles[:n], chance), shape)
    batches = ImageBatches(images, "test", recipe.figures.shown, recipe.seed)
    x = batches.batch(batches.order(0)[: recipe.figures.shown], 0, 0).x
    both = np.concatenate([as_images(x, shape), as_images(model.recalled(x), shape)])
    how = "where the chains of log Z ended" if model.normalised() is not None else "dreamt from the top"
    return [
        Picture("samples", tiles(samples, 8), f"{n} samples: expected images of states {how}."),
        Picture("filters", tiles(looked_for(model, shape), 8), "What units of the first hidden layer look for."),
        Picture("reconstructions", tiles(both, len(x)), "Test images, and under each what comes back."),
    ]


def as_images(x: Tensor, shape: tuple[int, int]) -> ndarray:
    """Return rows of pixels as images."""
    return x.view(-1, *shape).double().numpy()


def looked_for(model: Machine, shape: tuple[int, int]) -> ndarray:
    """Return the strongest filters, each with grey for 0 and its own contrast."""
    weights = model.filters().detach().mT
    strongest = weights[weights.norm(dim=1).argsort(descending=True)[:FILTERS]]
    reach = strongest.abs().quantile(1 - EDGE, dim=1, keepdim=True).clamp(min=1e-12)
    return as_images(0.5 + 0.5 * strongest / reach, shape)


ENERGY = Family(EnergyRecipe, images_of, run, (*TRAIN_KEYS, "annealing"))
