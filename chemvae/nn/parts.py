"""What the replaceable parts of a latent-variable model promise each other."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int, Num
from torch import Tensor

from chemvae.nn.posterior import DiagonalGaussian, Posterior

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
    kl: Float[Tensor, "batch latent"] | None = None
    """exact KL(q(z|x) || p(z)) per dimension where there is a closed form; None leaves it to the samples"""
    log_share: Float[Tensor, "k batch"] | None = None
    """logarithm of what each of the k samples counts; None if they count alike"""

    @property
    def log_weight(self) -> Float[Tensor, "k batch"]:
        """Log-weight of each sample, whose mean exponential estimates p(x) without bias."""
        return self.log_px + self.log_pz - self.log_qz

    def mean(self, values: Float[Tensor, "k batch"]) -> Float[Tensor, " batch"]:
        """Average over the samples, each by its share."""
        return values.mean(dim=0) if self.log_share is None else (self.log_share.exp() * values).sum(dim=0)

    def log_mean_exp(self, values: Float[Tensor, "k batch"]) -> Float[Tensor, " batch"]:
        """Return the logarithm of the average of the exponentials."""
        share = -math.log(len(values)) if self.log_share is None else self.log_share
        return (values + share).logsumexp(dim=0)

    @property
    def kl_nats(self) -> Float[Tensor, " batch"]:
        """KL(q || p) of each input: exact where it can be, else as the samples estimate it."""
        return self.mean(self.log_qz - self.log_pz) if self.kl is None else self.kl.sum(dim=-1)


Inference = Callable[..., Posterior]
"""From inputs (and their classes, for a model that is told them) to q(z|x) or q(z|x, y), one per input."""


@runtime_checkable
class Encoder(Protocol):
    """Inference for strings: one Gaussian each."""

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
        self, z: Float[Tensor, "batch code"], x: Num[Tensor, "batch places"], generator: torch.Generator | None = None
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over the places of each input."""
        ...

    def sample(
        self, z: Float[Tensor, "batch code"], temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> Num[Tensor, "batch places"]:
        """Write one x per point: what is expected at temperature 0, else drawn."""
        ...


@runtime_checkable
class StringDecoder(Protocol):
    """A decoder of token ids, which is also asked what it expects at each place, and writes under rules."""

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
