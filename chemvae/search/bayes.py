"""BayesianSearch: a Gaussian process on where molecules really lie picks the batch out of many decoded ones."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.errors import ConfigError
from chemvae.search import latent_outlook, moves
from chemvae.search.graph_ga import decoded, shuffled
from chemvae.search.history import History
from chemvae.search.inversion import inverted
from chemvae.search.regions import Limits, Region, regions
from chemvae.search.retraining import OFF, Lineage
from chemvae.search.space import Pool, Space, Written
from chemvae.search.with_botorch import greedy_qlogei, posterior_draws

FEWEST = 8  # measured molecules below which a Gaussian process has nothing to say
PARTS = 4  # in which points of trust regions are drawn
FULL, EMPTY = 0.95, 0.8  # share of known molecules in a part above and below which the next one is drawn otherwise
FARTHER = 1.2


@dataclass(frozen=True, kw_only=True)
class BayesianSearch:
    """Points in trust regions around good molecules, between them, and fresh; qLogEI chooses what to measure.

    Points are proposed from the newest model if it is retrained, and decoded at once; the process always sees
    molecules where the first model places them.
    """

    places: ClassVar[bool] = True
    """it works on where molecules lie"""
    oversample: int = 10
    """points decoded for each call; the acquisition chooses among the new molecules they give"""
    top: int = 20
    """how many of the best molecules are parents"""
    crossover: float = 0.3
    """share of points on arcs between two of the best"""
    prior: float = 0.1
    """share of fresh points from the prior"""
    regions: int = 5
    """trust regions, each around a molecule of its own (Eriksson et al., 2019)"""
    radius: float = 0.6
    """first radius of a region, in standard deviations of the prior per dimension"""
    least_radius: float = 0.1
    most_radius: float = 1.2
    moved: int = 20
    """dimensions that a step in a region moves, on average; the others stay as they are"""
    invert: int = field(default=100, metadata=OFF)
    """steps spent to find the point that gives a centre back, if its encoding does not; 0 takes the encoding"""
    retrain: int = field(default=0, metadata=OFF)
    """calls after which the model is taught what was measured, again and again; 0 for never"""
    train: int = 400
    """most molecules the process is fitted to: the best, the latest and a random draw of the others"""
    iterations: int = 30
    """steps of L-BFGS on its hyperparameters in each round"""
    samples: int = 256
    """draws from the process for the acquisition"""

    def __post_init__(self) -> None:
        if self.crossover + self.prior > 1.0:
            raise ConfigError(
                f"Expected shares of at most 1 together, but got crossover {self.crossover} and prior {self.prior}."
            )

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return what n points decode to: in the trust regions, between the best molecules, and from the prior."""
        space = self._lineage.newest(space, history)
        if not len(history.usable):
            return decoded(n, space, rng)
        n_fresh, n_cross = round(n * self.prior), round(n * self.crossover)
        found = Written.joined(
            self.near(n - n_fresh - n_cross, history, space, rng),
            self.between(n_cross, history, space, rng),
            decoded(n_fresh, space, rng),
        )
        return shuffled(found, rng)

    def near(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return what n points in the trust regions decode to.

        They are drawn in parts: while nearly all of a part is known already, the next one reaches farther, and while
        most is new, less far, since near the centre is where the process knows most.
        """
        limits = Limits(self.regions, self.radius, self.least_radius, self.most_radius)
        found, known, reach = Written((), ()), set(history.smiles), 1.0
        trusted = regions(history, limits)
        z = self.centres(trusted, history, space)
        for part in np.array_split(rng.permutation(n), PARTS):
            at = part % len(trusted)
            radii = reach * np.array([trusted[row].radius for row in at.tolist()]) * rng.uniform(0.2, 1.0, len(at))
            points = moves.masked(z[at], radii, space.scale[1], rng, moved=self.moved)
            molecules = tuple(space.write(points))
            found = Written.joined(found, Written(molecules, tuple(trusted[row].name for row in at.tolist())))
            old = np.mean([one.smiles in known for one in molecules]) if molecules else 0.0
            reach *= FARTHER if old > FULL else 1.0 / FARTHER if old < EMPTY else 1.0
            known |= {one.smiles for one in molecules if one.smiles is not None}
        return found

    def between(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return what n points on arcs between two of the best decode to."""
        rows = [moves.parent_rows(n, history, rng, top=self.top) for _ in range(2)]
        drawn, where = np.unique(np.concatenate(rows), return_inverse=True)
        z = space.read([history.smiles[row] for row in drawn])[where]
        points = moves.crossover(z[:n], z[n:], space.scale[0], rng)
        return Written(tuple(space.write(points.z)), points.how)

    def centres(self, trusted: Sequence[Region], history: History, space: Space) -> Float[ndarray, "regions latent"]:
        """Return the points from which the regions' molecules are decoded, as far as they can be found."""
        if space not in self._inverted:
            self._inverted.clear()
        kept = self._inverted.setdefault(space, {})
        smiles = [history.smiles[region.centre] for region in trusted]
        new = [one for one in dict.fromkeys(smiles) if one not in kept]
        if new:
            kept.update(zip(new, inverted(new, space, steps=self.invert), strict=True))
        return np.array([kept[one] for one in smiles])

    @functools.cached_property
    def _lineage(self) -> Lineage:
        """What became of the model; nothing but time would be lost with it."""
        return Lineage(self.retrain)

    @functools.cached_property
    def _inverted(self) -> dict[Space, dict[str, Float[ndarray, " latent"]]]:
        """Points of centres that were found before; likewise."""
        return {}

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return k molecules: half by joint log expected improvement, half by Thompson sampling.

        Once the batch holds one molecule that is nearly sure to be the best, the others add no improvement and qLogEI
        takes them at random; Thompson sampling still takes good ones. With several objectives: qLogNEHVI.
        """
        rows = self.training_rows(history, rng)
        if (history.several or history.slack.shape[1]) and len(rows) >= FEWEST and k < len(pool):
            x, seed = unit_cube(np.concatenate([history.z[rows], pool.z]), space), int(rng.integers(2**31))
            return latent_outlook.choose(k, x, rows, history, iterations=self.iterations, seed=seed)
        if len(rows) < FEWEST or k >= len(pool) or np.ptp(history.value[rows]) == 0.0:
            return np.arange(k)
        best = history.value[history.best(1)[0]]
        y, best_y = standardised(history.value[rows], best)
        x = unit_cube(np.concatenate([history.z[rows], pool.z]), space)
        draws = posterior_draws(
            x[: len(rows)],
            y,
            x[len(rows) :],
            samples=self.samples,
            iterations=self.iterations,
            seed=int(rng.integers(2**31)),
        )
        first = greedy_qlogei(draws, best_y, (k + 1) // 2)
        return thompson(draws, first, k)

    def training_rows(self, history: History, rng: np.random.Generator) -> Int[ndarray, " t"]:
        """Return the rows to fit: all while they are few, else half the best, a quarter the latest, some others."""
        rows = history.usable
        if len(rows) <= self.train:
            return rows
        kept = set(history.best(self.train // 2).tolist()) | set(rows[-self.train // 4 :].tolist())
        others = np.array([row for row in rows.tolist() if row not in kept])
        drawn = rng.choice(others, size=self.train - len(kept), replace=False)
        return np.sort(np.concatenate([np.array(sorted(kept)), drawn]))


def standardised(values: Float[ndarray, " n"], best: float) -> tuple[Float[ndarray, " n"], float]:
    """Return values and the best one with mean 0 and standard deviation 1, after cutting off the worst outliers."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    cut = np.maximum(values, middle - 2.0 * max(high - low, 1e-12))
    mean, std = float(cut.mean()), float(cut.std(ddof=1))
    return (cut - mean) / std, (best - mean) / std


def unit_cube(z: Float[ndarray, "n latent"], space: Space) -> Float[ndarray, "n latent"]:
    """Return points scaled by the prior into the unit cube, all dimensions alike."""
    middle, spread = space.scale
    scaled = (z - middle) / spread
    return 0.5 + scaled / (2.0 * np.abs(scaled).max())


def thompson(draws: Float[Tensor, "samples m"], chosen: Int[ndarray, " j"], k: int) -> Int[ndarray, " k"]:
    """Fill the choice up to k columns, each the best of one draw among those that are left."""
    rows = chosen.tolist()
    for at in range(k - len(rows)):
        draw = draws[at % len(draws)].clone()
        draw[rows] = -torch.inf
        rows.append(int(draw.argmax()))
    return np.array(rows, dtype=np.int64)
