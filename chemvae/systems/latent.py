"""The recipe of a latent-variable model of images: a section for each kind of part."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from chemvae.config import Activation, Section
from chemvae.systems.recipe import ImageRecipe


class MLPConfig(Section):
    """Fully connected layers; no hidden one is a linear map."""

    kind: Literal["mlp"] = "mlp"
    hidden: tuple[PositiveInt, ...] = (200, 200)
    activation: Activation = "tanh"


class ConvConfig(Section):
    """Strided convolutions, each halving the image; in a decoder transposed, from the last to the first."""

    kind: Literal["conv"] = "conv"
    channels: tuple[PositiveInt, ...] = (32, 64)
    hidden: PositiveInt = 128
    """width of the dense layer between convolutions and features"""
    activation: Activation = "relu"


class GaussianPosteriorConfig(Section):
    """A Gaussian with independent dimensions."""

    kind: Literal["gaussian"] = "gaussian"


class DiracPosteriorConfig(Section):
    """One point: an autoencoder."""

    kind: Literal["dirac"] = "dirac"


class MixturePosteriorConfig(Section):
    """A weighted sum of Gaussians."""

    kind: Literal["mixture"] = "mixture"
    components: PositiveInt = 3


class NormalPriorConfig(Section):
    """N(0, I)."""

    kind: Literal["normal"] = "normal"


class MixturePriorConfig(Section):
    """A learned mixture of diagonal Gaussians."""

    kind: Literal["mixture"] = "mixture"
    components: PositiveInt = 50


class FlowPriorConfig(Section):
    """A learned RealNVP."""

    kind: Literal["flow"] = "flow"
    layers: PositiveInt = 6
    width: PositiveInt = 64


class VampPriorConfig(Section):
    """The average posterior of learned pseudo-inputs."""

    kind: Literal["vampprior"] = "vampprior"
    inputs: PositiveInt = 500


class FittedPriorConfig(Section):
    """One Gaussian, fitted to the training images once the networks are trained: for autoencoders."""

    kind: Literal["fitted"] = "fitted"


class BernoulliConfig(Section):
    """Black or white, each pixel on its own; of grey values a cross-entropy that is no likelihood."""

    kind: Literal["bernoulli"] = "bernoulli"


class GaussianConfig(Section):
    """Grey values with Gaussian noise."""

    kind: Literal["gaussian"] = "gaussian"
    scale: PositiveFloat | Literal["learned", "pixel"] = "learned"
    """standard deviation: a number, one learned for all, or one learned for each pixel of each image"""


class CategoricalConfig(Section):
    """Grey values as classes."""

    kind: Literal["categorical"] = "categorical"
    levels: PositiveInt = 17
    """17 are those of scikit-learn's digits, 256 those of a byte"""


Encoder = Annotated[MLPConfig | ConvConfig, Field(discriminator="kind")]
Posterior = Annotated[
    GaussianPosteriorConfig | DiracPosteriorConfig | MixturePosteriorConfig, Field(discriminator="kind")
]
Prior = Annotated[
    NormalPriorConfig | MixturePriorConfig | FlowPriorConfig | VampPriorConfig | FittedPriorConfig,
    Field(discriminator="kind"),
]
Likelihood = Annotated[BernoulliConfig | GaussianConfig | CategoricalConfig, Field(discriminator="kind")]
Decoder = Annotated[MLPConfig | ConvConfig, Field(discriminator="kind")]


class ImageObjectiveConfig(Section):
    """What is minimised."""

    kind: Literal["elbo", "iwae", "reconstruction", "kl", "score_function"] = "elbo"
    k: PositiveInt = 1
    """samples per image and step"""
    beta: NonNegativeFloat = 1.0
    rise: NonNegativeFloat = 0.0
    """epochs over which beta rises from 0"""
    free_nats: NonNegativeFloat = 0.0
    """elbo: KL per dimension that costs nothing; of the whole where the KL has no closed form"""


class LatentRecipe(ImageRecipe):
    """An encoder, a posterior, a prior, a decoder with its likelihood, and an objective."""

    family: Literal["latent"] = "latent"
    latent: PositiveInt = 2
    conditional: bool = False
    """tell encoder and decoder the class"""
    encoder: Encoder = MLPConfig()
    posterior: Posterior = GaussianPosteriorConfig()
    prior: Prior = NormalPriorConfig()
    decoder: Decoder = MLPConfig()
    likelihood: Likelihood = BernoulliConfig()
    objective: ImageObjectiveConfig = ImageObjectiveConfig()

    @model_validator(mode="after")
    def _parts_that_go_together(self) -> "LatentRecipe":
        posterior, prior, objective = self.posterior.kind, self.prior.kind, self.objective
        if posterior == "dirac" and objective.kind != "reconstruction":
            raise ValueError('a dirac posterior has no KL: set objective.kind = "reconstruction"')
        if prior == "fitted" and objective.kind != "reconstruction":
            raise ValueError('a fitted prior comes after training: set objective.kind = "reconstruction"')
        if prior == "vampprior" and (posterior == "dirac" or self.conditional):
            raise ValueError("a vampprior is made of posteriors: it needs densities, and no classes")
        if prior == "flow" and self.latent == 1:
            raise ValueError("a flow prior moves one half of z by the other: set latent = 2 or more")
        if objective.kind == "score_function" and posterior == "mixture":
            raise ValueError('a mixture is drawn in strata: set posterior.kind = "gaussian"')
        if objective.kind in ("iwae", "reconstruction", "kl") and objective.beta != 1.0:
            raise ValueError(f"objective.kind = {objective.kind!r} knows no beta: leave it out")
        return self
