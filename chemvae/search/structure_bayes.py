"""StructureBayes: Gaussian processes on structures judge what graph edits and latent moves propose.

In every round a population of molecules evolves under the process's upper bound, which costs no call: parents are drawn
by it, children come of graph edits and of moves in latent space, and the best of all are measured. The process works
on structures and the latent space proposes, because distance in latent space says less about a property than
substructures do, and a decoder writes molecules that edits would not reach.

Several objectives have a process each: the evolution climbs another mixture of their bounds in every generation, so
that the population spreads over the front, and BoTorch's qLogNEHVI chooses the batch out of what evolved. Measured
constraints have one each too, and so has the question whether the oracle gives a number at all; the chance of being
feasible counts in both steps.
"""

import functools
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.errors import ConfigError, InputError
from chemvae.search import moves
from chemvae.search.acquire import drawn, greedy_by, upper_bound
from chemvae.search.credit import shares
from chemvae.search.evolved import Evolved
from chemvae.search.found import START
from chemvae.search.graph_ga import bred, decoded, edits_of, shuffled
from chemvae.search.history import History
from chemvae.search.minmax import MinMax
from chemvae.search.outlook import Outlook, Wish
from chemvae.search.process import Belief
from chemvae.search.retraining import OFF, Lineage
from chemvae.search.space import Pool, Proposals, Space, Written
from chemvae.search.squared_exponential import KERNELS
from chemvae.search.with_botorch import DRAWS, nehvi_batch, normal_draws

EDITS = ("crossover", "mutation")
MOVES = (*EDITS, "local", "arc", "prior")
MIXTURES = 16  # of several objectives, by which the molecules that go on to the choice are picked in turn
BASELINE = 100  # measured molecules that may be on the front, as far as anyone can tell


