"""Helmholtz: binary layers taught by wake-sleep, each direction from what the other dreams up."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.energy.dbn import log_bernoulli
from chemvae.nn.energy.machine import Machine
from chemvae.nn.energy.rbm import SMALL, drawn, logit
from chemvae.systems.energy import HelmholtzConfig


class Layer(nn.Module):
    """Units that are on with a probability that the layer before them decides."""

    def __init__(self, before: int, units: int, bias: Tensor | None = None):
        """Begin near independence."""
        super().__init__()
        self.weight = nn.Parameter(SMALL * torch.randn(before, units))
        self.bias = nn.Parameter(torch.zeros(units) if bias is None else bias)

    def forward(self, states: Float[Tensor, "batch before"]) -> Float[Tensor, "batch units"]:
        """Return the logits of the units."""
        return states @ self.weight + self.bias


class Helmholtz(Machine):
    """A network that writes images from the top down and one that recognises them (Dayan et al., 1995).

    Wake: states recognised from an image teach the writing network to write them. Sleep: states dreamt from the top
    teach the recognising one what they came from. Both are the gradients of likelihoods, and none passes a state.
    """

    def __init__(self, mean: Float[Tensor, " pixels"], settings: HelmholtzConfig):
        """Begin both ways near independence."""
        super().__init__()
        widths = [len(mean), *settings.hidden]
        self.up = nn.ModuleList(Layer(a, b) for a, b in pairwise(widths))
        self.down = nn.ModuleList(
            Layer(b, a, logit(mean) if at == 0 else None) for at, (a, b) in enumerate(pairwise(widths))
        )
        self.top = nn.Parameter(torch.zeros(widths[-1]))

    @torch.no_grad()
    def recognised(self, x: Float[Tensor, "batch pixels"], generator: torch.Generator) -> list[Tensor]:
        """Return an image and the states of each layer, drawn upwards."""
        states = [x]
        for layer in self.up:
            states.append(drawn(layer(states[-1]).sigmoid(), generator))
        return states

    @torch.no_grad()
    def dreamt(self, n: int, generator: torch.Generator) -> list[Tensor]:
        """Return images and the states of each layer, drawn downwards; images first."""
        states = [drawn(self.top.sigmoid().expand(n, -1), generator)]
        for layer in reversed(self.down):
            states.append(drawn(layer(states[-1]).sigmoid(), generator))
        return states[::-1]

    def log_written(self, states: list[Tensor]) -> Float[Tensor, " batch"]:
        """Return log p(x, h) of states."""
        total = log_bernoulli(self.top.expand_as(states[-1]), states[-1])
        for layer, below, above in zip(self.down, states, states[1:], strict=False):
            total = total + log_bernoulli(layer(above), below)
        return total

    def log_recognised(self, states: list[Tensor]) -> Float[Tensor, " batch"]:
        """Return log q(h|x) of states."""
        parts = [
            log_bernoulli(layer(below), above) for layer, (below, above) in zip(self.up, pairwise(states), strict=True)
        ]
        return torch.stack(parts).sum(dim=0)

    def loss(
        self,
        x: Float[Tensor, "batch pixels"],
        generator: torch.Generator,
        epoch: int,  # noqa: ARG002 - all epochs are alike
    ) -> Float[Tensor, " batch"]:
        """Return the wake loss of images and the sleep loss of as many dreams."""
        return -self.log_written(self.recognised(x, generator)) - self.log_recognised(self.dreamt(len(x), generator))

    def recalled(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch pixels"]:
        """Return what comes back of an image from the top, by probabilities."""
        for layer in self.up:
            x = layer(x).sigmoid()
        for layer in reversed(self.down):
            x = layer(x).sigmoid()
        return x

    def normalised(self) -> None:
        """Return nothing: the writing network's probabilities sum to one by themselves."""
        return

    def log_px(
        self, x: Float[Tensor, "batch pixels"], log_z: float, k: int, generator: torch.Generator
    ) -> dict[str, Float[Tensor, " batch"]]:
        """Return the bound of each image and its log-likelihood by importance sampling, recognition for proposals."""
        weights = []
        for _ in range(k):
            states = self.recognised(x, generator)
            weights.append(self.log_written(states) - self.log_recognised(states) - log_z)
        stacked = torch.stack(weights)  # k x batch
        log_k = torch.tensor(float(k)).log()
        return {"negative_bound": -stacked.mean(dim=0), "nll": log_k - stacked.logsumexp(dim=0)}

    def shown(self, particles: Float[Tensor, "n units"], generator: torch.Generator) -> Float[Tensor, "n pixels"]:
        """Return the expected images of dreams, as many as there are particles."""
        return self.down[0](self.dreamt(len(particles), generator)[1]).sigmoid()

    def filters(self) -> Float[Tensor, "pixels hidden"]:
        """Return what each unit of the first hidden layer writes."""
        weight = self.down[0].weight
        return weight.mT if isinstance(weight, Tensor) else torch.empty(0, 0)
