"""The family of adversarial systems: GANs, adversarially learned inference, adversarial variational autoencoders."""

import torch

from chemvae.errors import InputError
from chemvae.families.adversarial_figures import measured
from chemvae.families.adversarial_pictures import drawn
from chemvae.families.family import Family, Outcome, Run
from chemvae.families.judging import judge_of
from chemvae.families.trained import TRAIN_KEYS, fitted, images_of, protocol_of, seen_of
from chemvae.io.image_sets import Images
from chemvae.nn.adversarial.build import seeded_game
from chemvae.systems.adversarial import AdversarialRecipe
from chemvae.training.adversarial import AdversarialTask

CURVES = {
    "Loss of the players, nats": ["train_players_loss", "valid_players_loss"],
    "Negative bound of the Gaussian beside, nats": ["train_gaussian_negative_elbo", "valid_gaussian_negative_elbo"],
}


def read(recipe: AdversarialRecipe) -> Images:
    """Read the images of a recipe.

    Raises:
        InputError: a conditional game with images whose classes nobody knows.
    """
    images = images_of(recipe)
    if recipe.conditional and images.labels is None:
        raise InputError(f"Expected images with classes, but {recipe.data.name} has none. Set conditional = false.")
    return images


def run(recipe: AdversarialRecipe, images: Images, where: Run) -> Outcome:
    """Play the game and return its figures on test images, and its pictures."""
    # 1. the players
    game = seeded_game(recipe, seen_of(images, recipe.seed))
    # 2. the game
    rows = fitted(lambda batches: AdversarialTask(game, recipe, batches), images, recipe, where)
    # 3. a judge who took no part
    wanted = recipe.figures
    judge = judge_of(images, where.folder, recipe.seed, wanted.classifier_epochs, wanted.features)
    # 4. what came of it
    chance = torch.Generator().manual_seed(recipe.seed)
    figures = measured(game, images, recipe, judge, chance)
    told = {"generated_images": wanted.generated, "parzen_images": wanted.parzen_images}
    if recipe.game.kind == "adversarial_vae":
        told["importance_samples"] = wanted.nll_samples
    pictures = drawn(game, images, recipe, rows)
    return Outcome(figures, protocol_of(recipe, images) | told, pictures, rows, CURVES, images.files)


ADVERSARIAL = Family(AdversarialRecipe, read, run, TRAIN_KEYS)
