"""From the sections of a recipe to a latent-variable model of images: a table for each part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.fitted_prior import FittedGaussian
from chemvae.nn.gradient_refinement import GradientRefinement
from chemvae.nn.hamiltonian import HamiltonianRefinement
from chemvae.nn.images.decoder import FeedForwardDecoder
from chemvae.nn.images.draw import DrawDecoder
from chemvae.nn.images.draw_inference import DrawInference, DrawReader
from chemvae.nn.images.inference import DiracHead, FlowHead, GaussianHead, InferenceNetwork, MixtureHead, SphereHead
from chemvae.nn.images.likelihoods import Bernoulli, Categorical, Gaussian, Likelihood
from chemvae.nn.images.networks import ConvEncoder, ConvGenerator, Encoder, MLPEncoder, MLPGenerator, Shape
from chemvae.nn.images.pixels import MaskedConvolutions, PixelDecoder
from chemvae.nn.model import LatentModel, Refinement
from chemvae.nn.parts import Decoder
from chemvae.nn.prior import Flow, GaussianMixture, Prior, StandardNormal
from chemvae.nn.sphere import UniformSphere
from chemvae.nn.vampprior import VampPrior
from chemvae.systems.latent import DrawConfig, LatentRecipe


@dataclass(frozen=True)
class Seen:
    """What the networks are told of the training images before they are trained."""

    shape: Shape
    """height and width"""
    mean: Float[Tensor, " pixels"]
    """the mean image"""
    some: Float[Tensor, "some pixels"]
    """images drawn from the training set, for parts that begin at some"""
    classes: int
    """how many there are; 0 if nobody knows"""


ENCODERS: dict[str, Callable[[Any, Seen, int], Encoder]] = {
    "mlp": lambda settings, seen, classes: MLPEncoder(seen.mean, classes, settings),
    "conv": lambda settings, seen, classes: ConvEncoder(seen.mean, seen.shape, classes, settings),
    "draw": lambda settings, seen, drawer: DrawReader(settings, seen.shape, drawer),
}
"""Settings, images, classes it is told, to a network from images to `width` features; one that reads for a decoder
that draws is told the width of that instead of classes."""

POSTERIORS: dict[str, Callable[[Any, int, int], nn.Module]] = {
    "gaussian": lambda _, width, latent: GaussianHead(width, latent),
    "dirac": lambda _, width, latent: DiracHead(width, latent),
    "mixture": lambda settings, width, latent: MixtureHead(width, latent, settings.components),
    "planar": lambda settings, width, latent: FlowHead(width, latent, "planar", settings.maps),
    "radial": lambda settings, width, latent: FlowHead(width, latent, "radial", settings.maps),
    "sphere": lambda _, width, latent: SphereHead(width, latent),
}
"""Settings, width of the features, latent, to a network from features to a posterior."""

PRIORS: dict[str, Callable[[Any, int, nn.Module, Seen], Prior]] = {
    "normal": lambda _, latent, __, ___: StandardNormal(latent),
    "mixture": lambda settings, latent, _, __: GaussianMixture(latent, settings.components),
    "flow": lambda settings, latent, _, __: Flow(latent, settings.layers, settings.width),
    "vampprior": lambda settings, _, encoder, seen: VampPrior(encoder, seen.some[: settings.inputs]),
    "fitted": lambda _, latent, __, ___: FittedGaussian(latent),
    "sphere": lambda _, latent, __, ___: UniformSphere(latent),
}
"""Settings, latent, the model's encoder, images, to a prior."""

LIKELIHOODS: dict[str, Callable[[Any], Likelihood]] = {
    "bernoulli": lambda _: Bernoulli(),
    "gaussian": lambda settings: Gaussian(settings.scale),
    "categorical": lambda settings: Categorical(settings.levels),
}
"""Settings to a likelihood."""


REFINEMENTS: dict[str, Callable[[Any, int], Refinement]] = {
    "gradient": lambda settings, _: GradientRefinement(
        settings.steps, settings.rate, settings.samples, settings.compared
    ),
    "hmc": lambda settings, latent: HamiltonianRefinement(latent, settings.moves, settings.first_step),
}
"""Settings, latent, to what improves a posterior."""


NETS: dict[str, Callable[[Any, int, Seen, int], nn.Module]] = {
    "mlp": lambda settings, code, seen, n: MLPGenerator(code, len(seen.mean), n, settings),
    "conv": lambda settings, code, seen, n: ConvGenerator(code, seen.shape, n, settings),
}
"""Settings, width of a code, images, numbers per pixel, to a network from codes to pixels."""


def feed_forward(settings: Any, code: int, seen: Seen, likelihood: Likelihood) -> FeedForwardDecoder:
    """Return a decoder that says of all pixels at once what they are."""
    return FeedForwardDecoder(NETS[settings.kind](settings, code, seen, likelihood.channels), likelihood, seen.mean)


DECODERS: dict[str, Callable[[Any, int, Seen, Likelihood], Decoder]] = {
    "mlp": feed_forward,
    "conv": feed_forward,
    "pixelcnn": lambda settings, code, seen, likelihood: PixelDecoder(
        NETS[settings.generator.kind](settings.generator, code, seen, settings.channels),
        MaskedConvolutions(settings, likelihood.channels),
        likelihood,
        seen.mean,
        seen.shape,
    ),
    "draw": lambda settings, code, seen, likelihood: DrawDecoder(settings, code, seen.shape, likelihood, seen.mean),
}
"""Settings, width of a code (latent, and the classes it is told), images, likelihood, to a decoder."""


def build(recipe: LatentRecipe, seen: Seen) -> LatentModel:
    """Build an untrained model, its first weights drawn from the global generator."""
    classes = seen.classes if recipe.conditional else 0
    draw = recipe.decoder if isinstance(recipe.decoder, DrawConfig) else None
    features = ENCODERS[recipe.encoder.kind](recipe.encoder, seen, classes if draw is None else draw.width)
    latent = recipe.latent if draw is None else recipe.latent // draw.steps
    head = POSTERIORS[recipe.posterior.kind](recipe.posterior, features.width, latent)
    likelihood = LIKELIHOODS[recipe.likelihood.kind](recipe.likelihood)
    decoder = DECODERS[recipe.decoder.kind](recipe.decoder, recipe.latent + classes, seen, likelihood)
    encoder = joined(features, head, decoder)
    prior = PRIORS[recipe.prior.kind](recipe.prior, recipe.latent, encoder, seen)
    return LatentModel(encoder, decoder, prior, refinement(recipe) if learns(recipe) else None)


def joined(features: Encoder, head: nn.Module, decoder: Decoder) -> nn.Module:
    """Return the network from images to posteriors; one that reads step by step sees what the decoder draws."""
    if isinstance(features, DrawReader) and isinstance(decoder, DrawDecoder):
        return DrawInference(features, head, decoder)
    return InferenceNetwork(features, head)


def learns(recipe: LatentRecipe) -> bool:
    """Tell whether the recipe's refinement is trained with the networks; else it comes after them."""
    return recipe.refine is not None and recipe.refine.kind == "hmc"


def refinement(recipe: LatentRecipe) -> Refinement | None:
    """Build what improves the posteriors, if the recipe wants it."""
    return None if recipe.refine is None else REFINEMENTS[recipe.refine.kind](recipe.refine, recipe.latent)


def seeded(recipe: LatentRecipe, seen: Seen) -> LatentModel:
    """Build a model whose first weights depend on the recipe's seed alone; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return build(recipe, seen)
