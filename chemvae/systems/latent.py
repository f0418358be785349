"""The recipe of a latent-variable model of images: a section for each kind of part."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from chemvae.config import Activation, Section
from chemvae.systems.recipe import FiguresConfig, ImageRecipe


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


class DrawReaderConfig(Section):
    """Reads an image again at each step of a decoder that draws, beside what the canvas still lacks."""

    kind: Literal["draw"] = "draw"
    width: PositiveInt = 256
    """of the recurrence"""
    window: NonNegativeInt = 2
    """Gaussian filters along each side of the read window; 0 reads the whole image"""


class DrawConfig(Section):
    """Draws an image step by step; `latent` counts the dimensions of all steps together."""

    kind: Literal["draw"] = "draw"
    steps: PositiveInt = 10
    width: PositiveInt = 256
    """of the recurrence"""
    window: NonNegativeInt = 5
    """Gaussian filters along each side of the write window; 0 writes whole images"""


class PixelCNNConfig(Section):
    """Pixel after pixel, row by row: each from those before it, by masked convolutions, and from z."""

    kind: Literal["pixelcnn"] = "pixelcnn"
    generator: Annotated[MLPConfig | ConvConfig, Field(discriminator="kind")] = ConvConfig()
    """from z to features of every pixel"""
    channels: PositiveInt = 32
    """of these features and of the masked convolutions"""
    layers: NonNegativeInt = 3
    """masked convolutions of 3 x 3 after the first, each with a way around it"""
    kernel: PositiveInt = 7
    """of the first; odd. What a pixel sees of those before it goes (kernel - 1) / 2 + layers far"""

    @model_validator(mode="after")
    def _has_a_middle(self) -> "PixelCNNConfig":
        if self.kernel % 2 == 0:
            raise ValueError(f"a masked convolution has a pixel in its middle: set an odd kernel, not {self.kernel}")
        return self


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


class PlanarPosteriorConfig(Section):
    """A Gaussian carried through planar maps, which the encoder chooses for each image."""

    kind: Literal["planar"] = "planar"
    maps: PositiveInt = 10


class RadialPosteriorConfig(Section):
    """A Gaussian carried through radial maps, which the encoder chooses for each image."""

    kind: Literal["radial"] = "radial"
    maps: PositiveInt = 10


class SpherePosteriorConfig(Section):
    """A Gaussian in the plane that touches the unit sphere, put on the sphere by the stereographic map."""

    kind: Literal["sphere"] = "sphere"


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


class SpherePriorConfig(Section):
    """Every direction alike; `latent` counts the coordinates, the sphere has one dimension less."""

    kind: Literal["sphere"] = "sphere"


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


class GradientRefineConfig(Section):
    """One Gaussian fitted to each image by gradient, once the networks are trained: variational inference per image."""

    kind: Literal["gradient"] = "gradient"
    steps: PositiveInt = 100
    rate: PositiveFloat = 0.05
    """of Adam, falling to nothing over the steps"""
    samples: PositiveInt = 8
    """draws per image and step"""
    compared: PositiveInt = 32
    """draws on which start and end are compared; the better is kept"""


class HamiltonianRefineConfig(Section):
    """Draws of the encoder carried by Hamiltonian steps, in training too."""

    kind: Literal["hmc"] = "hmc"
    moves: PositiveInt = 5
    """leapfrog steps"""
    first_step: PositiveFloat = 0.05
    """their size at the beginning; it is learned along each dimension"""


Encoder = Annotated[MLPConfig | ConvConfig | DrawReaderConfig, Field(discriminator="kind")]
Posterior = Annotated[
    GaussianPosteriorConfig
    | DiracPosteriorConfig
    | MixturePosteriorConfig
    | PlanarPosteriorConfig
    | RadialPosteriorConfig
    | SpherePosteriorConfig,
    Field(discriminator="kind"),
]
Prior = Annotated[
    NormalPriorConfig | MixturePriorConfig | FlowPriorConfig | VampPriorConfig | FittedPriorConfig | SpherePriorConfig,
    Field(discriminator="kind"),
]
Likelihood = Annotated[BernoulliConfig | GaussianConfig | CategoricalConfig, Field(discriminator="kind")]
Decoder = Annotated[MLPConfig | ConvConfig | DrawConfig | PixelCNNConfig, Field(discriminator="kind")]
Refine = Annotated[GradientRefineConfig | HamiltonianRefineConfig, Field(discriminator="kind")]


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


class LatentFiguresConfig(FiguresConfig):
    """What is measured and drawn of a latent-variable model."""

    toolbox: bool = False
    """draw a grid, a random walk and attributes too, and measure what moving along these does; a run that is finished
    can be told so with --resume"""


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
    figures: LatentFiguresConfig = LatentFiguresConfig()
    refine: Refine | None = None
    """what improves each posterior beyond what the encoder says"""

    @model_validator(mode="after")
    def _parts_that_go_together(self) -> "LatentRecipe":
        refused = next((why for wrong, why in self._refusals() if wrong), None)
        if refused is not None:
            raise ValueError(refused)
        return self

    def _refusals(self) -> list[tuple[bool, str]]:
        """Return what cannot go together: whether it is so here, and what to say of it."""
        posterior, prior, objective = self.posterior.kind, self.prior.kind, self.objective.kind
        refine = None if self.refine is None else self.refine.kind
        draws = isinstance(self.decoder, DrawConfig)
        sides = [
            part.window for part in (self.encoder, self.decoder) if isinstance(part, DrawReaderConfig | DrawConfig)
        ]
        weighs_any_point = posterior in ("gaussian", "sphere", "dirac")
        return [
            (draws != (self.encoder.kind == "draw"), 'both or none: encoder and decoder of kind "draw"'),
            (
                isinstance(self.decoder, DrawConfig) and self.latent % self.decoder.steps != 0,
                "every step has its own part of z: set latent to a multiple of decoder.steps",
            ),
            (1 in sides, "a window has 2 filters along a side at least; 0 is the whole image"),
            (
                draws and ((posterior, prior, refine) != ("gaussian", "normal", None) or self.conditional),
                "draw has a Gaussian for each step, N(0, I) before it, no classes and nothing that refines it",
            ),
            (
                posterior == "dirac" and objective != "reconstruction",
                'a dirac posterior has no KL: set objective.kind = "reconstruction"',
            ),
            (
                prior == "fitted" and objective != "reconstruction",
                'a fitted prior comes after training: set objective.kind = "reconstruction"',
            ),
            (
                prior == "vampprior" and (posterior not in ("gaussian", "mixture") or self.conditional),
                "a vampprior is made of posteriors: it needs densities, and no classes",
            ),
            (
                prior == "flow" and self.latent == 1,
                "a flow prior moves one half of z by the other: set latent = 2 or more",
            ),
            ((posterior == "sphere") != (prior == "sphere"), 'both or none: posterior and prior of kind "sphere"'),
            (prior == "sphere" and self.latent == 1, "a sphere has 2 coordinates at least: set latent = 2 or more"),
            (
                objective == "score_function" and posterior == "mixture",
                'a mixture is drawn in strata: set posterior.kind = "gaussian"',
            ),
            (
                objective == "score_function" and not weighs_any_point,
                'a flow weighs its own draws only: set posterior.kind = "gaussian"',
            ),
            (
                refine == "gradient" and posterior != "gaussian",
                'a gradient fits one Gaussian to each image: set posterior.kind = "gaussian"',
            ),
            (
                refine == "hmc" and (posterior in ("dirac", "sphere") or objective == "score_function"),
                "Hamiltonian steps move points in space, with gradients: no dirac, no sphere, no score function",
            ),
            (
                self.figures.toolbox and prior == "sphere",
                "the toolbox goes along straight lines, which leave a sphere: figures.toolbox = false",
            ),
            (
                objective in ("iwae", "reconstruction", "kl") and self.objective.beta != 1.0,
                f"objective.kind = {objective!r} knows no beta: leave it out",
            ),
        ]
