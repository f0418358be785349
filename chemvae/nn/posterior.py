"""Posteriors q(z|x): what an encoder believes about z, sampled with an explicit generator."""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

LOG_2PI = math.log(2 * math.pi)


def standard_normal_log_prob(z: Float[Tensor, "*any latent"]) -> Float[Tensor, "*any"]:
    """Log-density of the prior N(0, I), summed over the latent dimensions."""
    return -0.5 * (z.square() + LOG_2PI).sum(dim=-1)


@dataclass(frozen=True)
class Drawn:
    """Points drawn from posteriors, and how densely each posterior covers them."""

    z: Float[Tensor, "k batch latent"]
    """the points, through which gradients pass"""
    log_qz: Float[Tensor, "k batch"]
    """log q(z|x), summed over the latent dimensions"""
    log_share: Float[Tensor, "k batch"] | None = None
    """logarithm of what each of the k counts, where they do not count alike (a stratum each); sums to one over k"""
    kl: Float[Tensor, "batch latent"] | None = None
    """of a z drawn part by part: the exact KL of each part to N(0, I) given those before it, averaged over the k; its
    sum has the expectation of log q - log p and less noise"""


@runtime_checkable
class Posterior(Protocol):
    """What an encoder believes about z: one distribution per input."""

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """The point that stands for each input in maps and reconstructions."""
        ...

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input (of each stratum, if it has some), with their log-density."""
        ...

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of any points; a posterior that can only weigh its own draws raises NotImplementedError."""
        ...

    def kl(self) -> Float[Tensor, "batch latent"] | None:
        """Exact KL(q || N(0, I)) per dimension; None where there is no closed form."""
        ...


@dataclass(frozen=True)
class Dirac:
    """All belief in one point: what turns a latent-variable model into an autoencoder."""

    mean: Float[Tensor, "batch latent"]
    """the point"""

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:  # noqa: ARG002 - nothing is random
        """Return the point k times."""
        z = self.mean.expand(k, *self.mean.shape)
        return Drawn(z, self.log_prob(z))

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Infinite at the point, so that a bound made with it is -inf and never looks like a figure."""
        return torch.where((z == self.mean).all(dim=-1), torch.inf, -torch.inf)

    def kl(self) -> None:
        """Return nothing: it is infinite."""
        return


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

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input, with their log-density."""
        z = self.sample(generator, k)
        return Drawn(z, self.log_prob(z))

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of points under the posterior, summed over the latent dimensions."""
        scaled = (z - self.mean).square() * (-self.log_var).exp()
        return -0.5 * (scaled + self.log_var + LOG_2PI).sum(dim=-1)

    def kl(self) -> Float[Tensor, "batch latent"]:
        """Exact KL(q || N(0, I)) in nats, per molecule and dimension."""
        return 0.5 * (self.mean.square() + self.log_var.exp() - 1.0 - self.log_var)
