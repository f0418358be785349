"""From features to a posterior: one small head for each kind, and the encoder that ends in one."""

from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.encoder import LOG_VAR_RANGE
from chemvae.nn.mixture_posterior import MixtureOfGaussians
from chemvae.nn.posterior import DiagonalGaussian, Dirac, Posterior


class GaussianHead(nn.Module):
    """Features to a diagonal Gaussian."""

    def __init__(self, width: int, latent: int):
        """Build the layer; the variance begins at 1."""
        super().__init__()
        self.to_mean, self.to_log_var = nn.Linear(width, latent), nn.Linear(width, latent)
        nn.init.zeros_(self.to_log_var.weight)
        nn.init.zeros_(self.to_log_var.bias)

    def forward(self, features: Float[Tensor, "batch width"]) -> DiagonalGaussian:
        """Return q(z|x) of each input."""
        return DiagonalGaussian(self.to_mean(features), self.to_log_var(features).clamp(*LOG_VAR_RANGE))


class DiracHead(nn.Module):
    """Features to a point."""

    def __init__(self, width: int, latent: int):
        """Build the layer."""
        super().__init__()
        self.to_mean = nn.Linear(width, latent)

    def forward(self, features: Float[Tensor, "batch width"]) -> Dirac:
        """Return the code of each input."""
        return Dirac(self.to_mean(features))


class MixtureHead(nn.Module):
    """Features to a mixture of diagonal Gaussians."""

    def __init__(self, width: int, latent: int, components: int):
        """Build the layers; the variances begin at 1, the weights alike."""
        super().__init__()
        self.components = components
        self.to_weights, self.to_means = nn.Linear(width, components), nn.Linear(width, components * latent)
        self.to_log_vars = nn.Linear(width, components * latent)
        for layer in (self.to_weights, self.to_log_vars):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Float[Tensor, "batch width"]) -> MixtureOfGaussians:
        """Return q(z|x) of each input."""
        shape = (len(features), self.components, -1)
        log_vars = self.to_log_vars(features).clamp(*LOG_VAR_RANGE)
        return MixtureOfGaussians(
            self.to_weights(features).log_softmax(dim=1), self.to_means(features).view(shape), log_vars.view(shape)
        )


class InferenceNetwork(nn.Module):
    """An encoder and the head that makes a posterior of its features."""

    def __init__(self, features: nn.Module, head: nn.Module):
        """Store the parts."""
        super().__init__()
        self.features, self.head = features, head

    def forward(self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None = None) -> Posterior:
        """Return q(z|x), or q(z|x, y)."""
        return self.head(self.features(x, y))
