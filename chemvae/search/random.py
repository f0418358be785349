"""RandomSearch: the yardstick; points around the start molecules and from the prior, measured as they come."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from chemvae.errors import ConfigError
from chemvae.search import moves
from chemvae.search.history import History
from chemvae.search.space import Pool, Proposals, Space


@dataclass(frozen=True, kw_only=True)
class RandomSearch:
    """Learns nothing from what it measures; every other method has to beat it."""

    places: ClassVar[bool] = True
    """it works on where molecules lie"""
    around: float = 0.5
    """share of points around the start molecules; the others come from the prior"""
    radius: float = 1.0
    """longest step from a start molecule, in standard deviations of the prior"""
    oversample: int = 2
    """points decoded for each call; about half decode to something known or invalid"""

    def __post_init__(self) -> None:
        if self.around > 1.0:
            raise ConfigError(f"Expected a share of at most 1 around the start, but got {self.around}.")

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Proposals:
        """Return points around random start molecules and points from the prior."""
        start = history.z[(history.round == 0) & np.isfinite(history.z).all(axis=1)]
        near = round(n * self.around) if len(start) else 0
        if not near:
            return moves.fresh(n, space, rng)
        centres = start[rng.integers(len(start), size=near)]
        steps = moves.local(centres, self.radius * rng.random(near), space.scale[1], rng)
        return shuffled(Proposals.joined(steps, moves.fresh(n - near, space, rng)), rng)

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return the first k."""
        del pool, history, space, rng
        return np.arange(k)


def shuffled(proposals: Proposals, rng: np.random.Generator) -> Proposals:
    """Return the same points in random order, so that the first k are a fair sample."""
    order = rng.permutation(len(proposals.how))
    return Proposals(proposals.z[order], tuple(proposals.how[at] for at in order))
