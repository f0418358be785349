"""GradientSearch: many short climbs on the model's own estimate, inside the prior's shell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.errors import ConfigError, InputError
from chemvae.search import moves
from chemvae.search.history import History
from chemvae.search.space import Pool, Proposals, Space

SHELL = (0.005, 0.995)  # quantiles of the prior's norm between which a climb stays


@dataclass(frozen=True, kw_only=True)
class GradientSearch:
    """Adam on z through the property head; chains begin at molecules that were measured and end soon after.

    The head is piecewise misleading away from molecules, so a chain is short, a chain's end counts for nothing until
    it is decoded and encoded again, and the next chains begin from what that gave.
    """

    places: ClassVar[bool] = True
    """it works on where molecules lie"""
    steps: int = 30
    """longest climb; each chain stops at a random step up to it, which keeps them apart"""
    rate: float = 0.05
    """step of Adam, in standard deviations of the prior"""
    noise: float = 0.3
    """how far chains begin from their molecule, in the same unit"""
    prior: float = 0.2
    """share of chains that begin at a fresh point of the prior"""
    top: int = 50
    """how many of the best molecules chains begin at"""
    oversample: int = 4
    """chains for each call of the oracle"""

    def __post_init__(self) -> None:
        if self.prior > 1.0:
            raise ConfigError(f"Expected a share of at most 1 from the prior, but got {self.prior}.")

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Proposals:
        """Return the ends of n climbs."""
        middle, spread = space.scale
        n_fresh = n if not len(history.usable) else round(n * self.prior)
        begin = moves.fresh(n_fresh, space, rng)
        if n > n_fresh:
            centres = moves.parents(n - n_fresh, history, rng, top=self.top)
            begin = Proposals.joined(begin, moves.local(centres, self.noise * rng.random(len(centres)), spread, rng))
        stops = rng.integers(1, self.steps + 1, size=n)
        scaled = self.climb((begin.z - middle) / spread, stops, space)
        return Proposals(scaled * spread + middle, ("gradient",) * n)

    def climb(
        self, start: Float[ndarray, "n latent"], stops: Int[ndarray, " n"], space: Space
    ) -> Float[ndarray, "n latent"]:
        """Walk uphill from each point for its number of steps, in units of the prior; keep to the prior's shell."""
        middle, spread = (torch.as_tensor(side, dtype=torch.float32) for side in space.scale)
        low, high = shell(space)
        u = torch.as_tensor(start, dtype=torch.float32).clone().requires_grad_()
        ends = u.detach().clone()  # n x latent
        adam = torch.optim.Adam([u], lr=self.rate, maximize=True)
        last = torch.as_tensor(stops)
        for step in range(1, self.steps + 1):
            # Not .backward(): it would leave gradients in the model.
            u.grad = torch.autograd.grad(slope_of(space)(u * spread + middle).sum(), u)[0].nan_to_num()
            adam.step()
            with torch.no_grad():
                norm = u.norm(dim=1, keepdim=True).clamp(min=1e-9)
                u.mul_(norm.clamp(low, high) / norm)
                ends = torch.where((last == step)[:, None], u, ends)
        return ends.numpy().astype(np.float64)

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return the k molecules of which the model expects most where they really lie."""
        del history, rng
        with torch.no_grad():
            expected: Tensor = slope_of(space)(torch.as_tensor(pool.z, dtype=torch.float32))
        return np.argsort(-expected.double().nan_to_num(-np.inf).numpy(), kind="stable")[:k]


def shell(space: Space) -> tuple[float, float]:
    """Return the norms, in units of the prior, between which nearly all of the prior lies."""
    middle, spread = space.scale
    norms = np.linalg.norm((space.draw(1024, np.random.default_rng(1)) - middle) / spread, axis=1)
    low, high = np.quantile(norms, SHELL)
    return float(low), float(high)


def slope_of(space: Space) -> Callable[[Tensor], Tensor]:
    """Return the model's differentiable estimate.

    Raises:
        InputError: it has none for this objective.
    """
    if space.slope is None:
        raise InputError(
            "Expected an objective that the model's head predicts for the method gradient. Use bayes or random."
        )
    return space.slope
