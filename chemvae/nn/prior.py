"""Priors over z: the standard normal, and a Gaussian mixture or a RealNVP flow fitted to the aggregate posterior."""

from typing import Protocol, cast, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chemvae.config import PriorConfig
from chemvae.nn.posterior import standard_normal_log_prob

GOLDEN = (5**0.5 - 1) / 2
MOST_STRETCH = 2.0  # of the logarithm of a coupling's scale: keeps a flow invertible in float32


@runtime_checkable
class Prior(Protocol):
    """Where z is expected before anything is seen."""

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points."""
        ...

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points."""
        ...


class StandardNormal(nn.Module):
    """N(0, I): what the KL of the training pulls every posterior towards."""

    here: Tensor

    def __init__(self, latent: int):
        """Store the number of dimensions; there is nothing to learn."""
        super().__init__()
        self.latent = latent
        self.register_buffer("here", torch.empty(0), persistent=False)  # tells the device

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points."""
        return standard_normal_log_prob(z)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points."""
        return torch.randn(n, self.latent, generator=generator, device=self.here.device)


class GaussianMixture(nn.Module):
    """A mixture of diagonal Gaussians, the simplest fit to an aggregate posterior that is not one Gaussian."""

    def __init__(self, latent: int, components: int):
        """Begin with components spread like the standard normal."""
        super().__init__()
        self.log_weights = nn.Parameter(torch.zeros(components))
        self.means = nn.Parameter(torch.randn(components, latent))
        self.log_std = nn.Parameter(torch.zeros(components, latent))

    @torch.no_grad()
    def begin_at(self, means: Float[Tensor, "components latent"], std: Float[Tensor, " latent"]) -> None:
        """Put the components on some points, each half as wide as all points together."""
        self.means[: len(means)] = means
        self.log_std.copy_((0.5 * std).log().expand_as(self.log_std))

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points."""
        scaled = (z[:, None, :] - self.means) * (-self.log_std).exp()  # batch x components x latent
        inside = standard_normal_log_prob(scaled) - self.log_std.sum(dim=-1)
        return (inside + self.log_weights.log_softmax(dim=0)).logsumexp(dim=1)

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points: a component each, then a point of it."""
        chosen = torch.multinomial(self.log_weights.softmax(dim=0), n, replacement=True, generator=generator)
        noise = torch.randn(n, self.means.shape[1], generator=generator, device=self.means.device)
        return self.means[chosen] + noise * self.log_std[chosen].exp()


class Coupling(nn.Module):
    """One affine coupling (Dinh et al., 2017): half of the dimensions decide how the other half is moved."""

    def __init__(self, latent: int, width: int):
        """Build the network that decides; it begins as the identity."""
        super().__init__()
        self.fixed = latent // 2
        decide = nn.Linear(width, 2 * (latent - self.fixed))
        nn.init.zeros_(decide.weight)
        nn.init.zeros_(decide.bias)
        self.net = nn.Sequential(nn.Linear(self.fixed, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), decide)

    def forward(
        self, z: Float[Tensor, "batch latent"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, " batch"]]:
        """Move points towards the noise; returns them and the log-determinant of the Jacobian."""
        kept, moved = z[:, : self.fixed], z[:, self.fixed :]
        shift, stretch = self._decide(kept)
        return torch.cat([kept, (moved - shift) * (-stretch).exp()], dim=-1), -stretch.sum(dim=-1)

    def inverse(self, noise: Float[Tensor, "batch latent"]) -> Float[Tensor, "batch latent"]:
        """Move points back from the noise."""
        kept, moved = noise[:, : self.fixed], noise[:, self.fixed :]
        shift, stretch = self._decide(kept)
        return torch.cat([kept, moved * stretch.exp() + shift], dim=-1)

    def _decide(
        self, kept: Float[Tensor, "batch fixed"]
    ) -> tuple[Float[Tensor, "batch moved"], Float[Tensor, "batch moved"]]:
        shift, stretch = self.net(kept).chunk(2, dim=-1)
        return shift, MOST_STRETCH * (stretch / MOST_STRETCH).tanh()


class Flow(nn.Module):
    """RealNVP: standard normal noise carried to the aggregate posterior by invertible couplings (Dinh et al., 2017)."""

    centre: Tensor
    spread: Tensor
    orders: Tensor
    back: Tensor

    def __init__(self, latent: int, layers: int, width: int):
        """Build a flow that begins as the standard normal.

        Args:
            latent: dimensions of z, at least 2.
            layers: couplings; before each the dimensions are shuffled or, every second time, the halves exchanged.
            width: of the hidden layers of each coupling.
        """
        super().__init__()
        self.latent = latent
        self.couplings = nn.ModuleList(Coupling(latent, width) for _ in range(layers))
        self.register_buffer("centre", torch.zeros(latent))
        self.register_buffer("spread", torch.ones(latent))
        orders = torch.stack([golden_shuffle(latent) if i % 2 == 0 else exchange(latent) for i in range(layers)])
        self.register_buffer("orders", orders, persistent=False)  # layers x latent
        self.register_buffer("back", orders.argsort(dim=1), persistent=False)

    def coupling(self, i: int) -> Coupling:
        """Return a coupling, counted from the points."""
        return cast(Coupling, self.couplings[i])

    def centre_on(self, z: Float[Tensor, "n latent"]) -> None:
        """Take mean and spread of some points off before the couplings see them."""
        self.centre.copy_(z.mean(dim=0))
        self.spread.copy_(z.std(dim=0).clamp(min=1e-6))

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points."""
        noise = (z - self.centre) / self.spread
        log_det = -self.spread.log().sum()
        for coupling, order in zip(self.couplings, self.orders, strict=True):
            noise, change = coupling(noise[:, order])
            log_det = log_det + change
        return standard_normal_log_prob(noise) + log_det

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points."""
        return self.inverse(torch.randn(n, self.latent, generator=generator, device=self.centre.device))

    def inverse(self, noise: Float[Tensor, "batch latent"]) -> Float[Tensor, "batch latent"]:
        """Carry noise to points."""
        for i in reversed(range(len(self.couplings))):
            noise = self.coupling(i).inverse(noise)[:, self.back[i]]
        return noise * self.spread + self.centre


def golden_shuffle(n: int) -> Int[Tensor, " n"]:
    """Return an order of n things that puts neighbours far apart, the same on every machine."""
    return ((torch.arange(1, n + 1, dtype=torch.float64) * GOLDEN) % 1.0).argsort()


def exchange(n: int) -> Int[Tensor, " n"]:
    """Return the order that puts the last n // 2 things first."""
    return torch.arange(n).roll(n // 2)


def build_prior(config: PriorConfig, latent: int) -> StandardNormal | GaussianMixture | Flow:
    """Build the prior that a recipe asks for, not fitted yet."""
    if config.kind == "mixture":
        return GaussianMixture(latent, config.components)
    if config.kind == "flow":
        return Flow(latent, config.layers, config.width)
    return StandardNormal(latent)
