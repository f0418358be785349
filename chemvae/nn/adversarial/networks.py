"""The convolutional networks of DCGAN, one each way: kernels of four by four, batch statistics, leaky below."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.images.networks import Encoder, Shape
from chemvae.systems.adversarial import DCConfig

KERNEL = 4
LEAK = 0.2
START = 0.02
"""Standard deviation of the first weights."""


def sizes(shape: Shape, times: int) -> list[Shape]:
    """Return the sizes of an image that is halved again and again, rounded down, itself first."""
    return [(shape[0] >> at, shape[1] >> at) for at in range(times + 1)]


def begin(module: nn.Module) -> None:
    """Draw the first weights of a layer as DCGAN does."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, START)


class DCEncoder(Encoder):
    """Pixels (and what stands beside them) to features: one halving convolution after the other."""

    centre: Tensor

    def __init__(self, mean: Float[Tensor, " pixels"], shape: Shape, beside: int, settings: DCConfig):
        """Build the layers; what stands beside an image joins the features, and both are mixed once."""
        super().__init__()
        self.register_buffer("centre", mean.clone())
        self.shape = shape
        layers: list[nn.Module] = []
        for at, (a, b) in enumerate(pairwise([1, *settings.channels])):
            normalise = settings.normalise and at > 0
            layers.append(nn.Conv2d(a, b, KERNEL, stride=2, padding=1, bias=not normalise))
            layers += [*([nn.BatchNorm2d(b)] if normalise else []), nn.LeakyReLU(LEAK)]
        self.convs = nn.Sequential(*layers, nn.Flatten())
        height, width = sizes(shape, len(settings.channels))[-1]
        flat = settings.channels[-1] * height * width
        self.width = flat if beside == 0 else 2 * settings.channels[-1]
        self.mix = None if beside == 0 else nn.Sequential(nn.Linear(flat + beside, self.width), nn.LeakyReLU(LEAK))
        self.apply(begin)

    def forward(
        self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch beside"] | None = None
    ) -> Float[Tensor, "batch width"]:
        """Return the features of each tuple."""
        features = self.convs((x - self.centre).view(-1, 1, *self.shape))
        if y is None or self.mix is None:
            return features
        return self.mix(torch.cat([features, y], dim=1))


class DCGenerator(nn.Module):
    """Codes to numbers per pixel: one doubling transposed convolution after the other."""

    def __init__(self, code: int, shape: Shape, channels: int, settings: DCConfig):
        """Build the layers, from the smallest image to the whole one."""
        super().__init__()
        self.sizes = sizes(shape, len(settings.channels))[::-1]
        height, width = self.sizes[0]
        widths = settings.channels[::-1]
        self.dense = nn.Sequential(
            nn.Linear(code, widths[0] * height * width), nn.Unflatten(1, (widths[0], height, width))
        )
        self.between = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(n) if settings.normalise else nn.Identity(), nn.ReLU()) for n in widths
        )
        self.convs = nn.ModuleList(
            nn.ConvTranspose2d(a, b, KERNEL, stride=2, padding=1) for a, b in pairwise([*widths, channels])
        )
        self.apply(begin)

    def forward(self, z: Float[Tensor, "batch code"]) -> Float[Tensor, "batch pixels channels"]:
        """Return what the likelihood wants to know of each pixel."""
        image = self.dense(z)  # batch x channels x height x width
        for between, conv, size in zip(self.between, self.convs, self.sizes[1:], strict=True):
            image = conv(between(image), output_size=size)
        return image.flatten(2).mT
