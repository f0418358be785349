"""The sections that recipes of image systems share: which images, how long, what to look at in the end."""

from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from chemvae.config import Section, Tracks


class ImageDataConfig(Section):
    """Which images, and how grey becomes black and white."""

    name: Literal["digits", "mnist", "mnist_t10k", "binarized_mnist", "frey_faces"] = "digits"
    """`digits` (8 x 8) come with scikit-learn; the others are fetched by `chemvae data fetch`. `mnist_t10k` is MNIST's
    test files alone, 8,000 to fit and 2,000 to test"""
    folder: str | None = None
    """where the files lie; None is data/NAME, where `chemvae data fetch` puts them"""
    binarise: Literal["none", "dynamic", "fixed", "threshold"] = "none"
    """dynamic: drawn anew each time an image is seen; fixed: drawn once; threshold: whatever is over one half"""
    train_images: PositiveInt | None = None
    """train on so many of them, drawn with the seed; None takes all"""

    @model_validator(mode="after")
    def _one_binarisation(self) -> "ImageDataConfig":
        """Keep the two protocols that are both called binarised MNIST apart: they differ by about two nats."""
        if self.name == "binarized_mnist" and self.binarise != "fixed":
            raise ValueError('binarized_mnist is the published fixed binarisation: set binarise = "fixed"')
        if self.name.startswith("mnist") and self.binarise == "fixed":
            raise ValueError('the fixed binarisation of MNIST is published: set name = "binarized_mnist"')
        return self


class SystemTrainConfig(Section):
    """How long and how fast."""

    epochs: PositiveInt = 10
    batch_size: PositiveInt = 100
    learning_rate: PositiveFloat = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: NonNegativeFloat = 0.0
    decay: Literal["none", "cosine"] = "none"
    """cosine: the learning rate falls to a hundredth over the epochs"""
    clip: PositiveFloat | None = None
    """of the gradient's norm"""
    patience: PositiveInt | None = None
    """stop after so many epochs without a better validation loss"""
    cpu_seconds: PositiveFloat | None = None
    """stop with the epoch in which the run has used so much processor time, resumes counted in"""
    keep: Literal["best", "last"] = "best"
    """which weights the figures are of: those that validated best, or the last"""
    checkpoint_minutes: PositiveFloat = 3.0
    threads: PositiveInt | None = None
    track: Tracks = ()
    """where the log is shown beside `metrics.csv`; needs the extra [track]"""


class FiguresConfig(Section):
    """What is measured and drawn in the end."""

    nll_samples: NonNegativeInt = 200
    """importance samples for the negative log-likelihood; 0 leaves it out"""
    nll_images: PositiveInt | None = None
    """test images it is taken of, drawn with the seed: a test set may be sorted by class; None takes all"""
    samples: PositiveInt = 64
    """images drawn"""
    shown: PositiveInt = 10
    """images reconstructed and interpolated between, in the pictures"""
    mapped: PositiveInt = 2000
    """test images in the latent map"""


class SystemRecipe(Section):
    """Everything that decides a run; each family adds its sections."""

    name: str = "run"
    family: str = "latent"
    """which kind of system: a key of the table in chemvae/families/table.py"""
    seed: NonNegativeInt = 0


class ImageRecipe(SystemRecipe):
    """A system that is trained on images."""

    data: ImageDataConfig = ImageDataConfig()
    train: SystemTrainConfig = SystemTrainConfig()
    figures: FiguresConfig = FiguresConfig()
