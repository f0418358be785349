"""Inference for DRAW: the image is read again at every step, beside what the canvas still lacks of it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.images.draw import DrawDecoder, Drawing
from chemvae.nn.images.networks import Encoder, Shape
from chemvae.nn.posterior import DiagonalGaussian, Drawn
from chemvae.nn.window import NUMBERS, Window, window
from chemvae.systems.latent import DrawReaderConfig

Choice = Callable[[DiagonalGaussian, int], Tensor]
"""q(z_t | x, what was drawn before) and the number of the step to z_t."""


@dataclass(frozen=True)
class Reading:
    """What was read of an image so far."""

    hidden: Float[Tensor, "batch width"]
    """state of the recurrence: the features of this step"""
    cell: Float[Tensor, "batch width"]
    """its memory"""
    seen: Window | None = None
    """where was read; None where the whole image was"""


class DrawReader(Encoder):
    """Image, error and the drawer's state to the features of a step."""

    def __init__(self, settings: DrawReaderConfig, shape: Shape, drawer: int):
        """Build the layers.

        Args:
            settings: width and window.
            shape: height and width of an image.
            drawer: width of the state of what draws.
        """
        super().__init__()
        self.width, self.side, self.shape = settings.width, settings.window, shape
        pixels = self.side**2 if self.side else shape[0] * shape[1]
        self.recurrence = nn.LSTMCell(2 * pixels + drawer, settings.width)
        self.to_window = nn.Linear(drawer, NUMBERS) if self.side else None

    def begin(self, n: int) -> Reading:
        """Return n readings of nothing."""
        state = self.recurrence.weight_hh.new_zeros(n, self.width)
        return Reading(state, state)

    def step(
        self,
        reading: Reading,
        x: Float[Tensor, "batch pixels"],
        lacking: Float[Tensor, "batch pixels"],
        drawer: Float[Tensor, "batch drawer"],
    ) -> Reading:
        """Read on: through the window that the drawer's state asks for, or the whole image."""
        both, where = torch.stack([x, lacking], dim=1), None  # batch x 2 x pixels
        if self.to_window is not None:
            where = window(self.to_window(drawer), self.side, self.shape)
            both = where.read(both.unflatten(2, self.shape)).flatten(2)
        hidden, cell = self.recurrence(torch.cat([both.flatten(1), drawer], dim=1), (reading.hidden, reading.cell))
        return Reading(hidden, cell, where)


@dataclass(frozen=True)
class Walk:
    """All steps of a reading and a drawing."""

    z: Float[Tensor, "batch latent"]
    """what was chosen, step after step"""
    log_q: Float[Tensor, " batch"]
    """log q(z|x), the sum over the steps"""
    kl: Float[Tensor, "batch latent"]
    """KL of each step to N(0, I), given what was chosen before"""
    readings: list[Reading]
    """before each stroke"""
    drawings: list[Drawing]
    """after each stroke"""


class DrawInference(nn.Module):
    """q(z|x) as a product over steps, each knowing the canvas that the steps before it made."""

    def __init__(self, reader: DrawReader, head: nn.Module, decoder: DrawDecoder):
        """Store the parts; the decoder is the model's own."""
        super().__init__()
        self.reader, self.head, self.decoder = reader, head, decoder

    def forward(self, x: Float[Tensor, "batch pixels"]) -> "SequentialPosterior":
        """Return q(z|x) of each image."""
        return SequentialPosterior(x, self)

    def walk(self, x: Float[Tensor, "batch pixels"], choose: Choice) -> Walk:
        """Read and draw, with each z_t as it is chosen."""
        reading, drawing = self.reader.begin(len(x)), self.decoder.begin(len(x))
        points, kls, readings, drawings = list[Tensor](), list[Tensor](), list[Reading](), list[Drawing]()
        log_q = x.new_zeros(len(x))
        for at in range(self.decoder.settings.steps):
            lacking = x - self.decoder.likelihood.mean(drawing.canvas)
            reading = self.reader.step(reading, x, lacking, drawing.hidden)
            belief = self.head(reading.hidden)
            z = choose(belief, at)
            drawing = self.decoder.step(drawing, z)
            log_q = log_q + belief.log_prob(z[None])[0]
            points.append(z)
            kls.append(belief.kl())
            readings.append(reading)
            drawings.append(drawing)
        return Walk(torch.cat(points, dim=1), log_q, torch.cat(kls, dim=1), readings, drawings)


@dataclass(frozen=True)
class SequentialPosterior:
    """What is believed about a z whose later parts depend on the earlier ones."""

    x: Float[Tensor, "batch pixels"]
    """the images"""
    inference: DrawInference
    """what reads them"""

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """The point that takes the mean at every step."""
        return self.inference.walk(self.x, lambda belief, _: belief.mean).z

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input, with their log-density and the KL of their steps."""
        walk = self.inference.walk(self.x.repeat(k, 1), lambda belief, _: belief.sample(generator)[0])
        kl = walk.kl.unflatten(0, (k, -1)).mean(dim=0)
        return Drawn(walk.z.unflatten(0, (k, -1)), walk.log_q.view(k, -1), kl=kl)

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of any points: each step is asked for its own, given the parts before it."""
        parts = z.flatten(0, 1).split(self.inference.decoder.each, dim=1)
        return self.inference.walk(self.x.repeat(len(z), 1), lambda _, at: parts[at]).log_q.view(len(z), -1)

    def kl(self) -> None:
        """Return nothing: only the KL of a step, given the steps before it, has a closed form."""
        return
