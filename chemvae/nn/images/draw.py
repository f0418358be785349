"""DrawDecoder: an image drawn step by step on a canvas, each step by what its own part of z says."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.images.likelihoods import Likelihood
from chemvae.nn.images.networks import Shape
from chemvae.nn.window import NUMBERS, Window, window
from chemvae.systems.latent import DrawConfig

FAINT = -math.log(2 * math.pi)
"""Log-intensity of a window at first: what filters of unit variance take of a stroke at its middle, they give back."""


@dataclass(frozen=True)
class Drawing:
    """A canvas under way, and the recurrence that draws on it."""

    canvas: Float[Tensor, "batch pixels channels"]
    """the sum of all strokes: what the likelihood would be told now"""
    hidden: Float[Tensor, "batch width"]
    """state of the recurrence, which says where to read and write"""
    cell: Float[Tensor, "batch width"]
    """its memory"""
    written: Window | None = None
    """where the last stroke went; None where a stroke is a whole image, or there was none"""


class DrawDecoder(nn.Module):
    """z, cut into as many parts as there are steps, to strokes that are added up (DRAW, Gregor et al., 2015).

    With a window each stroke is a patch laid out by Gaussian filters; without, a whole image.
    """

    def __init__(
        self, settings: DrawConfig, latent: int, shape: Shape, likelihood: Likelihood, mean: Float[Tensor, " pixels"]
    ):
        """Build the layers; the empty canvas is the mean image of the training set.

        Args:
            settings: steps, width and window.
            latent: dimensions of z, all steps together.
            shape: height and width of an image.
            likelihood: what the canvas says about pixels.
            mean: the mean image.
        """
        super().__init__()
        self.settings, self.shape, self.each = settings, shape, latent // settings.steps
        self.likelihood: Likelihood = likelihood
        self.bias = nn.Parameter(likelihood.start(mean))
        self.recurrence = nn.LSTMCell(self.each, settings.width)
        side = settings.window
        pixels = side * side if side else shape[0] * shape[1]
        self.to_patch = nn.Linear(settings.width, likelihood.channels * pixels)
        self.to_window = nn.Linear(settings.width, NUMBERS) if side else None
        if self.to_window is not None:
            self.to_window.bias.data[-1] = FAINT

    def begin(self, n: int) -> Drawing:
        """Return n empty canvases."""
        state = self.bias.new_zeros(n, self.settings.width)
        return Drawing(self.bias.expand(n, *self.bias.shape), state, state)

    def step(self, drawing: Drawing, z: Float[Tensor, "batch each"]) -> Drawing:
        """Add a stroke."""
        hidden, cell = self.recurrence(z, (drawing.hidden, drawing.cell))
        patch, where = self.to_patch(hidden).view(len(z), self.likelihood.channels, -1), None
        if self.to_window is not None:
            side = self.settings.window
            where = window(self.to_window(hidden), side, self.shape)
            patch = where.write(patch.unflatten(2, (side, side))).flatten(2)
        return Drawing(drawing.canvas + patch.mT, hidden, cell, where)

    def drawings(self, z: Float[Tensor, "batch latent"]) -> list[Drawing]:
        """Return the canvas after each step."""
        drawing, found = self.begin(len(z)), list[Drawing]()
        for part in z.split(self.each, dim=1):
            drawing = self.step(drawing, part)
            found.append(drawing)
        return found

    def nll(
        self,
        z: Float[Tensor, "batch latent"],
        x: Float[Tensor, "batch pixels"],
        generator: torch.Generator | None = None,  # noqa: ARG002 - nothing is dropped here
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over pixels: the last canvas decides."""
        return self.likelihood.nll(self.drawings(z)[-1].canvas, x)

    @torch.no_grad()
    def sample(
        self, z: Float[Tensor, "batch latent"], temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Return the expected image at temperature 0, else one drawn pixel by pixel."""
        canvas = self.drawings(z)[-1].canvas
        return self.likelihood.mean(canvas) if temperature == 0.0 else self.likelihood.sample(canvas, generator)
