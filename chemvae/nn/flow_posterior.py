"""FlowPosterior: Gaussian noise carried by planar or radial maps to a posterior that is no Gaussian."""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.posterior import DiagonalGaussian, Drawn

AT_ONE = math.log(math.e - 1)
"""Where softplus is 1."""
NEAR = 0.999
"""How near to folding space a map may come: at 1 a point would have no density in float32."""
TINY = 1e-8


def kept_above(free: Tensor) -> Tensor:
    """Return numbers above -1, whose start at 0 is 0: softplus, moved."""
    return NEAR * (F.softplus(free + AT_ONE) - 1)


@runtime_checkable
class Map(Protocol):
    """An invertible map for each input."""

    def __call__(
        self, z: Float[Tensor, "k batch latent"]
    ) -> tuple[Float[Tensor, "k batch latent"], Float[Tensor, "k batch"]]:
        """Move points; returns them and the logarithm of the Jacobian's determinant."""
        ...


@dataclass(frozen=True)
class Planar:
    """z + u tanh(w.z + b): space is stretched across a hyperplane (Rezende and Mohamed, 2015)."""

    u: Float[Tensor, "batch latent"]
    """where points move to; 0 is the identity"""
    w: Float[Tensor, "batch latent"]
    """normal of the plane"""
    b: Float[Tensor, " batch"]
    """where the plane lies"""

    def invertible(self) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, " batch"]]:
        """Return u with its part along w changed, so that w.u > -1 (else two points would meet), and w.u.

        The paper's m(x) = softplus(x) - 1 moves points even at u = 0; here x is shifted, and u = 0 is the identity.
        """
        along = (self.w * self.u).sum(dim=-1, keepdim=True)
        wanted = kept_above(along)
        u = self.u + (wanted - along) * self.w / (self.w.square().sum(dim=-1, keepdim=True) + TINY)
        return u, wanted[..., 0]

    def __call__(
        self, z: Float[Tensor, "k batch latent"]
    ) -> tuple[Float[Tensor, "k batch latent"], Float[Tensor, "k batch"]]:
        """Move points; returns them and the logarithm of the Jacobian's determinant."""
        u, along = self.invertible()
        bent = ((z * self.w).sum(dim=-1) + self.b).tanh()  # k x batch
        slope = 1 - bent.square()
        return z + u * bent[..., None], (slope * along).log1p()


@dataclass(frozen=True)
class Radial:
    """z + beta (z - c) / (alpha + |z - c|): space is stretched or shrunk around c (Rezende and Mohamed, 2015)."""

    c: Float[Tensor, "batch latent"]
    """the centre"""
    a: Float[Tensor, " batch"]
    """alpha before softplus: how far the stretching reaches"""
    b: Float[Tensor, " batch"]
    """beta before it is kept above -alpha, where points would meet; 0 is the identity"""

    def __call__(
        self, z: Float[Tensor, "k batch latent"]
    ) -> tuple[Float[Tensor, "k batch latent"], Float[Tensor, "k batch"]]:
        """Move points; returns them and the logarithm of the Jacobian's determinant."""
        alpha = F.softplus(self.a)
        beta = alpha * kept_above(self.b)  # above -alpha, and 0 at 0
        away = z - self.c
        r = (away.square().sum(dim=-1) + TINY**2).sqrt()
        h = beta / (alpha + r)  # k x batch
        # across the radius every direction is scaled by 1 + h, along it by 1 + h + h' r = 1 + h alpha / (alpha + r)
        log_det = (z.shape[-1] - 1) * h.log1p() + (h * alpha / (alpha + r)).log1p()
        return z + h[..., None] * away, log_det


@dataclass(frozen=True)
class FlowPosterior:
    """A diagonal Gaussian carried through maps, one after another; it weighs its own draws only."""

    base: DiagonalGaussian
    """the noise"""
    maps: tuple[Map, ...]
    """in the order in which they are applied; none is the Gaussian itself"""

    def carried(
        self, z: Float[Tensor, "k batch latent"]
    ) -> tuple[Float[Tensor, "k batch latent"], Float[Tensor, "k batch"]]:
        """Move points through all maps; returns them and the sum of the log-determinants."""
        total = torch.zeros(z.shape[:2], device=z.device, dtype=z.dtype)
        for move in self.maps:
            z, log_det = move(z)
            total = total + log_det
        return z, total

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """Where the centre of the noise is carried to, which is near the mean and not equal to it."""
        return self.carried(self.base.mean[None])[0][0]

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input, with their log-density."""
        noise = self.base.draw(generator, k)
        z, log_det = self.carried(noise.z)
        return Drawn(z, noise.log_qz - log_det)

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Refuse: the inverse of these maps has no closed form."""
        raise NotImplementedError("A flow weighs its own draws only. Use an objective that is pathwise, such as elbo.")

    def kl(self) -> None:
        """Return nothing: the KL of a flow has no closed form."""
        return
