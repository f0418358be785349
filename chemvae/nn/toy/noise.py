"""Noise made into something else: correlated, exponential, a ring, stretched; each with its exact density."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.posterior import standard_normal_log_prob

WIDTH = 0.1
"""How much of the noise is left in a ring."""


@dataclass(frozen=True)
class Correlated:
    """x = L e with e ~ N(0, I): covariance L L^T."""

    factor: Float[Tensor, "n n"]
    """lower triangular: Cholesky's"""

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n dims"]:
        """Draw n points."""
        noise = torch.randn(n, len(self.factor), generator=generator, dtype=self.factor.dtype)
        return noise @ self.factor.mT

    def log_prob(self, x: Float[Tensor, "n dims"]) -> Float[Tensor, " n"]:
        """Log-density of points."""
        noise = torch.linalg.solve_triangular(self.factor, x.mT, upper=False).mT
        return standard_normal_log_prob(noise) - self.factor.diagonal().abs().log().sum()


@dataclass(frozen=True)
class Exponential:
    """x = -log(1 - u) / rate with u even between 0 and 1: the inverse of its distribution function."""

    rate: float
    """one over the mean"""

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, " n"]:
        """Draw n numbers."""
        return -(-torch.rand(n, generator=generator, dtype=torch.float64)).log1p() / self.rate

    def log_prob(self, x: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """Log-density of numbers, -inf below 0."""
        return torch.where(x >= 0, math.log(self.rate) - self.rate * x, -torch.inf)


@dataclass(frozen=True)
class Ring:
    """x = z / 10 + z / |z| with z ~ N(0, I) in the plane: a ring of radius 1 + |z| / 10."""

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, "n 2"]:
        """Draw n points."""
        z = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        return WIDTH * z + z / z.norm(dim=1, keepdim=True)

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the radius: those of a Rayleigh variable, scaled and moved."""
        return 1 + WIDTH * math.sqrt(math.pi / 2), WIDTH * math.sqrt(2 - math.pi / 2)

    def log_prob_radius(self, r: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """Log-density of the radius, -inf up to 1."""
        length = ((r - 1) / WIDTH).clamp(min=1e-300)
        inside = length.log() - 0.5 * length.square() - math.log(WIDTH)
        return torch.where(r > 1, inside, -torch.inf)

    def log_prob(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
        """Log-density of points: that of the radius, even around the circle."""
        r = x.norm(dim=1)
        return self.log_prob_radius(r) - (2 * math.pi * r).log()


@dataclass(frozen=True)
class Affine:
    """y = slope x + shift with x ~ N(0, 1)."""

    slope: float
    """not 0"""
    shift: float
    """the mean"""

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, " n"]:
        """Draw n numbers."""
        return self.slope * torch.randn(n, generator=generator, dtype=torch.float64) + self.shift

    def log_prob(self, y: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """Log-density of numbers: that of what they were, less the logarithm of the slope."""
        return standard_normal_log_prob((y - self.shift)[:, None] / self.slope) - math.log(abs(self.slope))