@dataclass(frozen=True, kw_only=True)
class StructureBayes:
    """Upper bound of a count-Tanimoto process, made large by an evolution of graph edits and latent moves."""

    places: ClassVar[bool] = False
    """it asks where molecules lie itself, and of few"""
    generations: int = 8
    """of the evolution in each round"""
    children: int = 150
    """in each generation"""
    parents: int = 300
    """most measured molecules that the evolution begins from"""
    begin: int = 50
    """measured molecules below which it proposes as `graph-ga` does"""
    own: int = field(default=40, metadata=OFF)
    """the same of those that are not of the start, which may all be poor and say nothing of what lies elsewhere"""
    edits: float = 1.0
    """how much graph edits count beside latent moves when proposals are shared out; 0 turns them off"""
    latent: float = 0.5
    """the same of latent moves, which cost more time"""
    radius: float = 0.6
    """longest step of a local move, in standard deviations of the prior per dimension"""
    least_beta: float = 0.01
    """weight of the uncertainty, drawn anew in each round between this and `most_beta`, its logarithm evenly"""
    most_beta: float = 1.0
    most: int = 4_000
    """molecules that the process reasons from; with 10,000 a late round takes 2.6 times as long"""
    structure: int = field(default=1, metadata=OFF)
    """1, or 0 to let the process look at where molecules lie in latent space instead, which is an ablation"""
    retrain: int = field(default=0, metadata=OFF)
    """calls after which the model that latent moves come from is taught what was measured; 0 for never"""
    noise: float = 0.0
    """standard deviation of a measurement repeated, for an objective between 0 and 1; for others it is fitted"""
    oversample: int = 8
    """of the evolved molecules, so many for each call are looked at together before the batch is chosen"""

    def __post_init__(self) -> None:
        if not 0.0 < self.least_beta <= self.most_beta:
            raise ConfigError(
                f"Expected 0 < least_beta <= most_beta, but got {self.least_beta} and {self.most_beta}. Set both."
            )
        if self.edits + self.latent == 0.0:
            raise ConfigError("Expected edits or latent moves, but both are 0. Set one above.")

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return the n best molecules of an evolution that begins from what was measured."""
        if self.knows_too_little(history):
            return self.first(n, history, space, rng)
        outlook = self.outlook(space, history)
        beta = self.beta(history, outlook)
        ahead = dict(self.foreseen([history.smiles[row] for row in history.best_measured(self.parents)], outlook, beta))
        found, source = Evolved(known=frozenset(history.smiles)), self._lineage.newest(space, history)
        for quota in self.quotas(history, rng):
            parents = ranked(ahead, outlook.wish(history, rng))
            new = found.add(self.brood(quota, parents, source, rng), space)
            ahead.update(self.foreseen(new, outlook, beta))
        fresh = {one: ahead[one] for one in found.allowed}
        return found.written(in_turn([ranked(fresh, wish) for wish in outlook.wishes(history, MIXTURES, rng)], n))

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return k molecules by upper bound, each as if those before it and those pending had been measured."""
        if self.knows_too_little(history) or k >= len(pool):
            return np.arange(k)
        outlook, pending = self.outlook(space, history), len(pool.pending)
        if history.several and outlook.feasible(history).any():
            return self.spread(k, pool, history, outlook, seed=int(rng.integers(2**31)))
        names = [*pool.pending, *pool.smiles]
        wish, beta = outlook.wish(history, rng), self.beta(history, outlook)
        success = outlook.log_success(names)

        def wanted(beliefs: list[Belief]) -> Float[ndarray, " m"]:
            bounds = np.column_stack([upper_bound(one, beta) for one in outlook.outcomes_of(beliefs)])
            return wish(bounds, outlook.log_feasible(beliefs) + success)

        return greedy_by(outlook.joints(names), k, wanted, pending=pending) - pending

    def spread(self, k: int, pool: Pool, history: History, outlook: Outlook, *, seed: int) -> Int[ndarray, " k"]:
        """Return k molecules that are expected to enlarge the volume below the front most, by BoTorch's qLogNEHVI."""
        rows = [row for row in history.best_measured(BASELINE).tolist() if history.feasible[row]]
        names = [*(history.smiles[row] for row in rows), *pool.pending, *pool.smiles]
        joints, m = outlook.joints(names), history.outcomes.shape[1]
        draws = [drawn(joint, normal_draws(DRAWS[m], len(names), seed + at)) for at, joint in enumerate(joints)]
        draws[m:] = [draw - level for draw, level in zip(draws[m:], outlook.levels, strict=True)]
        return nehvi_batch(
            np.stack(draws, axis=2),
            k,
            reference=outlook.scaled(history.reference[None])[0],
            baseline=len(rows),
            pending=len(pool.pending),
            log_chance=outlook.log_success(pool.smiles),
        )

    def knows_too_little(self, history: History) -> bool:
        """Whether too few molecules are measured to learn from, or too few beside those of the start."""
        measured = [history.how[row] for row in history.measured.tolist()]
        return len(measured) < self.begin or len(measured) - measured.count(START) < min(self.own, self.begin)

    def first(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return molecules of the prior, and children of what was measured, while that is too little to learn from."""
        rows = history.best_measured(self.parents) if self.edits else np.empty(0, dtype=np.int64)
        n_bred = n // 2 if len(rows) else 0
        parents = [history.smiles[row] for row in rows]
        children = bred(n_bred, parents, edits_of(space), rng, mutation=0.5) if n_bred else Written((), ())
        return shuffled(Written.joined(decoded(n - n_bred, space, rng), children), rng)

    def quotas(self, history: History, rng: np.random.Generator) -> list[dict[str, int]]:
        """Return how many children each move makes in each generation.

        Latent moves come in the first, all at once, which is cheaper to decode; the edits evolve what they bring.
        """
        weights = [self.edits if move in EDITS else self.latent for move in MOVES]
        drawn = rng.multinomial(self.children * self.generations, list(shares(history, MOVES, weights).values()))
        spread = {
            move: np.diff(np.linspace(0, n, self.generations + 1).astype(np.int64)).tolist()
            for move, n in zip(MOVES, drawn.tolist(), strict=True)
        }
        if self.edits:
            spread |= {
                move: [sum(each), *[0] * (self.generations - 1)] for move, each in spread.items() if move not in EDITS
            }
        return [{move: each[at] for move, each in spread.items()} for at in range(self.generations)]

    def brood(self, n: Mapping[str, int], parents: Sequence[str], space: Space, rng: np.random.Generator) -> Written:
        """Return so many children by each move, of parents that stand best first."""
        parts = []
        if n["prior"] + n["local"] + n["arc"]:
            points = self.points(n, parents, space, rng)
            parts.append(Written(tuple(space.write(points.z)), points.how))
        for move, mutation in (("crossover", 0.0), ("mutation", 1.0)):
            if n[move]:
                parts.append(bred(n[move], parents, edits_of(space), rng, mutation=mutation))
        return Written.joined(*parts)

    def points(self, n: Mapping[str, int], parents: Sequence[str], space: Space, rng: np.random.Generator) -> Proposals:
        """Return points of the prior, around parents and between two of them; parents without a place are left out."""
        middle, spread = space.scale
        ranks = moves.ranks(n["local"] + 2 * n["arc"], len(parents), rng)
        z = self.places_of([parents[rank] for rank in ranks], space)
        one, (mother, father) = z[: n["local"]], np.split(z[n["local"] :], 2)
        one = one[np.isfinite(one).all(axis=1)]
        both = np.isfinite(mother).all(axis=1) & np.isfinite(father).all(axis=1)
        arcs = moves.crossover(mother[both], father[both], middle, rng)
        return Proposals.joined(
            moves.fresh(n["prior"], space, rng),
            moves.local(one, self.radius * rng.uniform(0.2, 1.0, len(one)), spread, rng),
            Proposals(arcs.z, ("arc",) * len(arcs.how)),
        )

    def places_of(self, smiles: Sequence[str], space: Space) -> Float[ndarray, "n latent"]:
        """Return where molecules lie; parents come again and again, and each is encoded once."""
        if space not in self._read:
            self._read.clear()
        known = self._read.setdefault(space, {})
        new = list(dict.fromkeys(one for one in smiles if one not in known))
        if new:
            known.update(zip(new, space.read(new), strict=True))
        return np.array([known[one] for one in smiles]).reshape(len(smiles), space.latent)

    def beta(self, history: History, outlook: Outlook) -> float:
        """Return the weight of the uncertainty in this round; it depends on what was measured alone.

        At its largest, what is unknown is worth the best so far; for scores up to 1 it is so anyway.
        """
        chance = np.random.default_rng([len(history), zlib.crc32(" ".join(history.smiles[-8:]).encode())])
        low, high = np.log(self.least_beta), np.log(self.most_beta * max(1.0, outlook.reach(history)))
        return float(np.exp(chance.uniform(low, high)))

    def foreseen(
        self, smiles: Sequence[str], outlook: Outlook, beta: float
    ) -> Iterator[tuple[str, Float[ndarray, " m1"]]]:
        """Yield each molecule with the upper bound of every outcome and the logarithm of its chance to be feasible."""
        if smiles:
            beliefs = outlook.beliefs(smiles)
            bounds = [upper_bound(one, beta) for one in outlook.outcomes_of(beliefs)]
            chance = outlook.log_feasible(beliefs) + outlook.log_success(smiles)
            yield from zip(smiles, np.column_stack([*bounds, chance]), strict=True)

    def outlook(self, space: Space, history: History) -> Outlook:
        """Return what is expected, brought up to what was told.

        Raises:
            InputError: the space does not describe molecules.
        """
        if space.describe is None:
            raise InputError("Expected a space that describes molecules for structure-bayes. Use bayes or random.")
        if space not in self._followed:
            self._followed.clear()
            describe, kernels = (space.describe, (MinMax,)) if self.structure else (placed(space), KERNELS)
            self._followed[space] = Outlook(describe, most=self.most, noise=self.noise, kernels=kernels)
        self._followed[space].follow(history)
        return self._followed[space]

    @functools.cached_property
    def _lineage(self) -> Lineage:
        """What became of the model; nothing but time would be lost with it."""
        return Lineage(self.retrain)

    @functools.cached_property
    def _read(self) -> dict[Space, dict[str, Float[ndarray, " latent"]]]:
        """Where parents lie; likewise."""
        return {}

    @functools.cached_property
    def _followed(self) -> dict[Space, Outlook]:
        """What is expected in the search that goes on; nothing but time would be lost with it."""
        return {}


def placed(space: Space) -> Callable[[list[str]], csr_array]:
    """Return what tells where molecules lie, in standard deviations of the prior; NaN for those without a place."""
    middle, spread = space.scale
    return lambda smiles: csr_array((space.read(smiles) - middle) / spread)


def ranked(ahead: Mapping[str, Float[ndarray, " m1"]], wish: Wish) -> list[str]:
    """Return molecules, the most wanted first; ties in their order."""
    if not ahead:
        return []
    rows = np.stack(list(ahead.values()))
    wanted = wish(rows[:, :-1], rows[:, -1])
    names = list(ahead)
    return [names[at] for at in np.argsort(-wanted, kind="stable")]


def in_turn(lists: Sequence[Sequence[str]], n: int) -> list[str]:
    """Return the first n that come up when each list names its next in turn."""
    return list(dict.fromkeys(name for names in zip(*lists, strict=True) for name in names))[:n]
