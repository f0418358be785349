"""Figures of adversarial systems: the equilibrium, coverage of classes, Frechet distance, Parzen window, inference."""

import math

import numpy as np
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from chemvae.chem.frechet import frechet_distance
from chemvae.families.latent_figures import BATCH, sampled
from chemvae.families.latent_figures import measured as measured_latent
from chemvae.io.image_sets import Images
from chemvae.nn.adversarial.game import VALUE_AT_REST, Game
from chemvae.nn.adversarial.gan import ALI
from chemvae.nn.adversarial.vae import AdversarialVAE
from chemvae.nn.images.classifier import ImageClassifier
from chemvae.nn.model import LatentModel
from chemvae.nn.parzen import parzen
from chemvae.systems.adversarial import AdversarialRecipe
from chemvae.systems.latent import LatentFiguresConfig, LatentRecipe
from chemvae.training.adversarial import looked
from chemvae.training.image_batches import ImageBatches

CHUNK = 1000
COVERED = 0.2
"""A class counts as covered if it comes at least at this share of how often test images are of it."""


def measured(
    game: Game, images: Images, recipe: AdversarialRecipe, judge: ImageClassifier | None, chance: torch.Generator
) -> dict[str, float]:
    """Return the figures that this game can have."""
    found = at_equilibrium(game, images, chance)
    wanted = recipe.figures
    x, y = generated(game, images, recipe, wanted.generated, chance)
    if judge is not None:
        found |= judged(judge, x, y, images)
    more, _ = generated(game, images, recipe, wanted.parzen_images, chance)
    found |= under_window(images, more)
    if isinstance(game, ALI):
        found |= inferred(game, images, chance)
    if isinstance(game, AdversarialVAE):
        found |= bounds(game, images, recipe)
    return {name: value for name, value in found.items() if math.isfinite(value)}


def at_equilibrium(game: Game, images: Images, chance: torch.Generator) -> dict[str, float]:
    """Return D of real and fake tuples of the test images, the game's value and how far that is from -log 4."""
    parts = [looked(game, batch, chance, "test") for batch in ImageBatches(images, "test", BATCH, 0, same_order=True)]
    found = {name: float(torch.cat([part[name] for part in parts]).mean()) for name in parts[0]}
    loss, apart = found.pop("test_players_loss"), found.pop("test_gaussian_negative_elbo", None)
    renamed = {name.removeprefix("test_"): value for name, value in found.items()}
    renamed["value_over_rest"] = renamed["value"] - VALUE_AT_REST
    return renamed if apart is None else renamed | {"test_negative_elbo_estimate": loss}


def generated(
    game: Game, images: Images, recipe: AdversarialRecipe, n: int, chance: torch.Generator
) -> tuple[Tensor, Tensor | None]:
    """Return n images, and the classes they were asked for, which come as often as in the test set."""
    y = None
    if recipe.conditional and images.labels is not None:
        shares = torch.from_numpy(np.bincount(images.labels["test"], minlength=images.classes)).double()
        y = torch.multinomial(shares, n, replacement=True, generator=chance)
    made = []
    for rows in torch.arange(n).split(CHUNK):
        told = None if y is None else torch.eye(images.classes)[y[rows]]
        made.append(game.generate(game.noise(len(rows), chance), told))
    return torch.cat(made), y


def judged(judge: ImageClassifier, x: Tensor, y: Tensor | None, images: Images) -> dict[str, float]:
    """Return what a classifier says of images: classes covered and obeyed, and the distance to the test images."""
    labels = images.labels or {}
    test, train = (torch.from_numpy(images.parts[part]) for part in ("test", "train"))
    taken = judge.classes(x)
    there, asked = (torch.bincount(of, minlength=images.classes).double() / len(of) for of in (taken, known(images)))
    mixed = 0.5 * (there + asked)
    of_test = judge.features(test).numpy()
    found = {
        "classifier_accuracy": float((judge.classes(test) == torch.from_numpy(labels["test"])).double().mean()),
        "classes_covered": float((there >= COVERED * asked)[asked > 0].sum()),
        "class_divergence": 0.5
        * float(torch.xlogy(there, there / mixed).nansum() + torch.xlogy(asked, asked / mixed).nansum()),
        "frechet": frechet_distance(judge.features(x).numpy(), of_test),
        "frechet_of_training_images": frechet_distance(judge.features(train[: len(x)]).numpy(), of_test),
    }
    return found if y is None else found | {"label_accuracy": float((taken == y).double().mean())}


def known(images: Images) -> Tensor:
    """Return the classes of the test images."""
    if images.labels is None:
        raise ValueError("Expected images with classes, but got some without. Do without a classifier.")
    return torch.from_numpy(images.labels["test"])


def under_window(images: Images, made: Tensor) -> dict[str, float]:
    """Return the mean log-density of test images under a Parzen window, its standard error and its width."""
    test, valid = (torch.from_numpy(images.parts[part]) for part in ("test", "valid"))
    found, width = parzen(test, valid[:CHUNK], made)
    error = float(found.std()) / len(found) ** 0.5
    return {"parzen_log_likelihood": float(found.mean()), "parzen_error": error, "parzen_width": width}


def inferred(game: ALI, images: Images, chance: torch.Generator) -> dict[str, float]:
    """Return how well encoder and generator undo each other, and what the nearest code says of a class."""
    parts = {name: torch.from_numpy(x) for name, x in images.parts.items()}
    codes = {name: torch.cat([game.encode(some) for some in x.split(CHUNK)]) for name, x in parts.items()}
    z = game.noise(len(parts["test"]), chance)
    back = torch.cat([game.encode(game.generate(some)) for some in z.split(CHUNK)])
    images_back = torch.cat([game.generate(some) for some in codes["test"].split(CHUNK)])
    found = {
        "test_mse": float((images_back - parts["test"]).square().mean()),
        "code_mse": float(
            (back - z).square().mean()
        ),  # 2 if codes, spread like the prior, know nothing of z; 1 if they are all 0
    }
    if images.labels is None:
        return found
    spaces = {"one_nn_accuracy": codes, "one_nn_accuracy_of_pixels": parts}
    for name, space in spaces.items():
        nearest = KNeighborsClassifier(1).fit(space["train"].numpy(), images.labels["train"])
        found[name] = float(nearest.score(space["test"].numpy(), images.labels["test"]))
    return found


def bounds(game: AdversarialVAE, images: Images, recipe: AdversarialRecipe) -> dict[str, float]:
    """Return the likelihood by importance sampling, and likelihood and bound of the Gaussian beside it.

    The implicit posterior has no density to weigh with, so the samples come from the Gaussian of its moments.
    """
    chance = torch.Generator().manual_seed(recipe.seed)
    samples = LatentFiguresConfig(nll_samples=recipe.figures.nll_samples, nll_images=recipe.figures.nll_images)
    asked = LatentRecipe(seed=recipe.seed, latent=recipe.latent, data=recipe.data, figures=samples)
    gaussian = measured_latent(game.gaussian, images, asked)
    found = {f"gaussian_{name}": value for name, value in gaussian.items()}
    if recipe.figures.nll_samples > 0:
        moments = LatentModel(lambda x: game.players["encoder"](x, chance).moments, game.decoder, game.gaussian.prior)
        nll = sampled(moments, images, asked)
        found |= {"test_nll": float(nll.mean()), "test_nll_error": float(nll.std() / len(nll) ** 0.5)}
    return found
