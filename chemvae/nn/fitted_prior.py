"""FittedGaussian: one Gaussian with full covariance, fitted to where a trained encoder puts its inputs."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.posterior import standard_normal_log_prob

JITTER = 1e-6


class FittedGaussian(nn.Module):
    """Where to sample an autoencoder, which has no prior of its own: the standard normal until it is fitted."""

    mean: Tensor
    factor: Tensor

    def __init__(self, latent: int):
        """Begin as the standard normal."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(latent))
        self.register_buffer("factor", torch.eye(latent))

    @torch.no_grad()
    def fit(self, z: Float[Tensor, "n latent"]) -> None:
        """Take mean and covariance of some points; the covariance is L L^T of the lower triangular L kept here."""
        covariance = torch.atleast_2d(torch.cov(z.double().T)) + JITTER * torch.eye(z.shape[1], dtype=torch.float64)
        self.mean.copy_(z.mean(dim=0))
        self.factor.copy_(torch.linalg.cholesky(covariance))

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points."""
        noise = torch.linalg.solve_triangular(self.factor, (z - self.mean).mT, upper=False).mT
        return standard_normal_log_prob(noise) - self.factor.diagonal().log().sum()

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points."""
        noise = torch.randn(n, len(self.mean), generator=generator, device=self.mean.device)
        return self.mean + noise @ self.factor.mT
