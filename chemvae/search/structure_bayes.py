"""StructureBayes: a Gaussian process on structures judges what graph edits and latent moves propose.

In every round a population of molecules evolves under the process's upper bound, which costs no call: parents are drawn
by it, children come of graph edits and of moves in latent space, and the best of all are measured. The process works
on structures and the latent space proposes, because distance in latent space says less about a property than
substructures do, and a decoder writes molecules that edits would not reach.
"""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from chemvae.errors import ConfigError, InputError
from chemvae.molecule import Molecule, Verdict
from chemvae.search import moves
from chemvae.search.acquire import greedy, upper_bound
from chemvae.search.credit import shares
from chemvae.search.graph_ga import bred, decoded, edits_of, shuffled
from chemvae.search.history import History
from chemvae.search.retraining import OFF, Lineage
from chemvae.search.space import Pool, Proposals, Space, Written
from chemvae.search.surrogate import Surrogate

EDITS = ("crossover", "mutation")
MOVES = (*EDITS, "local", "arc", "prior")


@dataclass(frozen=True, kw_only=True)
class StructureBayes:
    """Upper bound of a count-Tanimoto process, made large by an evolution of graph edits and latent moves."""

    places: ClassVar[bool] = False
    """it asks where molecules lie itself, and of few"""
    generations: int = 4
    """of the evolution in each round"""
    children: int = 150
    """in each generation"""
    parents: int = 300
    """most measured molecules that the evolution begins from"""
    begin: int = 50
    """measured molecules below which it proposes as `graph-ga` does"""
    edits: float = 1.0
    """how much graph edits count beside latent moves when proposals are shared out; 0 turns them off"""
    latent: float = 0.5
    """the same of latent moves, which cost more time"""
    radius: float = 0.6
    """longest step of a local move, in standard deviations of the prior per dimension"""
    least_beta: float = 0.01
    """weight of the uncertainty, drawn anew in each round between this and `most_beta`, its logarithm evenly"""
    most_beta: float = 1.0
    most: int = 10_000
    """molecules that the process reasons from"""
    retrain: int = field(default=0, metadata=OFF)
    """calls after which the model that latent moves come from is taught what was measured; 0 for never"""
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
        if len(history.measured) < self.begin:
            return self.first(n, history, space, rng)
        surrogate, beta = self.surrogate(space, history), self.beta(history)
        begun = [history.smiles[row] for row in history.best_measured(self.parents)]
        bound = dict(zip(begun, upper_bound(surrogate.belief(begun), beta).tolist(), strict=True))
        quota = shares(history, MOVES, [self.edits if move in EDITS else self.latent for move in MOVES])
        found, source = Evolved(known=frozenset(history.smiles)), self._lineage.newest(space, history)
        for _ in range(self.generations):
            parents = sorted(bound, key=lambda one: -bound[one])
            new = found.add(self.brood(parents, quota, source, rng), space)
            bound |= dict(zip(new, upper_bound(surrogate.belief(new), beta).tolist(), strict=True))
        return found.written(sorted(found.allowed, key=lambda one: -bound[one])[:n])

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return k molecules by upper bound, each as if those before it and those pending had been measured."""
        del rng
        if len(history.measured) < self.begin or k >= len(pool):
            return np.arange(k)
        pending = len(pool.pending)
        joint = self.surrogate(space, history).joint([*pool.pending, *pool.smiles])
        return greedy(joint, k, self.beta(history), pending=pending) - pending

    def first(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return molecules of the prior, and children of what was measured, while that is too little to learn from."""
        rows = history.best_measured(self.parents) if self.edits else np.empty(0, dtype=np.int64)
        n_bred = n // 2 if len(rows) else 0
        parents = [history.smiles[row] for row in rows]
        children = bred(n_bred, parents, edits_of(space), rng, mutation=0.5) if n_bred else Written((), ())
        return shuffled(Written.joined(decoded(n - n_bred, space, rng), children), rng)

    def brood(
        self, parents: Sequence[str], quota: Mapping[str, float], space: Space, rng: np.random.Generator
    ) -> Written:
        """Return children of parents that stand best first, by every move so many as its share says."""
        n = dict(zip(quota, rng.multinomial(self.children, list(quota.values())).tolist(), strict=True))
        parts = [decoded(n["prior"], space, rng)]
        for move, mutation in (("crossover", 0.0), ("mutation", 1.0)):
            if n[move]:
                parts.append(bred(n[move], parents, edits_of(space), rng, mutation=mutation))
        if n["local"] + n["arc"]:
            parts.append(self.moved(n["local"], n["arc"], parents, space, rng))
        return Written.joined(*parts)

    def moved(
        self, n_local: int, n_arc: int, parents: Sequence[str], space: Space, rng: np.random.Generator
    ) -> Written:
        """Return what is decoded around parents and between two of them; parents without a place are left out."""
        middle, spread = space.scale
        ranks = moves.ranks(n_local + 2 * n_arc, len(parents), rng)
        drawn, where = np.unique(ranks, return_inverse=True)
        z = space.read([parents[rank] for rank in drawn])[where]  # each parent is encoded once
        one, (mother, father) = z[:n_local], np.split(z[n_local:], 2)
        one = one[np.isfinite(one).all(axis=1)]
        both = np.isfinite(mother).all(axis=1) & np.isfinite(father).all(axis=1)
        points = Proposals.joined(
            moves.local(one, self.radius * rng.uniform(0.2, 1.0, len(one)), spread, rng),
            moves.crossover(mother[both], father[both], middle, rng),
        )
        how = tuple("arc" if how == "crossover" else how for how in points.how)
        return Written(tuple(space.write(points.z)), how) if how else Written((), ())

    def beta(self, history: History) -> float:
        """Return the weight of the uncertainty in this round; it depends on what was measured alone."""
        chance = np.random.default_rng([len(history), zlib.crc32(" ".join(history.smiles[-8:]).encode())])
        low, high = np.log(self.least_beta), np.log(self.most_beta)
        return float(np.exp(chance.uniform(low, high)))

    def surrogate(self, space: Space, history: History) -> Surrogate:
        """Return the process, brought up to what was told.

        Raises:
            InputError: the space does not describe molecules.
        """
        if space.describe is None:
            raise InputError("Expected a space that describes molecules for structure-bayes. Use bayes or random.")
        if space not in self._followed:
            self._followed.clear()
            self._followed[space] = Surrogate(space.describe, most=self.most)
        self._followed[space].follow(history)
        return self._followed[space]

    @functools.cached_property
    def _lineage(self) -> Lineage:
        """What became of the model; nothing but time would be lost with it."""
        return Lineage(self.retrain)

    @functools.cached_property
    def _followed(self) -> dict[Space, Surrogate]:
        """The process of the search that goes on; nothing but time would be lost with it."""
        return {}


