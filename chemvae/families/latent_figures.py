"""Figures of a latent-variable model on test images: likelihood by importance sampling, bound, KL, squared error."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from chemvae.io.image_sets import Images
from chemvae.nn.evidence import importance_nll
from chemvae.nn.images.pixels import PixelDecoder
from chemvae.nn.model import LatentModel, told
from chemvae.systems.latent import LatentRecipe
from chemvae.training.image_batches import ImageBatch, ImageBatches
from chemvae.training.task import ACTIVE

BATCH, SAMPLED_BATCH = 500, 100
ROWS = 5000
"""Points that the decoder sees at once when likelihoods are estimated."""


@torch.no_grad()
def measured(model: LatentModel, images: Images, recipe: LatentRecipe) -> dict[str, float]:
    """Return the figures of the test images, in nats an image; what is infinite or has no meaning is left out."""
    chance = torch.Generator().manual_seed(recipe.seed)
    parts = [
        of_batch(model, batch, recipe, chance) for batch in ImageBatches(images, "test", BATCH, 0, same_order=True)
    ]
    every = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    where = every.pop("where")
    figures = {name: float(values.mean()) for name, values in every.items()}
    figures["active_units"] = float((where.var(dim=0) > ACTIVE).sum())
    if recipe.figures.nll_samples > 0 and math.isfinite(figures["test_negative_elbo"]):
        nll = sampled(model, images, recipe)
        figures |= {"test_nll": float(nll.mean()), "test_nll_error": float(nll.std() / len(nll) ** 0.5)}
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def of_batch(model: LatentModel, batch: ImageBatch, recipe: LatentRecipe, chance: torch.Generator) -> dict[str, Tensor]:
    """Return what one sample from the posterior says of each image, and what its mean decodes to."""
    y = batch.y if recipe.conditional else None
    terms, _ = model(batch.x, chance, y=y)
    mean = model.amortised(batch.x, y).mean
    found = {
        "test_negative_elbo": -terms.mean(terms.log_px) + terms.kl_nats,
        "test_reconstruction": -terms.mean(terms.log_px),
        "test_kl": terms.kl_nats,
        "posterior_std": spread(model, batch.x, y),
        "where": mean,
    }
    if not isinstance(model.decoder, PixelDecoder):  # which draws images: the expected one is an average over all
        back = model.decoder.sample(told(mean, y, 1))
        found["test_mse"] = (back - batch.x).square().mean(dim=1)
    return found


def spread(model: LatentModel, x: Tensor, y: Tensor | None) -> Tensor:
    """Return the mean standard deviation of each posterior, where it is one Gaussian; NaN where it is not."""
    std = getattr(model.amortised(x, y), "std", None)
    return torch.full((len(x),), torch.nan) if std is None else std.mean(dim=1)


def sampled(model: LatentModel, images: Images, recipe: LatentRecipe) -> Tensor:
    """Return the importance-sampled negative log-likelihood of the test images, or of a seeded subset of them."""
    chance, k = torch.Generator().manual_seed(recipe.seed), recipe.figures.nll_samples
    found = []
    for batch in some_of_the_test(images, recipe):
        y = batch.y if recipe.conditional else None
        chunk = max(1, ROWS // len(batch.x))
        found.append(importance_nll(model, batch.x, k, chance, y=y, chunk=chunk))
    return torch.cat(found)


def some_of_the_test(images: Images, recipe: LatentRecipe) -> Iterator[ImageBatch]:
    """Yield the test images that a recipe estimates likelihoods of: all, or a seeded subset in the order of the set."""
    n = len(images.parts["test"])
    rows = np.sort(np.random.default_rng(recipe.seed).permutation(n)[: recipe.figures.nll_images or n])
    batches = ImageBatches(images, "test", SAMPLED_BATCH, 0, same_order=True)
    for chosen in np.array_split(rows, max(1, -(-len(rows) // SAMPLED_BATCH))):
        yield batches.batch(chosen, 0, 0)
