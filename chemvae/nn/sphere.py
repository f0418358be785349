"""Latent points on a sphere: the stereographic map from a plane, a posterior made with it, the even prior."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.posterior import DiagonalGaussian, Drawn

TINY = 1e-12


def onto_sphere(
    y: Float[Tensor, "*any plane"],
) -> tuple[Float[Tensor, "*any latent"], Float[Tensor, "*any"]]:
    """Put points of R^d on the unit sphere in R^(d+1), the origin at the pole (0, ..., 0, 1).

    Returns the points and the logarithm of the change of area, 1/2 log det J^T J = d log(2 / (1 + |y|^2)).
    """
    squared = y.square().sum(dim=-1, keepdim=True)
    z = torch.cat([2 * y, 1 - squared], dim=-1) / (1 + squared)
    return z, y.shape[-1] * (math.log(2.0) - squared[..., 0].log1p())


def onto_plane(z: Float[Tensor, "*any latent"]) -> Float[Tensor, "*any plane"]:
    """Put points of the sphere back on the plane; the pole opposite to the origin's is infinitely far."""
    return z[..., :-1] / (1 + z[..., -1:]).clamp(min=TINY)


def reflected(z: Float[Tensor, "*any latent"], pole: Float[Tensor, "batch latent"]) -> Float[Tensor, "*any latent"]:
    """Exchange (0, ..., 0, 1) and another pole by a reflection, which changes no area and undoes itself."""
    axis = pole.clone()
    axis[..., -1] = axis[..., -1] - 1
    length = axis.square().sum(dim=-1, keepdim=True).clamp(min=TINY)
    return z - 2 * (z * axis).sum(dim=-1, keepdim=True) * axis / length


@dataclass(frozen=True)
class SpherePosterior:
    """Gaussian noise in the plane that touches the sphere at a pole, put on the sphere: densities are per area."""

    pole: Float[Tensor, "batch latent"]
    """a unit vector for each input"""
    log_var: Float[Tensor, "batch plane"]
    """logarithm of the noise's variance, along each direction of the plane"""

    @property
    def noise(self) -> DiagonalGaussian:
        """What is drawn in the plane."""
        return DiagonalGaussian(torch.zeros_like(self.log_var), self.log_var)

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """The pole."""
        return self.pole

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input, with their log-density."""
        noise = self.noise.draw(generator, k)
        z, log_area = onto_sphere(noise.z)
        return Drawn(reflected(z, self.pole), noise.log_qz - log_area)

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of points of the sphere, per area."""
        y = onto_plane(reflected(z, self.pole))
        return self.noise.log_prob(y) - onto_sphere(y)[1]

    def kl(self) -> None:
        """Return nothing: it has no closed form."""
        return


class UniformSphere(nn.Module):
    """Every direction alike."""

    here: Tensor

    def __init__(self, latent: int):
        """Store the number of coordinates; the sphere has one dimension less."""
        super().__init__()
        self.latent = latent
        self.log_area = math.log(2) + 0.5 * latent * math.log(math.pi) - math.lgamma(0.5 * latent)
        self.register_buffer("here", torch.empty(0), persistent=False)  # tells the device

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density per area; that the points lie on the sphere is taken for granted."""
        return torch.full(z.shape[:1], -self.log_area, device=z.device, dtype=z.dtype)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points."""
        return nn.functional.normalize(torch.randn(n, self.latent, generator=generator, device=self.here.device))
