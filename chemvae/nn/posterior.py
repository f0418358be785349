"""Posteriors q(z|x): what an encoder believes about z, sampled with an explicit generator."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

LOG_2PI = math.log(2 * math.pi)


def standard_normal_log_prob(z: Float[Tensor, "*any latent"]) -> Float[Tensor, "*any"]:
    """Log-density of the prior N(0, I), summed over the latent dimensions."""
    return -0.5 * (z.square() + LOG_2PI).sum(dim=-1)


@dataclass(frozen=True)
class DiagonalGaussian:
    """A Gaussian with independent latent dimensions, the posterior of Kingma and Welling (2014)."""

    mean: Float[Tensor, "batch latent"]
    """centre of each posterior"""
    log_var: Float[Tensor, "batch latent"]
    """logarithm of the variance, per dimension"""

    @property
    def std(self) -> Float[Tensor, "batch latent"]:
        """Standard deviation per dimension."""
        return (0.5 * self.log_var).exp()

    def sample(self, generator: torch.Generator | None = None, k: int = 1) -> Float[Tensor, "k batch latent"]:
        """Draw k points per input, afresh at every call, in a way that gradients can pass."""
        noise = torch.randn((k, *self.mean.shape), generator=generator, device=self.mean.device, dtype=self.mean.dtype)
        return self.mean + noise * self.std

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of points under the posterior, summed over the latent dimensions."""
        scaled = (z - self.mean).square() * (-self.log_var).exp()
        return -0.5 * (scaled + self.log_var + LOG_2PI).sum(dim=-1)

    def kl(self) -> Float[Tensor, "batch latent"]:
        """Exact KL(q || N(0, I)) in nats, per molecule and dimension."""
        return 0.5 * (self.mean.square() + self.log_var.exp() - 1.0 - self.log_var)
