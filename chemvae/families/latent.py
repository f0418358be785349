"""The family of latent-variable models, autoencoders among them: train, measure, draw."""

import torch

from chemvae.families.family import Family, Outcome, Run
from chemvae.families.gradient_figures import gradient_noise
from chemvae.families.latent_figures import measured
from chemvae.families.latent_pictures import drawn
from chemvae.families.refined_figures import gains
from chemvae.families.toolbox import toolbox
from chemvae.families.trained import TRAIN_KEYS, fitted, images_of, protocol_of, seen_of
from chemvae.io.image_sets import Images
from chemvae.nn.fitted_prior import FittedGaussian
from chemvae.nn.images.build import refinement, seeded
from chemvae.nn.model import LatentModel
from chemvae.systems.latent import LatentRecipe, VampPriorConfig
from chemvae.training.latent import LatentTask

CURVES = {
    "Loss of the validation images, nats": ["valid_loss"],
    "Reconstruction, nats an image": ["train_reconstruction", "valid_reconstruction"],
    "KL, nats an image": ["train_kl", "valid_kl"],
    "Share of latent dimensions in use": ["active_units"],
}
CHUNK = 1000


def run(recipe: LatentRecipe, images: Images, where: Run) -> Outcome:
    """Train a latent-variable model and return its figures on test images, and its pictures."""
    # 1. the model
    some = recipe.prior.inputs if isinstance(recipe.prior, VampPriorConfig) else 0
    model = seeded(recipe, seen_of(images, recipe.seed, some))
    # 2. the training
    rows = fitted(lambda batches: LatentTask(model, recipe, batches), images, recipe, where)
    fit_prior(model, torch.from_numpy(images.parts["train"]))
    model.refine = model.refine or refinement(recipe)  # one that is not learned comes now
    # 3. what came of it
    figures, pictures = measured(model, images, recipe), drawn(model, images, recipe)
    protocol = protocol_of(recipe, images) | {"importance_samples": recipe.figures.nll_samples}
    if recipe.figures.toolbox:
        tools = toolbox(model, images, recipe)
        figures, pictures = figures | tools.figures, [*pictures, *tools.pictures]
    if model.refine is not None:
        more = gains(model, images, recipe)
        figures, pictures = figures | more.figures, [*pictures, more.picture]
    if recipe.objective.kind == "score_function":
        noise = gradient_noise(model, images, recipe)
        figures, protocol, pictures = figures | noise.figures, protocol | noise.protocol, [*pictures, noise.picture]
    return Outcome(figures, protocol, pictures, rows, CURVES, images.files)


@torch.no_grad()
def fit_prior(model: LatentModel, x: torch.Tensor) -> None:
    """Fit a prior that comes after training to the codes of the training images."""
    if isinstance(model.prior, FittedGaussian):
        model.prior.fit(torch.cat([model.amortised(part).mean for part in x.split(CHUNK)]))


LATENT = Family(LatentRecipe, images_of, run, TRAIN_KEYS)
