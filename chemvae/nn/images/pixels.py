"""PixelDecoder: an image written pixel by pixel, row by row, each from those before it and from z."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.images.likelihoods import Likelihood
from chemvae.nn.images.networks import Shape
from chemvae.systems.latent import PixelCNNConfig

KERNEL = 3


class MaskedConvolution(nn.Conv2d):
    """A convolution that sees what comes before a pixel in reading order, and the pixel itself only if told so."""

    mask: Tensor

    def __init__(self, channels: int, out: int, kernel: int, *, itself: bool):
        """Build the layer.

        Args:
            channels: that come in.
            out: that go out.
            kernel: its side, odd.
            itself: whether what stands at the pixel is seen; in the first layer that is the pixel to be told.
        """
        super().__init__(channels, out, kernel, padding=kernel // 2)
        seen = torch.arange(kernel * kernel) < kernel * kernel // 2 + int(itself)
        self.register_buffer("mask", seen.view(kernel, kernel).float(), persistent=False)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch out height width"]:
        """Convolve."""
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class MaskedConvolutions(nn.Module):
    """A PixelCNN (van den Oord et al., 2016) whose every layer is told of z (Gulrajani et al., 2017)."""

    def __init__(self, settings: PixelCNNConfig, out: int):
        """Build the layers.

        Args:
            settings: width, depth and the first kernel.
            out: numbers that the likelihood takes per pixel.
        """
        super().__init__()
        width = settings.channels
        self.reach = settings.kernel // 2 + settings.layers * (KERNEL // 2)
        self.first = MaskedConvolution(1, width, settings.kernel, itself=False)
        self.rest = nn.ModuleList(MaskedConvolution(width, width, KERNEL, itself=True) for _ in range(settings.layers))
        self.told = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(settings.layers))
        self.last = nn.Conv2d(width, out, 1)

    def forward(
        self, x: Float[Tensor, "batch 1 height width"], features: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch out height width"]:
        """Return what is said of each pixel, by those before it and by the features of z at it."""
        hidden = self.first(x) + features
        for masked, told in zip(self.rest, self.told, strict=True):
            hidden = hidden + masked(F.relu(hidden)) + told(F.relu(features))
        return self.last(F.relu(hidden))


class PixelDecoder(nn.Module):
    """z to features of every pixel by a generator, and from these pixels in reading order (PixelVAE)."""

    def __init__(
        self,
        generator: nn.Module,
        masked: MaskedConvolutions,
        likelihood: Likelihood,
        mean: Float[Tensor, " pixels"],
        shape: Shape,
    ):
        """Store the parts; a bias per pixel begins at the mean image of the training set."""
        super().__init__()
        self.generator, self.masked, self.shape = generator, masked, shape
        self.likelihood: Likelihood = likelihood
        self.bias = nn.Parameter(likelihood.start(mean))

    def features(self, z: Float[Tensor, "batch code"]) -> Float[Tensor, "batch channels height width"]:
        """Return what z says at every pixel."""
        return self.generator(z).mT.unflatten(2, self.shape)

    def outputs(
        self, z: Float[Tensor, "batch code"], x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, "batch pixels channels"]:
        """Return what the likelihood is told of each pixel when the true ones before it are shown."""
        told = self.masked(x.view(-1, 1, *self.shape), self.features(z))
        return told.flatten(2).mT + self.bias

    def nll(
        self,
        z: Float[Tensor, "batch code"],
        x: Float[Tensor, "batch pixels"],
        generator: torch.Generator | None = None,  # noqa: ARG002 - nothing is dropped here
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over pixels."""
        return self.likelihood.nll(self.outputs(z, x), x)

    @torch.no_grad()
    def sample(
        self, z: Float[Tensor, "batch code"], temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Write an image pixel by pixel: the likeliest each time at temperature 0, else drawn.

        A pass sees only the rows that can matter to the pixel.
        """
        features = self.features(z)
        height, width = self.shape
        bias = self.bias.view(height, width, -1)
        x = features.new_zeros(len(z), 1, height, width)
        for row in range(height):
            top = max(0, row - self.masked.reach)
            around = features[:, :, top : row + 1]
            for column in range(width):
                told = self.masked(x[:, :, top : row + 1], around)[:, :, -1, column]
                at = (told + bias[row, column])[:, None]  # batch x 1 x channels
                pixel = self.likelihood.mode(at) if temperature == 0.0 else self.likelihood.sample(at, generator)
                x[:, 0, row, column] = pixel[:, 0]
        return x.flatten(1)