@dataclass
class Evolved:
    """New molecules that came up in an evolution, by the move that led to each."""

    known: frozenset[str]
    """molecules that are not new"""
    allowed: dict[str, str] = field(default_factory=dict)
    """those that meet every known constraint"""
    others: dict[str, Molecule] = field(default_factory=dict)
    """those that do not, and what is no molecule"""

    def add(self, children: Written, space: Space) -> list[str]:
        """Take in children and return those that are new and allowed."""
        new: dict[str, str] = {}
        for molecule, how in zip(children.molecules, children.how, strict=True):
            if molecule.smiles is None:
                self.others[molecule.text] = molecule
            elif not (
                molecule.smiles in self.known or molecule.smiles in self.allowed or molecule.smiles in self.others
            ):
                new.setdefault(molecule.smiles, how)
        fine = space.allows(list(new)) if space.allows and new else [True] * len(new)
        for smiles, allowed in zip(list(new), fine, strict=True):
            if not allowed:
                self.others[smiles] = Molecule(smiles, smiles, Verdict.VALID)
                del new[smiles]
        self.allowed |= new
        return list(new)

    def written(self, best: Sequence[str]) -> Written:
        """Return the best as proposals; if nothing is allowed, the others, so that it is known why."""
        if not best:
            return Written(tuple(self.others.values()), ("none",) * len(self.others))
        molecules = tuple(Molecule(smiles, smiles, Verdict.VALID) for smiles in best)
        return Written(molecules, tuple(self.allowed[smiles] for smiles in best))
