"""What the replaceable parts of a latent-variable model promise each other."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from chemvae.nn.posterior import DiagonalGaussian

PAD, BOS, EOS, UNK = 0, 1, 2, 3
"""Ids that every vocabulary begins with: padding, begin, end, and a token dropped or unknown."""


@dataclass(frozen=True)
class Terms:
    """Log-weight terms of a latent-variable model; every objective is a function of them."""

    log_px: Float[Tensor, "k batch"]
    """log p(x|z), summed over tokens, in nats"""
    log_pz: Float[Tensor, "k batch"]
    """log p(z), summed over latent dimensions"""
    log_qz: Float[Tensor, "k batch"]
    """log q(z|x), summed over latent dimensions"""
    kl: Float[Tensor, "batch latent"]
    """exact KL(q(z|x) || N(0, I)) per dimension"""


@runtime_checkable
class Encoder(Protocol):
    """Turns inputs into a posterior over z."""

    def __call__(self, x: Int[Tensor, "batch length"]) -> DiagonalGaussian:
        """Return q(z|x), one per input."""
        ...


@runtime_checkable
class Draft(Protocol):
    """A string that is being written under rules."""

    def take(self, token: int) -> bool:
        """Write a token if the rules allow it; else change nothing and return False."""
        ...

    def copy(self) -> "Draft":
        """Return another draft that says the same."""
        ...


@runtime_checkable
class Rules(Protocol):
    """What may be written, token after token."""

    def begin(self, length: int) -> Draft:
        """Return an empty string that is about to be written, of so many tokens at most, the end mark included."""
        ...


@runtime_checkable
class Decoder(Protocol):
    """Owns what x is: how surprised it is by x at z, and how to write x from z."""

    def nll(
        self, z: Float[Tensor, "batch latent"], x: Int[Tensor, "batch length"], generator: torch.Generator | None = None
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over the tokens of each input."""
        ...

    def logits(
        self, z: Float[Tensor, "batch latent"], x: Int[Tensor, "batch length"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch length vocab"]:
        """Return what it expects at each place when it is shown the true tokens before it."""
        ...

    def sample(
        self,
        z: Float[Tensor, "batch latent"],
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
        *,
        rules: Rules | None = None,
        int8: bool = False,
    ) -> Int[Tensor, "batch length"]:
        """Write one x per point: the likeliest step by step at temperature 0, else drawn; `int8` rounds the weights."""
        ...

    def beam(
        self, z: Float[Tensor, "batch latent"], width: int, rules: Rules | None = None
    ) -> Int[Tensor, "batch length"]:
        """Write the likeliest x per point that a beam search of this width finds."""
        ...
