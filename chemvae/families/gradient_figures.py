"""How noisy the gradient of the encoder is: the score function beside the path through the points, measured."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from chemvae.families.family import Picture
from chemvae.families.latent_figures import some_of_the_test
from chemvae.io.image_sets import Images
from chemvae.nn.model import LatentModel
from chemvae.nn.objectives import negative_elbo, score_function
from chemvae.report.figures import COLOURS, canvas, label
from chemvae.systems.latent import LatentRecipe

REPEATS = 200
"""Gradients of each kind."""
IMAGES = 100
"""Test images that each gradient is of, at most."""
ALONE = 2
"""The fewest samples that can be compared with each other."""


@dataclass(frozen=True)
class Noise:
    """Figures, what they depend on and a picture."""

    figures: dict[str, float]
    """variances are sums over the weights of the encoder"""
    protocol: dict[str, int]
    """how many gradients, of how many images and samples"""
    picture: Picture
    """a bar for each estimator"""


def gradient_noise(model: LatentModel, images: Images, recipe: LatentRecipe) -> Noise:
    """Return the variance of the encoder's gradient by each estimator, on the same images and networks.

    Both estimate the gradient of the same bound with the KL by samples, so that only the way differs.
    """
    batch = next(some_of_the_test(images, recipe))
    x, y, k = batch.x[:IMAGES], None if batch.y is None else batch.y[:IMAGES], recipe.objective.k
    given = y if recipe.conditional else None
    ways: dict[str, Callable[[torch.Generator], Tensor]] = {
        "pathwise": lambda chance: pathwise_loss(model, x, given, k, chance),
        "score_function": lambda chance: score_loss(model, x, given, k, chance),
    }
    if k >= ALONE:
        ways["score_function_no_baseline"] = lambda chance: torch.stack(
            [score_loss(model, x, given, 1, chance) for _ in range(k)]
        ).mean(dim=0)
    drawn = {name: gradients(model, way, recipe.seed) for name, way in ways.items()}
    figures = {f"gradient_variance_{name}": float(found.var(dim=0).sum()) for name, found in drawn.items()}
    path, score = drawn["pathwise"], drawn["score_function"]
    figures["variance_ratio"] = figures["gradient_variance_score_function"] / figures["gradient_variance_pathwise"]
    figures["mean_gradient_cosine"] = float(torch.cosine_similarity(path.mean(dim=0), score.mean(dim=0), dim=0))
    protocol = {"gradients": REPEATS, "gradient_images": len(x), "gradient_samples": k}
    return Noise(figures, protocol, bars({name: figures[f"gradient_variance_{name}"] for name in drawn}))


def pathwise_loss(model: LatentModel, x: Tensor, y: Tensor | None, k: int, chance: torch.Generator) -> Tensor:
    """Return the negative bound of each image, through whose points gradients pass."""
    terms, _ = model(x, chance, k, y=y)
    return negative_elbo(replace(terms, kl=None))


def score_loss(model: LatentModel, x: Tensor, y: Tensor | None, k: int, chance: torch.Generator) -> Tensor:
    """Return what has the same gradient in expectation, though none passes through the points."""
    terms, _ = model(x, chance, k, y=y, pathwise=False)
    return score_function(terms)


def gradients(
    model: LatentModel, way: Callable[[torch.Generator], Tensor], seed: int, repeats: int = REPEATS
) -> Tensor:
    """Return repeated gradients of the mean loss in the encoder's weights, a row each."""
    chance = torch.Generator().manual_seed(seed)
    weights = [weight for name, weight in model.named_parameters() if name.startswith("encoder.")]
    rows = []
    for _ in range(repeats):
        found = torch.autograd.grad(way(chance).mean(), weights)
        rows.append(torch.cat([part.flatten() for part in found]))
    return torch.stack(rows)


def bars(variances: dict[str, float]) -> Picture:
    """Draw the variances on a logarithmic axis."""
    figure, axes = canvas("Variance of the encoder's gradient")
    axes.barh([name.replace("_", " ") for name in variances], list(variances.values()), color=COLOURS[0])
    axes.set_xscale("log")
    label(axes, "sum over the weights")
    return Picture("gradient_variance", figure, "How noisy each estimate of the same gradient is.")
