"""What a refinement is worth: the bound of refined posteriors beside the encoder's, image by image."""

from dataclasses import dataclass

import torch
from torch import Tensor

from chemvae.families.family import Picture
from chemvae.families.latent_figures import some_of_the_test
from chemvae.io.image_sets import Images
from chemvae.nn.model import LatentModel
from chemvae.report.figures import histograms
from chemvae.systems.latent import LatentRecipe

DRAWS = 64
"""Points per image of each bound."""
NAMES = {"gradient": "amortisation_gap", "hmc": "refinement_gain"}
"""What the difference is called: of the same networks, more bound per image than the encoder's posterior has."""


@dataclass(frozen=True)
class Gains:
    """Figures and a picture."""

    figures: dict[str, float]
    """in nats an image"""
    picture: Picture
    """the gain of each image"""


@torch.no_grad()
def gains(model: LatentModel, images: Images, recipe: LatentRecipe) -> Gains:
    """Return by how much the refinement raises the bound of test images, the networks being the same."""
    refine, found = model.refine, []
    for batch in some_of_the_test(images, recipe):
        y = batch.y if recipe.conditional else None
        model.refine = None
        plain = bound(model, batch.x, y, recipe.seed)
        model.refine = refine
        found.append(torch.stack([plain, bound(model, batch.x, y, recipe.seed)]))
    before, after = torch.cat(found, dim=1)
    gain = after - before
    name = NAMES["gradient" if recipe.refine is None else recipe.refine.kind]
    figures = {
        "amortised_negative_elbo": -float(before.mean()),
        "refined_negative_elbo": -float(after.mean()),
        name: float(gain.mean()),
        f"{name}_error": float(gain.std() / len(gain) ** 0.5),
    }
    words = name.replace("_", " ")
    picture = histograms({words: gain.double().numpy()}, name=f"{words}, nats an image")
    return Gains(figures, Picture(name, picture, "How much higher the bound of each test image is than the encoder's."))


def bound(model: LatentModel, x: Tensor, y: Tensor | None, seed: int) -> Tensor:
    """Return the evidence lower bound of each image, on draws that the seed decides."""
    terms, _ = model(x, torch.Generator().manual_seed(seed), DRAWS, y=y)
    return terms.mean(terms.log_weight)
