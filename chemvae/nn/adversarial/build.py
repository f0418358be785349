"""From the recipe of an adversarial system to a game: a table for each kind of network, one for the kinds of game."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from chemvae.nn.adversarial.game import Discriminator, Game
from chemvae.nn.adversarial.gan import ALI, GAN
from chemvae.nn.adversarial.networks import DCEncoder, DCGenerator
from chemvae.nn.adversarial.vae import AdversarialVAE, ImplicitEncoder
from chemvae.nn.images.build import ENCODERS, POSTERIORS, Seen
from chemvae.nn.images.decoder import FeedForwardDecoder
from chemvae.nn.images.inference import GaussianHead, InferenceNetwork
from chemvae.nn.images.likelihoods import Bernoulli
from chemvae.nn.images.networks import ConvGenerator, Encoder, MLPGenerator
from chemvae.nn.model import LatentModel
from chemvae.nn.prior import StandardNormal
from chemvae.systems.adversarial import AdversarialRecipe

SEERS: dict[str, Callable[[Any, Seen, int], Encoder]] = ENCODERS | {
    "dcgan": lambda settings, seen, beside: DCEncoder(seen.mean, seen.shape, beside, settings),
}
"""Settings, images, width of what stands beside an image, to a network with features."""

MAKERS: dict[str, Callable[[Any, int, Seen], nn.Module]] = {
    "mlp": lambda settings, code, seen: MLPGenerator(code, len(seen.mean), 1, settings),
    "conv": lambda settings, code, seen: ConvGenerator(code, seen.shape, 1, settings),
    "dcgan": lambda settings, code, seen: DCGenerator(code, seen.shape, 1, settings),
}
"""Settings, width of a code, images, to a network with a number per pixel."""


def made(recipe: AdversarialRecipe, seen: Seen) -> FeedForwardDecoder:
    """Build a generator, which begins at the mean image."""
    code = recipe.latent + (seen.classes if recipe.conditional else 0)
    net = MAKERS[recipe.generator.kind](recipe.generator, code, seen)
    return FeedForwardDecoder(net, Bernoulli(), seen.mean)


def told_apart(recipe: AdversarialRecipe, seen: Seen, beside: int) -> Discriminator:
    """Build a discriminator of images and so many numbers beside each."""
    return Discriminator(SEERS[recipe.discriminator.kind](recipe.discriminator, seen, beside))


def gan(recipe: AdversarialRecipe, seen: Seen) -> GAN:
    """Build a generator and a discriminator, told classes or not."""
    discriminator = told_apart(recipe, seen, seen.classes if recipe.conditional else 0)
    minimax = getattr(recipe.game, "loss", "") == "minimax"
    return GAN(made(recipe, seen), discriminator, recipe.latent, minimax=minimax, conditional=recipe.conditional)


def ali(recipe: AdversarialRecipe, seen: Seen) -> ALI:
    """Build a generator, an encoder and a discriminator of both at once."""
    game: Any = recipe.game
    features = SEERS[game.encoder.kind](game.encoder, seen, 0)
    encoder = InferenceNetwork(features, POSTERIORS[game.posterior.kind](game.posterior, features.width, recipe.latent))
    return ALI(made(recipe, seen), encoder, told_apart(recipe, seen, recipe.latent), recipe.latent)


def adversarial_vae(recipe: AdversarialRecipe, seen: Seen) -> AdversarialVAE:
    """Build decoder, implicit encoder and discriminator, and a model with a Gaussian posterior beside them."""
    game: Any = recipe.game
    encoder = ImplicitEncoder(ENCODERS[game.encoder.kind](game.encoder, seen, 0), recipe.latent, game.noise, game.bases)
    features = ENCODERS[game.encoder.kind](game.encoder, seen, 0)
    diagonal = InferenceNetwork(features, GaussianHead(features.width, recipe.latent))
    gaussian = LatentModel(diagonal, made(recipe, seen), StandardNormal(recipe.latent))
    discriminator = told_apart(recipe, seen, recipe.latent)
    return AdversarialVAE(made(recipe, seen), encoder, discriminator, gaussian, adaptive=game.contrast == "adaptive")


GAMES: dict[str, Callable[[AdversarialRecipe, Seen], Game]] = {
    "gan": gan,
    "ali": ali,
    "adversarial_vae": adversarial_vae,
}
"""Recipe and images to a game."""


def seeded_game(recipe: AdversarialRecipe, seen: Seen) -> Game:
    """Build a game whose first weights depend on the recipe's seed alone; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return GAMES[recipe.game.kind](recipe, seen)
