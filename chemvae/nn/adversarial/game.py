"""What a game is: tuples real and fake, a discriminator that tells them apart, players who make them alike."""

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.images.decoder import FeedForwardDecoder
from chemvae.nn.images.networks import Encoder

VALUE_AT_REST = -math.log(4.0)
"""What the game is worth when nobody can tell the tuples apart."""


@dataclass(frozen=True)
class Pair:
    """A batch of tuples: images, and what stands beside each."""

    x: Float[Tensor, "batch pixels"]
    """images"""
    beside: Float[Tensor, "batch more"] | None = None
    """a class, a code; None where a tuple is an image alone"""

    def detach(self) -> "Pair":
        """Return the same without the way it was made."""
        return Pair(self.x.detach(), None if self.beside is None else self.beside.detach())


@dataclass(frozen=True)
class Bout:
    """One exchange: real tuples, fake tuples, and what the players owe apart from the discriminator's verdict."""

    real: Pair
    """what the discriminator shall call 1"""
    fake: Pair
    """what it shall call 0"""
    cost: Float[Tensor, " batch"] | None = None
    """nats per image, such as a reconstruction; None if the verdict is all"""
    apart: Float[Tensor, " batch"] | None = None
    """loss of a model that learns from the same images and takes no part; None if there is none"""


class Discriminator(nn.Module):
    """Tuples to the logit of being real."""

    def __init__(self, features: Encoder):
        """Store the network that sees image and what stands beside it, and add a logit to it."""
        super().__init__()
        self.features, self.to_logit = features, nn.Linear(features.width, 1)

    def forward(self, pair: Pair) -> Float[Tensor, " batch"]:
        """Return log D / (1 - D) of each tuple."""
        return self.to_logit(self.features(pair.x, pair.beside))[:, 0]


class Game(nn.Module):
    """Players and a discriminator; a kind of game says how tuples are made and what the players lose.

    `steady` is the running average of the players, which figures and pictures are of.
    """

    def __init__(self, players: dict[str, nn.Module], discriminator: Discriminator, latent: int):
        """Store the players by name, `generator` among them."""
        super().__init__()
        self.players, self.discriminator, self.latent = nn.ModuleDict(players), discriminator, latent
        self.steady = deepcopy(self.players).requires_grad_(False)

    def bout(
        self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None, generator: torch.Generator
    ) -> Bout:
        """Return tuples, through which gradients reach the players."""
        raise NotImplementedError

    def loss(self, bout: Bout) -> Float[Tensor, " batch"]:
        """Return what the players minimise."""
        raise NotImplementedError

    def learned(self) -> Iterator[nn.Parameter]:
        """Yield what the players learn."""
        yield from self.players.parameters()

    def noise(self, n: int, generator: torch.Generator) -> Float[Tensor, "n latent"]:
        """Draw points of N(0, I)."""
        return torch.randn(n, self.latent, generator=generator, device=generator.device)

    @torch.no_grad()
    def generate(
        self, z: Float[Tensor, "n latent"], y: Float[Tensor, "n classes"] | None = None
    ) -> Float[Tensor, "n pixels"]:
        """Return the steady generator's images at some points."""
        return images_at(self.steady["generator"], z, y)

    @torch.no_grad()
    def average(self, keep: float) -> None:
        """Let the steady players follow; what is no weight is taken as it is."""
        for steady, now in zip(self.steady.parameters(), self.players.parameters(), strict=True):
            steady.lerp_(now, 1.0 - keep)
        for kept, new in zip(self.steady.buffers(), self.players.buffers(), strict=True):
            kept.copy_(new)


def images_at(
    decoder: nn.Module, z: Float[Tensor, "n latent"], y: Float[Tensor, "n classes"] | None = None
) -> Float[Tensor, "n pixels"]:
    """Return what a decoder expects at some points, told the classes if there are some, in a way gradients can pass."""
    if not isinstance(decoder, FeedForwardDecoder):
        raise TypeError(f"Expected a FeedForwardDecoder, but got {type(decoder).__name__}.")
    return decoder.likelihood.mean(decoder.outputs(z if y is None else torch.cat([z, y], dim=1)))


def value(real: Float[Tensor, " n"], fake: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Return log D(real) + log(1 - D(fake)) of logits: -log 4 if D is 1/2, never above 0."""
    return F.logsigmoid(real) + F.logsigmoid(-fake)


def called_real(logits: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Return -log D: the loss of whoever wants a tuple to be called real."""
    return F.softplus(-logits)


def called_fake(logits: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    """Return -log(1 - D): the loss of whoever wants a tuple to be called fake."""
    return F.softplus(logits)


def gradient_penalty(discriminator: nn.Module, pair: Pair) -> Float[Tensor, " batch"]:
    """Return half the squared gradient of the logit at each tuple, by image and by what stands beside it."""
    parts = [pair.x] if pair.beside is None else [pair.x, pair.beside]
    given = [part.detach().requires_grad_() for part in parts]
    logits = discriminator(Pair(given[0], given[1] if len(given) > 1 else None))
    slopes = torch.autograd.grad(logits.sum(), given, create_graph=True)
    return 0.5 * sum((slope.square().sum(dim=1) for slope in slopes), torch.zeros_like(logits))
