"""MixtureOfGaussians: a posterior of several modes, whose every component is drawn from in proportion."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.posterior import LOG_2PI, Drawn


@dataclass(frozen=True)
class MixtureOfGaussians:
    """A weighted sum of diagonal Gaussians per input.

    A draw takes k points of *every* component and lets each count by its component's weight: no discrete choice
    stands between the loss and the weights, so all gradients are exact (stratified sampling; Morningstar et al.,
    2021). The decoder sees k x components points per input.
    """

    log_weights: Float[Tensor, "batch components"]
    """normalised"""
    means: Float[Tensor, "batch components latent"]
    """centre of each component"""
    log_vars: Float[Tensor, "batch components latent"]
    """logarithm of the variance, per component and dimension"""

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """Centre of the heaviest component: the average may lie where there is nothing."""
        heaviest = self.log_weights.argmax(dim=1)
        return self.means[torch.arange(len(heaviest), device=heaviest.device), heaviest]

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points of each component, with the density of the whole mixture and the component's share."""
        batch, components, latent = self.means.shape
        noise = torch.randn(
            (k, components, batch, latent), generator=generator, device=self.means.device, dtype=self.means.dtype
        )
        means, log_vars = self.means.transpose(0, 1), self.log_vars.transpose(0, 1)  # components x batch x latent
        z = (means + noise * (0.5 * log_vars).exp()).flatten(0, 1)  # k components x batch x latent
        share = self.log_weights.mT - math.log(k)  # components x batch
        return Drawn(z, self.log_prob(z), share.repeat(k, 1))

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Log-density of points under the mixture, summed over the latent dimensions."""
        scaled = (z[:, :, None, :] - self.means).square() * (-self.log_vars).exp()  # k x batch x components x latent
        inside = -0.5 * (scaled + self.log_vars + LOG_2PI).sum(dim=-1)
        return (inside + self.log_weights).logsumexp(dim=-1)

    def kl(self) -> None:
        """Return nothing: the KL of a mixture has no closed form."""
        return
