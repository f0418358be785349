"""RBM: a restricted Boltzmann machine, taught by contrastive divergence with fresh or persistent chains."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.energy.machine import Machine
from chemvae.nn.images.likelihoods import EDGE
from chemvae.systems.energy import RBMConfig

SMALL = 0.01
"""Standard deviation of the first weights."""


def drawn(probability: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw zeros and ones."""
    return torch.bernoulli(probability, generator=generator)


class Pair(nn.Module):
    """Two layers of binary units with weights between them: -log p(v, h) = -b.v - c.h - v.W.h + log Z."""

    def __init__(self, weight: Float[Tensor, "visible hidden"], b: Float[Tensor, " visible"], c: Tensor):
        """Store the first weights and the biases of either layer."""
        super().__init__()
        self.weight, self.b, self.c = nn.Parameter(weight), nn.Parameter(b), nn.Parameter(c)

    def to_hidden(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, "batch hidden"]:
        """Return the probability that each hidden unit is on."""
        return (v @ self.weight + self.c).sigmoid()

    def to_visible(self, h: Float[Tensor, "batch hidden"]) -> Float[Tensor, "batch visible"]:
        """Return the probability that each visible unit is on."""
        return (h @ self.weight.mT + self.b).sigmoid()

    def log_density(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, " batch"]:
        """Return log p(v) + log Z: minus the free energy, the hidden units summed out."""
        return v @ self.b + F.softplus(v @ self.weight + self.c).sum(dim=1)

    @torch.no_grad()
    def gibbs(
        self, v: Float[Tensor, "batch visible"], steps: int, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch visible"]:
        """Return where visible units are after so many times down and up."""
        for _ in range(steps):
            v = drawn(self.to_visible(drawn(self.to_hidden(v), generator)), generator)
        return v


def pair(visible: int, hidden: int, b: Tensor | None = None) -> Pair:
    """Return a pair that begins near independence, its first weights drawn from the global generator."""
    return Pair(SMALL * torch.randn(visible, hidden), torch.zeros(visible) if b is None else b, torch.zeros(hidden))


def logit(mean: Float[Tensor, " pixels"]) -> Float[Tensor, " pixels"]:
    """Return the biases at which independent units have some means."""
    return mean.clamp(EDGE, 1 - EDGE).logit()


class Taught(nn.Module):
    """A pair and the chains that its model side is drawn from."""

    chains: Tensor

    def __init__(self, layers: Pair, steps: int, chains: int):
        """Store the pair; 0 chains begin each at a batch's data, as in Hinton (2002), others go on (Tieleman, 2008)."""
        super().__init__()
        self.layers, self.steps = layers, steps
        self.register_buffer("chains", drawn(layers.b.detach().sigmoid().expand(chains, -1)))

    def loss(self, v: Float[Tensor, "batch visible"], generator: torch.Generator) -> Float[Tensor, " batch"]:
        """Return what has the gradient of contrastive divergence: data made likelier, what the chains say less."""
        persistent = len(self.chains) > 0
        other = self.layers.gibbs(self.chains if persistent else v, self.steps, generator)
        if persistent:
            self.chains.copy_(other)
        return self.layers.log_density(other).mean() - self.layers.log_density(v)


class RBM(Machine):
    """One pair of layers, visible and hidden."""

    def __init__(self, mean: Float[Tensor, " pixels"], settings: RBMConfig):
        """Begin at independent pixels with the means of the training images."""
        super().__init__()
        start = pair(len(mean), settings.hidden, logit(mean))
        self.taught = Taught(start, settings.steps, settings.chains if settings.persistent else 0)
        self.register_buffer("base", logit(mean))

    def loss(
        self,
        x: Float[Tensor, "batch pixels"],
        generator: torch.Generator,
        epoch: int,  # noqa: ARG002 - all epochs are alike
    ) -> Float[Tensor, " batch"]:
        """Return a loss per image whose gradient is that of contrastive divergence."""
        return self.taught.loss(x, generator)

    def recalled(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch pixels"]:
        """Return what comes back of an image by one way up and down, by probabilities."""
        return self.taught.layers.to_visible(self.taught.layers.to_hidden(x))

    def normalised(self) -> tuple[Pair, Tensor]:
        """Return the pair whose partition function is wanted, and the biases of independent units to begin at."""
        return self.taught.layers, self.base

    def log_px(
        self,
        x: Float[Tensor, "batch pixels"],
        log_z: float,
        k: int,  # noqa: ARG002 - nothing is sampled
        generator: torch.Generator,  # noqa: ARG002
    ) -> dict[str, Float[Tensor, " batch"]]:
        """Return the log-likelihood of each image, exact but for log Z."""
        return {"nll": log_z - self.taught.layers.log_density(x)}

    def shown(
        self,
        particles: Float[Tensor, "n visible"],
        generator: torch.Generator,  # noqa: ARG002
    ) -> Float[Tensor, "n pixels"]:
        """Return the images of states of the pair."""
        return self.recalled(particles)

    def filters(self) -> Float[Tensor, "pixels hidden"]:
        """Return what each unit of the first hidden layer looks for."""
        return self.taught.layers.weight
