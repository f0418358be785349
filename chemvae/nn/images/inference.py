"""From features to a posterior: one small head for each kind, and the encoder that ends in one."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.encoder import LOG_VAR_RANGE
from chemvae.nn.flow_posterior import FlowPosterior, Map, Planar, Radial
from chemvae.nn.mixture_posterior import MixtureOfGaussians
from chemvae.nn.posterior import DiagonalGaussian, Dirac, Posterior
from chemvae.nn.sphere import SpherePosterior


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


class FlowHead(nn.Module):
    """Features to a Gaussian and the maps that carry it on: planar or radial ones."""

    def __init__(self, width: int, latent: int, kind: Literal["planar", "radial"], maps: int):
        """Build the layers; every map begins as the identity."""
        super().__init__()
        self.kind, self.shape, self.base = kind, (maps, latent), GaussianHead(width, latent)
        self.to_place = nn.Linear(width, maps * latent)  # planar: w; radial: the centre
        self.to_offset = nn.Linear(width, maps)  # planar: b; radial: how far it reaches
        self.to_move = nn.Linear(width, maps * latent if kind == "planar" else maps)  # planar: u; radial: how much
        nn.init.zeros_(self.to_move.weight)
        nn.init.zeros_(self.to_move.bias)

    def forward(self, features: Float[Tensor, "batch width"]) -> FlowPosterior:
        """Return q(z|x) of each input."""
        n = len(features)
        place = self.to_place(features).view(n, *self.shape).unbind(dim=1)
        offset = self.to_offset(features).unbind(dim=1)
        move = self.to_move(features)
        maps: tuple[Map, ...] = ()
        if self.kind == "planar":
            moves = move.view(n, *self.shape).unbind(dim=1)
            maps = tuple(Planar(u, w, b) for u, w, b in zip(moves, place, offset, strict=True))
        else:
            maps = tuple(Radial(c, a, b) for c, a, b in zip(place, offset, move.unbind(dim=1), strict=True))
        return FlowPosterior(self.base(features), maps)


class SphereHead(nn.Module):
    """Features to noise around a pole of the unit sphere.

    The variance stays below 1: wider noise would lie around the opposite pole, which would stand for the image then.
    """

    def __init__(self, width: int, latent: int):
        """Build the layers; the noise begins with a variance of one half."""
        super().__init__()
        self.to_pole, self.to_log_var = nn.Linear(width, latent), nn.Linear(width, latent - 1)
        nn.init.zeros_(self.to_log_var.weight)
        nn.init.zeros_(self.to_log_var.bias)

    def forward(self, features: Float[Tensor, "batch width"]) -> SpherePosterior:
        """Return q(z|x) of each input."""
        pole = nn.functional.normalize(self.to_pole(features))
        log_var = -nn.functional.softplus(self.to_log_var(features))
        return SpherePosterior(pole, log_var.clamp(min=LOG_VAR_RANGE[0]))


class InferenceNetwork(nn.Module):
    """An encoder and the head that makes a posterior of its features."""

    def __init__(self, features: nn.Module, head: nn.Module):
        """Store the parts."""
        super().__init__()
        self.features, self.head = features, head

    def forward(self, x: Float[Tensor, "batch pixels"], y: Float[Tensor, "batch classes"] | None = None) -> Posterior:
        """Return q(z|x), or q(z|x, y)."""
        return self.head(self.features(x, y))
