"""Networks between images and features: fully connected and convolutional, there and back."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.encoder import ACTIVATIONS
from chemvae.systems.latent import ConvConfig, MLPConfig

KERNEL = 3
Shape = tuple[int, int]
"""Height and width in pixels."""


def dense(widths: Sequence[int], activation: str) -> nn.Sequential:
    """Return fully connected layers, each with an activation behind it."""
    layers: list[nn.Module] = []
    for a, b in pairwise(widths):
        layers += [nn.Linear(a, b), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers)


def halved(shape: Shape, times: int) -> list[Shape]:
    """Return the sizes of an image that is halved again and again, rounded up, itself first."""
    sizes = [shape]
    for _ in range(times):
        height, width = sizes[-1]
        sizes.append((-(-height // 2), -(-width // 2)))
    return sizes


class Encoder(nn.Module):
    """What turns images into features."""

    width: int
    """of the features"""


class MLPEncoder(Encoder):
    """Pixels (and class) to features by fully connected layers; the mean image is taken off first."""

    centre: Tensor

    def __init__(self, mean: Float[Tensor, " pixels"], classes: int, settings: MLPConfig):
        """Build the layers; without a hidden one the features are the pixels."""
        super().__init__()
        self.register_buffer("centre", mean.clone())
        widths = [len(mean) + classes, *settings.hidden]
        self.net, self.width = dense(widths, settings.activation), widths[-1]

    def forward(
        self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None = None
    ) -> Float[Tensor, "batch width"]:
        """Return the features of each image."""
        seen = x - self.centre
        return self.net(seen if y is None else torch.cat([seen, y], dim=1))


class ConvEncoder(Encoder):
    """Pixels (and class) to features by convolutions that halve the image."""

    centre: Tensor

    def __init__(self, mean: Float[Tensor, " pixels"], shape: Shape, classes: int, settings: ConvConfig):
        """Build the layers; a class joins before the dense one."""
        super().__init__()
        self.register_buffer("centre", mean.clone())
        self.shape, self.width = shape, settings.hidden
        act = ACTIVATIONS[settings.activation]
        layers: list[nn.Module] = []
        for a, b in pairwise([1, *settings.channels]):
            layers += [nn.Conv2d(a, b, KERNEL, stride=2, padding=KERNEL // 2), act()]
        height, width = halved(shape, len(settings.channels))[-1]
        self.convs = nn.Sequential(*layers, nn.Flatten())
        self.dense = nn.Sequential(nn.Linear(settings.channels[-1] * height * width + classes, settings.hidden), act())

    def forward(
        self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None = None
    ) -> Float[Tensor, "batch width"]:
        """Return the features of each image."""
        features = self.convs((x - self.centre).view(-1, 1, *self.shape))
        return self.dense(features if y is None else torch.cat([features, y], dim=1))


class MLPGenerator(nn.Module):
    """Codes to numbers per pixel by fully connected layers."""

    def __init__(self, code: int, pixels: int, channels: int, settings: MLPConfig):
        """Build the layers; without a hidden one it is a linear map."""
        super().__init__()
        self.channels = channels
        widths = [code, *settings.hidden]
        self.net = nn.Sequential(dense(widths, settings.activation), nn.Linear(widths[-1], pixels * channels))

    def forward(self, z: Float[Tensor, "batch code"]) -> Float[Tensor, "batch pixels channels"]:
        """Return what the likelihood wants to know of each pixel."""
        return self.net(z).view(len(z), -1, self.channels)


class ConvGenerator(nn.Module):
    """Codes to numbers per pixel by transposed convolutions, each doubling the image."""

    def __init__(self, code: int, shape: Shape, channels: int, settings: ConvConfig):
        """Build the layers, from the smallest image to the whole one."""
        super().__init__()
        self.sizes = halved(shape, len(settings.channels))[::-1]
        act = ACTIVATIONS[settings.activation]
        height, width = self.sizes[0]
        first = settings.channels[-1]
        self.dense = nn.Sequential(
            nn.Linear(code, settings.hidden), act(), nn.Linear(settings.hidden, first * height * width), act(),
            nn.Unflatten(1, (first, height, width)),
        )  # fmt: skip
        widths = [*settings.channels[::-1], channels]
        self.convs = nn.ModuleList(
            nn.ConvTranspose2d(a, b, KERNEL, stride=2, padding=KERNEL // 2) for a, b in pairwise(widths)
        )
        self.act = act()

    def forward(self, z: Float[Tensor, "batch code"]) -> Float[Tensor, "batch pixels channels"]:
        """Return what the likelihood wants to know of each pixel."""
        image = self.dense(z)  # batch x channels x height x width
        for i, (conv, size) in enumerate(zip(self.convs, self.sizes[1:], strict=True)):
            image = conv(image if i == 0 else self.act(image), output_size=size)
        return image.flatten(2).mT
