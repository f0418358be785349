"""Markov chains on a double well: a proposal that a network makes and that is learned, beside Hamiltonian moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.hamiltonian import leapfrog
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob

DIMS = 2
LOG_SCALE = (-3.0, 1.5)
"""Of a proposal: its logarithm stays inside."""


@dataclass(frozen=True)
class DoubleWell:
    """Two Gaussians of width 1/2 and of equal weight, in a plane, at some distance from the middle."""

    apart: float
    """of each from the middle, along the first axis"""
    width: float = 0.5
    """standard deviation"""

    def log_density(self, x: Float[Tensor, "*any 2"]) -> Float[Tensor, "*any"]:
        """Log-density of points."""
        first = x[..., 0]
        wells = torch.stack([-0.5 * ((first - at) / self.width) ** 2 for at in (-self.apart, self.apart)])
        across = -0.5 * (x[..., 1] / self.width).square()
        constant = -torch.log(torch.tensor(4 * torch.pi * self.width**2))
        return wells.logsumexp(dim=0) + across + constant

    def gradient(self, x: Float[Tensor, "*any 2"]) -> Float[Tensor, "*any 2"]:
        """Return the gradient of the log-density."""
        pull = torch.stack(
            [self.apart * (self.apart * x[..., 0] / self.width**2).tanh(), torch.zeros_like(x[..., 0])], -1
        )
        return (pull - x) / self.width**2


@runtime_checkable
class Kernel(Protocol):
    """A move of a Markov chain."""

    def __call__(self, x: Float[Tensor, "chains 2"], generator: torch.Generator) -> Float[Tensor, "chains 2"]:
        """Return where the chains are after one step."""
        ...


class Proposal(nn.Module):
    """q(to|from): a Gaussian whose mean and scale a network makes of where the chain is."""

    def __init__(self, hidden: int):
        """Build the network; it begins as a random walk."""
        super().__init__()
        last = nn.Linear(hidden, 2 * DIMS)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.net = nn.Sequential(nn.Linear(DIMS, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), last)

    def forward(self, x: Float[Tensor, "chains 2"]) -> DiagonalGaussian:
        """Return where the next point is proposed."""
        shift, log_scale = self.net(x).chunk(2, dim=-1)
        return DiagonalGaussian(x + shift, 2 * log_scale.clamp(*LOG_SCALE))

    def log_prob(self, to: Float[Tensor, "chains 2"], start: Float[Tensor, "chains 2"]) -> Float[Tensor, " chains"]:
        """Return log q(to|start)."""
        return self(start).log_prob(to[None])[0]


def log_ratio(
    proposal: Proposal, log_density: Callable[[Tensor], Tensor], x: Tensor, to: Tensor
) -> Float[Tensor, " chains"]:
    """Return log of p(to) q(x|to) / (p(x) q(to|x)): accepted with this probability, p is kept whatever q is."""
    return log_density(to) + proposal.log_prob(x, to) - log_density(x) - proposal.log_prob(to, x)


def metropolis(proposal: Proposal, well: DoubleWell) -> Kernel:
    """Return one step of Metropolis and Hastings with a learned proposal, which no longer changes."""

    @torch.no_grad()
    def step(x: Float[Tensor, "chains 2"], generator: torch.Generator) -> Float[Tensor, "chains 2"]:
        to = proposal(x).sample(generator)[0]
        accepted = torch.rand(len(x), generator=generator).log() < log_ratio(proposal, well.log_density, x, to)
        return torch.where(accepted[:, None], to, x)

    return step


def hamiltonian(well: DoubleWell, size: float, moves: int) -> Kernel:
    """Return one step of Hamiltonian Monte Carlo: a fresh momentum, some leapfrog moves, accepted or not."""

    @torch.no_grad()
    def step(x: Float[Tensor, "chains 2"], generator: torch.Generator) -> Float[Tensor, "chains 2"]:
        momentum = torch.randn(x.shape, generator=generator)
        to, last = x, momentum
        for _ in range(moves):
            to, last = leapfrog(to, last, size, well.gradient)
        before = well.log_density(x) + standard_normal_log_prob(momentum)
        after = well.log_density(to) + standard_normal_log_prob(last)
        accepted = torch.rand(len(x), generator=generator).log() < after - before
        return torch.where(accepted[:, None], to, x)

    return step


def learned(well: DoubleWell, hidden: int, steps: int, rate: float, generator: torch.Generator) -> Proposal:
    """Teach a proposal to maximise acceptance times squared distance (Pasarica and Gelman, 2010), over all chains.

    Training pairs come from a wide cloud that narrows onto where the chains are, so that both wells are seen; the
    density is flattened at first. Nothing adapts afterwards: a chain that did would not keep p.
    """
    proposal, chains = Proposal(hidden), 256
    adam = torch.optim.Adam(proposal.parameters(), lr=rate)
    x = 1.5 * well.apart * torch.randn(chains, DIMS, generator=generator)
    for at in range(steps):
        cool = min(1.0, 0.05 + at / (0.5 * steps))

        def flat(point: Tensor, cool: float = cool) -> Tensor:
            return cool * well.log_density(point)

        adam.zero_grad()
        to = proposal(x).sample(generator)[0]
        log_accept = log_ratio(proposal, flat, x, to).clamp(max=0.0)
        gain = (log_accept.exp() * (to - x).square().sum(dim=1)).mean()
        (-gain).backward()
        nn.utils.clip_grad_norm_(proposal.parameters(), 5.0)
        adam.step()
        with torch.no_grad():
            accepted = torch.rand(chains, generator=generator).log() < log_accept
            x = torch.where(accepted[:, None], to, x)
    return proposal


@torch.no_grad()
def walked(
    kernel: Kernel, start: Float[Tensor, "chains 2"], steps: int, generator: torch.Generator
) -> Float[Tensor, "steps chains 2"]:
    """Return where chains go."""
    x, path = start, []
    for _ in range(steps):
        x = kernel(x, generator)
        path.append(x)
    return torch.stack(path)


def jumps(path: Float[Tensor, "steps chains 2"]) -> float:
    """Return how often a chain changes wells, per step."""
    side = path[..., 0] > 0
    return float((side[1:] != side[:-1]).float().mean())


def squared_jump(path: Float[Tensor, "steps chains 2"]) -> float:
    """Return the mean squared distance of a step."""
    return float((path[1:] - path[:-1]).square().sum(dim=-1).mean())


def tuned_hamiltonian(
    well: DoubleWell, start: Float[Tensor, "chains 2"], steps: int, generator: torch.Generator
) -> tuple[float, int]:
    """Return the step size and the number of moves, of a grid, that jump between wells most often, then farthest."""
    tried = []
    for size in (0.1, 0.2, 0.4, 0.6, 0.8):
        for moves in (1, 3, 5, 10, 20, 40):
            path = walked(hamiltonian(well, size, moves), start, steps, generator)
            tried.append((jumps(path), squared_jump(path), size, moves))
    _, _, size, moves = max(tried)
    return size, moves
