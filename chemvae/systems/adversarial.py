"""The recipe of an adversarial system: two players, what they play for, and how their work is judged."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from chemvae.config import Section
from chemvae.systems.latent import ConvConfig, DiracPosteriorConfig, GaussianPosteriorConfig, MLPConfig
from chemvae.systems.recipe import FiguresConfig, ImageRecipe, SystemTrainConfig


class DCConfig(Section):
    """Strided convolutions of four by four as in DCGAN, each halving the image; in a generator transposed."""

    kind: Literal["dcgan"] = "dcgan"
    channels: tuple[PositiveInt, ...] = (64, 128)
    normalise: bool = True
    """by the statistics of the batch, in all layers but the one at the pixels"""


Network = Annotated[MLPConfig | ConvConfig | DCConfig, Field(discriminator="kind")]


class GANConfig(Section):
    """Tuples (x) against (G(z)); with classes (x, y) against (G(z, y), y)."""

    kind: Literal["gan"] = "gan"
    loss: Literal["non_saturating", "minimax"] = "non_saturating"
    """of the generator: -log D(G(z)), or log(1 - D(G(z))), which has the same equilibrium and vanishing gradients"""


class ALIConfig(Section):
    """Tuples (x, E(x)) against (G(z), z): adversarially learned inference."""

    kind: Literal["ali"] = "ali"
    encoder: Network = MLPConfig()
    posterior: Annotated[GaussianPosteriorConfig | DiracPosteriorConfig, Field(discriminator="kind")] = (
        DiracPosteriorConfig()
    )
    """of the encoder: a point, as in BiGAN, or a Gaussian, as in ALI"""


class AdversarialVAEConfig(Section):
    """Tuples (x, z of the encoder) against (x, z of the prior): the discriminator learns log q(z|x) - log p(z)."""

    kind: Literal["adversarial_vae"] = "adversarial_vae"
    encoder: Annotated[MLPConfig | ConvConfig, Field(discriminator="kind")] = MLPConfig()
    noise: PositiveInt = 32
    """dimensions of the noise that a base of the encoder is made of"""
    bases: PositiveInt = 4
    """functions of noise that the encoder mixes for each image"""
    contrast: Literal["adaptive", "prior"] = "adaptive"
    """with what the encoder is contrasted: a Gaussian with its own moments, leaving the discriminator little to learn,
    or the prior itself"""


Game = Annotated[GANConfig | ALIConfig | AdversarialVAEConfig, Field(discriminator="kind")]


class AdversarialTrainConfig(SystemTrainConfig):
    """How long and how fast; there is no loss to validate by, so the last weights are kept."""

    betas: tuple[float, float] = (0.5, 0.999)
    keep: Literal["last"] = "last"
    discriminator_rate: PositiveFloat | None = None
    """its learning rate; None takes the players' own"""
    gradient_penalty: NonNegativeFloat = 0.0
    """times half the squared gradient of the logit at the data (Mescheder et al., 2018): makes the game converge"""
    average: float = Field(0.0, ge=0.0, lt=1.0)
    """the figures are of a running average of the players' weights that keeps so much of itself in each step"""


class AdversarialFiguresConfig(FiguresConfig):
    """What is measured and drawn in the end."""

    generated: PositiveInt = 2000
    """images that are counted, classified and compared with test images"""
    parzen_images: PositiveInt = 10_000
    """images under the Parzen window"""
    classifier_epochs: PositiveInt = 20
    """of the classifier that judges images, trained on the labelled training images"""
    features: PositiveInt = 32
    """of that classifier: dimensions in which the Frechet distance is taken"""


class AdversarialRecipe(ImageRecipe):
    """A generator, a discriminator and a game."""

    family: Literal["adversarial"] = "adversarial"
    latent: PositiveInt = 32
    conditional: bool = False
    """tell generator and discriminator the class"""
    game: Game = GANConfig()
    generator: Network = MLPConfig(hidden=(256, 256), activation="gelu")
    discriminator: Network = MLPConfig(hidden=(256, 256), activation="gelu")
    train: AdversarialTrainConfig = AdversarialTrainConfig()
    figures: AdversarialFiguresConfig = AdversarialFiguresConfig()

    @model_validator(mode="after")
    def _what_goes_together(self) -> "AdversarialRecipe":
        game, train = self.game.kind, self.train
        if self.conditional and game != "gan":
            raise ValueError('only a gan is told classes: set game.kind = "gan" or conditional = false')
        if train.patience is not None or train.clip is not None:
            raise ValueError(
                "a game has no validation loss and no one gradient: leave out train.patience and train.clip"
            )
        if game == "adversarial_vae" and train.average > 0:
            raise ValueError("the discriminator knows the encoder as it is: leave out train.average")
        if game != "adversarial_vae" and self.data.binarise != "none":
            raise ValueError(
                'a generator makes grey values, black and white would give it away: set data.binarise = "none"'
            )
        if game == "adversarial_vae" and self.generator.kind == "dcgan":
            raise ValueError('the decoder of a likelihood is not told of its batch: set generator.kind = "conv"')
        return self
