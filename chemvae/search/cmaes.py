"""CmaEs: a separable CMA-ES in latent space; what decodes to something known or to nothing ranks last.

The strategy itself is pycma's, which is imported here and nowhere else, when a search begins.
"""

import functools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.errors import ConfigError
from chemvae.molecule import Molecule
from chemvae.search.graph_ga import decoded
from chemvae.search.history import History
from chemvae.search.space import Pool, Space, Written

CENTRES = 20  # how many of the best molecules are tried for a place to begin from


@dataclass(frozen=True, kw_only=True)
class CmaEs:
    """A normal distribution of points that follows the better half of each population (Hansen, 2016).

    Its covariance is diagonal (Ros and Hansen, 2008): with dozens of dimensions and hundreds of calls a full one
    cannot be learned. It begins at the best molecule measured so far; when its points decode to nothing new it begins
    again at a point of the prior with twice the population (Auger and Hansen, 2005).
    """

    places: ClassVar[bool] = False
    """it asks where molecules lie itself, and of few"""
    population: int = 16
    """least size of a population; as large as a batch if that is larger"""
    sigma: float = 0.5
    """first step, in standard deviations of the prior"""
    growth: float = 2.0
    """by how much the population grows when it begins again"""
    oversample: int = 2
    """points decoded for each call; some decode to something known"""

    def __post_init__(self) -> None:
        if self.sigma == 0.0 or self.growth < 1.0:
            raise ConfigError(
                f"Expected sigma above 0 and growth of at least 1, but got {self.sigma} and {self.growth}. Set both."
            )

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return what n points of the distribution decode to; of the prior, while nothing is measured."""
        if not len(history.measured):
            return decoded(n, space, rng)
        return self.strategy(space, history, rng).draw(n, rng)

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return the first k: a population is measured as it was drawn."""
        del pool, history, space, rng
        return np.arange(k)

    def strategy(self, space: Space, history: History, rng: np.random.Generator) -> "Strategy":
        """Return the distribution, brought up to what was told; begun anew for another search."""
        kept = self._followed.get(space)
        if kept is None or not kept.goes_on(history):
            self._followed.clear()
            kept = self._followed[space] = Strategy(self, space, history, rng)
        kept.follow(history)
        return kept

    @functools.cached_property
    def _followed(self) -> dict[Space, "Strategy"]:
        """The distribution of the search that goes on."""
        return {}


class Strategy:
    """One search's distribution, what was drawn of it, and what came of that."""

    def __init__(self, settings: CmaEs, space: Space, history: History, rng: np.random.Generator):
        """Begin at the best measured molecule that has a place, with a population as large as the last round's."""
        self.settings, self.space, self.told = settings, space, history.smiles
        self.size = max(settings.population, int((history.round == history.round[-1]).sum()))
        z = space.read([history.smiles[row] for row in history.best_measured(CENTRES)])
        placed = z[np.isfinite(z).all(axis=1)]
        self.begin(placed[0] if len(placed) else space.draw(1, rng)[0])

    def begin(self, z: Float[ndarray, " latent"]) -> None:
        """Put the middle of the distribution on a point, with the first step."""
        import cma

        middle, spread = self.space.scale
        settings = {
            "popsize": self.size,
            "CMA_diagonal": True,
            "randn": lambda *shape: self._chance.standard_normal(shape),
            "seed": math.nan,  # leaves the global generator alone
            "verbose": -9,
        }
        self.cma: Any = cma.CMAEvolutionStrategy((z - middle) / spread, self.settings.sigma, settings)
        self.drawn: list[tuple[ndarray, str | None]] = []
        self.known = frozenset(self.told)  # before this population

    def goes_on(self, history: History) -> bool:
        """Say whether a history continues the one that was followed."""
        return history.smiles[: len(self.told)] == self.told

    def draw(self, n: int, rng: np.random.Generator) -> Written:
        """Return what n points decode to; if that is nothing new, begin again elsewhere."""
        points, molecules = self._drawn(n, rng)
        known = {None, *self.told}
        if all(one.smiles in known for one in molecules):
            self.size = round(self.size * self.settings.growth)
            self.begin(self.space.draw(1, rng)[0])
            points, molecules = self._drawn(n, rng)
        self.drawn += [(point, one.smiles) for point, one in zip(points, molecules, strict=True)]
        return Written(tuple(molecules), ("cmaes",) * n)

    def _drawn(self, n: int, rng: np.random.Generator) -> tuple[list[ndarray], list[Molecule]]:
        self._chance = rng
        middle, spread = self.space.scale
        points = self.cma.ask(n)
        return points, self.space.write(np.array(points) * spread + middle)

    def follow(self, history: History) -> None:
        """Move the distribution once as many new molecules of it were measured as make a population."""
        self.told = history.smiles
        values = dict(zip(history.smiles, history.value.tolist(), strict=True))
        new = [at for at, (_, smiles) in enumerate(self.drawn) if smiles in values and smiles not in self.known]
        if len({self.drawn[at][1] for at in new}) < self.size:
            return
        judged = self.drawn[: new[-1] + 1]  # what came after the last one measured was never judged
        order = ranked([smiles for _, smiles in judged], values, self.known)
        kept = thinned(order, self.size)
        self.cma.tell([judged[at][0] for at in kept], list(range(self.size)))
        self.drawn, self.known = [], frozenset(self.told)


def ranked(drawn: Sequence[str | None], values: Mapping[str, float], known: Collection[str]) -> list[int]:
    """Return rows of what was drawn, best first.

    New molecules come by value; then failures; then repeats and molecules known before, by value; then what was turned
    away unmeasured; then what is no molecule.
    """
    seen = set(known)

    def key(at: int) -> tuple[int, float]:
        smiles = drawn[at]
        if smiles is None:
            return 4, 0.0
        repeated = smiles in seen
        seen.add(smiles)
        value = values.get(smiles)
        if value is None:
            return 3, 0.0
        height = 0.0 if math.isnan(value) else -value
        return (2 if repeated else 1 if math.isnan(value) else 0), height

    keys = [key(at) for at in range(len(drawn))]
    return sorted(range(len(drawn)), key=keys.__getitem__)


def thinned(order: Sequence[int], n: int) -> list[int]:
    """Return n out of an order: the first half of them as they stand, the others evenly out of the rest."""
    best = n // 2
    rest = np.linspace(best, len(order) - 1, n - best).round().astype(np.int64)
    return [*order[:best], *(order[at] for at in rest)]
