"""GradientSearch: many short climbs on a lower bound of what is expected, judged by the molecules where they end."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.errors import ConfigError
from chemvae.molecule import Molecule
from chemvae.search import moves
from chemvae.search.heads import fitted
from chemvae.search.history import History
from chemvae.search.random import shuffled
from chemvae.search.space import Pool, Proposals, Space, Written

SHELL = (0.005, 0.995)  # quantiles of the prior's norm between which a climb stays
RARE = 0.05  # quantile of the prior's own log-density below which a point is penalised

Goal = Callable[[Tensor], Tensor]
"""What a climb makes large: points in units of the prior in, a number for each out."""


@dataclass(frozen=True, kw_only=True)
class GradientSearch:
    """Adam on z; chains begin at molecules that were measured and end soon after.

    What is climbed is the lower bound of an ensemble: small regressions on what was measured, on top of the model's
    own head where that predicts the objective. Away from molecules every such estimate misleads, so a chain is short,
    its end counts for nothing until it is decoded and encoded again, and the next chains begin from what that gave.
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
    heads: int = 5
    """regressions on the measured molecules, each on a bootstrap draw of them"""
    begin: int = 20
    """measured molecules below which there are no such regressions"""
    kappa: float = 1.0
    """weight of their disagreement, which is taken off"""
    density: float = 1.0
    """weight of the penalty where the prior has few points: below its own 5 % quantile of log-density"""
    looks: int = 6
    """points on a climb that are decoded where there is a lead: the farthest one still similar is taken"""

    def __post_init__(self) -> None:
        if self.prior > 1.0:
            raise ConfigError(f"Expected a share of at most 1 from the prior, but got {self.prior}.")

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Proposals | Written:
        """Return the ends of n climbs, or with a lead the farthest points on them that still resemble it."""
        begin = self.first(n, history, space, rng)
        estimate = self.estimate(history, space)
        if estimate is None:
            return begin
        middle, spread = space.scale
        stops = rng.integers(1, self.steps + 1, size=n)
        looks = 1 if space.resembles is None else self.looks
        goal = self.penalised(estimate, history, space)
        path = self.climb((begin.z - middle) / spread, stops, goal, space, looks) * spread + middle
        how = ("gradient",) * n
        return Proposals(path[-1], how) if looks == 1 else Written(farthest_similar(path, space), how)

    def first(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Proposals:
        """Return where n climbs begin: around the best molecules, and at fresh points of the prior."""
        n_fresh = n if not len(history.usable) else round(n * self.prior)
        begin = moves.fresh(n_fresh, space, rng)
        if n > n_fresh:
            centres = moves.parents(n - n_fresh, history, rng, top=self.top)
            steps = self.noise * rng.random(len(centres))
            begin = Proposals.joined(begin, moves.local(centres, steps, space.scale[1], rng))
        return shuffled(begin, rng)

    def climb(
        self, start: Float[ndarray, "n latent"], stops: Int[ndarray, " n"], goal: Goal, space: Space, looks: int = 1
    ) -> Float[ndarray, "looks n latent"]:
        """Walk uphill from each point for its number of steps, in units of the prior; keep to the prior's shell.

        Returns:
            Points along each walk, evenly from its beginning to its end; its end last.
        """
        low, high = shell(space)
        u = torch.as_tensor(start, dtype=torch.float32).clone().requires_grad_()
        path = u.detach().repeat(looks, 1, 1)  # looks x n x latent
        adam = torch.optim.Adam([u], lr=self.rate, maximize=True)
        due = torch.as_tensor(np.ceil(np.outer(np.arange(1, looks + 1) / looks, stops)).astype(np.int64))
        for step in range(1, int(stops.max(initial=0)) + 1):
            # Not .backward(): it would leave gradients in the model.
            u.grad = torch.autograd.grad(goal(u).sum(), u)[0].nan_to_num()
            adam.step()
            with torch.no_grad():
                norm = u.norm(dim=1, keepdim=True).clamp(min=1e-9)
                u.mul_(norm.clamp(low, high) / norm)
                path = torch.where((due == step)[..., None], u, path)
        return path.numpy().astype(np.float64)

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return the k molecules of which most is surely expected where they really lie."""
        del rng
        estimate = self.estimate(history, space)
        if estimate is None:
            return np.arange(k)
        middle, spread = space.scale
        with torch.no_grad():
            expected = estimate(torch.as_tensor((pool.z - middle) / spread, dtype=torch.float32))
        return np.argsort(-expected.double().nan_to_num(-np.inf).numpy(), kind="stable")[:k]

    def estimate(self, history: History, space: Space) -> Goal | None:
        """Return what is surely expected at points; None while nothing is known.

        Where the model's head predicts the objective, the ensemble learns what the head gets wrong.
        """
        rows = history.usable
        own = own_estimate(space)
        if len(rows) < self.begin:
            return own
        middle, spread = space.scale
        u = (history.z[rows] - middle) / spread
        y = history.value[rows]
        if own is not None:
            with torch.no_grad():
                y = y - own(torch.as_tensor(u, dtype=torch.float32)).double().nan_to_num().numpy()
        chance = np.random.default_rng([len(history), zlib.crc32(" ".join(history.smiles[-8:]).encode())])
        heads = fitted(u, y, self.heads, chance)

        def expected(at: Tensor) -> Tensor:
            bound = heads.bound(at, self.kappa)
            return bound if own is None else own(at) + bound

        return expected

    def penalised(self, estimate: Goal, history: History, space: Space) -> Goal:
        """Return an estimate less what is rare under the prior, in units of how much values differ."""
        if space.density is None or self.density == 0.0:
            return estimate
        density, (middle, spread) = space.density, tensors(space)
        with torch.no_grad():
            z = torch.as_tensor(space.draw(1024, np.random.default_rng(1)), dtype=torch.float32)
            usual: Tensor = density(z)
            least, width = usual.quantile(RARE), usual.std().clamp(min=1e-6)
            guessed = estimate((z - middle) / spread).std().item()
        values = history.value[history.usable]
        weight = self.density * (float(values.std()) if len(values) >= self.begin else guessed)
        return lambda u: estimate(u) + weight * ((density(u * spread + middle) - least) / width).clamp(max=0.0)


def farthest_similar(path: Float[ndarray, "looks n latent"], space: Space) -> tuple[Molecule, ...]:
    """Return for each walk the farthest molecule that still resembles the lead; the first one if none does."""
    looks, n, latent = path.shape
    written = space.write(path.reshape(-1, latent))
    texts = list(dict.fromkeys(one.smiles for one in written if one.smiles is not None))
    alike = dict(zip(texts, space.resembles(texts), strict=True)) if space.resembles and texts else {}
    fine = np.array([one.smiles is not None and bool(alike.get(one.smiles)) for one in written]).reshape(looks, n)
    last = np.where(fine.any(axis=0), looks - 1 - fine[::-1].argmax(axis=0), 0)
    return tuple(written[row * n + at] for at, row in enumerate(last.tolist()))


def tensors(space: Space) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of the prior as tensors."""
    middle, spread = (torch.as_tensor(side, dtype=torch.float32) for side in space.scale)
    return middle, spread


def own_estimate(space: Space) -> Goal | None:
    """Return the model's own differentiable estimate at points in units of the prior; None where it has none."""
    if space.slope is None:
        return None
    slope, (middle, spread) = space.slope, tensors(space)
    return lambda u: slope(u * spread + middle)


def shell(space: Space) -> tuple[float, float]:
    """Return the norms, in units of the prior, between which nearly all of the prior lies."""
    middle, spread = space.scale
    norms = np.linalg.norm((space.draw(1024, np.random.default_rng(1)) - middle) / spread, axis=1)
    low, high = np.quantile(norms, SHELL)
    return float(low), float(high)
