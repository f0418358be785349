"""Window: a grid of Gaussian filters laid over an image, through which a part of it is read or written."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

NUMBERS = 5
"""What a network says of a window: centre across and down, log-variance, log-stride, log-intensity."""
TINY = 1e-8
LOG_RANGE = (-6.0, 6.0)
"""Logarithms are kept within, so that no filter vanishes and none is infinite."""


@dataclass(frozen=True)
class Window:
    """`side` x `side` Gaussian filters, evenly spaced, for each image (Gregor et al., 2015, eqs. 21 to 26)."""

    across: Float[Tensor, "batch side width"]
    """weight of each column of pixels in each column of the grid; sums to one over the pixels"""
    down: Float[Tensor, "batch side height"]
    """weight of each row of pixels in each row of the grid"""
    intensity: Float[Tensor, " batch"]
    """what is read is multiplied by it, what is written divided"""
    box: Float[Tensor, "batch 4"]
    """left, top, right and bottom of the grid, in pixels from the middle of the first one"""

    def read(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels side side"]:
        """Return what the filters see of images."""
        seen = self.down[:, None] @ images @ self.across[:, None].mT
        return self.intensity[:, None, None, None] * seen

    def write(self, patches: Float[Tensor, "batch channels side side"]) -> Float[Tensor, "batch channels height width"]:
        """Return patches laid out over images."""
        laid = self.down[:, None].mT @ patches @ self.across[:, None]
        return laid / self.intensity[:, None, None, None]


def window(told: Float[Tensor, "batch 5"], side: int, shape: tuple[int, int]) -> Window:
    """Return the window that a network asks for; of zeros it spans the whole image.

    Args:
        told: centre across and down (-1 and 1 are just outside of the image), log-variance, log-stride, log-intensity.
        side: filters along each side, 2 or more.
        shape: height and width of the image.
    """
    height, width = shape
    centre = told[:, :2]
    log_variance, log_stride, log_intensity = told[:, 2:].clamp(*LOG_RANGE).unbind(dim=1)
    stride = (max(shape) - 1) / (side - 1) * log_stride.exp()
    steps = torch.arange(side, device=told.device) - (side - 1) / 2
    size = torch.tensor([width, height], device=told.device)
    middle = (size + 1) / 2 * (centre + 1) - 1  # batch x 2, pixels from the middle of the first one
    places = middle[:, :, None] + stride[:, None, None] * steps  # batch x 2 x side
    return Window(
        filters(places[:, 0], log_variance, width),
        filters(places[:, 1], log_variance, height),
        log_intensity.exp(),
        torch.cat([places[:, :, 0], places[:, :, -1]], dim=1),
    )


def filters(
    places: Float[Tensor, "batch side"], log_variance: Float[Tensor, " batch"], pixels: int
) -> Float[Tensor, "batch side pixels"]:
    """Return a Gaussian around each place, normalised over the pixels; one that lies far outside is nearly nothing."""
    at = torch.arange(pixels, device=places.device)
    apart = (at - places[..., None]).square()
    weights = (-0.5 * apart * (-log_variance).exp()[:, None, None]).exp()
    return weights / (weights.sum(dim=-1, keepdim=True) + TINY)
