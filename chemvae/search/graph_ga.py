"""GraphGA: a genetic algorithm on molecular graphs; the baseline without a model of what is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from chemvae.errors import ConfigError, InputError
from chemvae.molecule import Molecule, Verdict
from chemvae.search import moves
from chemvae.search.history import History
from chemvae.search.space import Edits, Pool, Space, Written


@dataclass(frozen=True, kw_only=True)
class GraphGA:
    """Crossover and mutation of the best molecules, in small generations, measured as they come.

    Every molecule that was measured may be a parent, its rank drawn evenly on a logarithmic scale, which needs no scale
    of the values and keeps the population diverse (Tripp and Hernandez-Lobato, 2023).
    """

    places: ClassVar[bool] = False
    """it works on molecules, wherever they lie"""
    population: int = 1000
    """most molecules that are parents: the best"""
    mutation: float = 0.1
    """share of children that are one parent changed; the others are two parents crossed"""
    begin: int = 50
    """measured molecules below which half of the proposals are drawn from the model's prior"""
    oversample: int = 2
    """children for each call; some are known already"""

    def __post_init__(self) -> None:
        if self.mutation > 1.0:
            raise ConfigError(f"Expected a share of at most 1 of mutations, but got {self.mutation}.")

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Written:
        """Return about n children of measured molecules, and molecules of the prior while few are measured."""
        edits, rows = edits_of(space), history.best_measured(self.population)
        n_fresh = n if not len(rows) else n // 2 if len(history.measured) < self.begin else 0
        parents = [history.smiles[row] for row in rows]
        children = Written.joined(
            decoded(n_fresh, space, rng), bred(n - n_fresh, parents, edits, rng, mutation=self.mutation)
        )
        return shuffled(children, rng)

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return the first k."""
        del pool, history, space, rng
        return np.arange(k)


def shuffled(written: Written, rng: np.random.Generator) -> Written:
    """Return the same molecules in random order, so that the first k are a fair sample."""
    order = rng.permutation(len(written.how)).tolist()
    return Written(tuple(written.molecules[at] for at in order), tuple(written.how[at] for at in order))


def decoded(n: int, space: Space, rng: np.random.Generator) -> Written:
    """Return what n points of the prior decode to."""
    return Written(tuple(space.write(space.draw(n, rng))), ("prior",) * n) if n else Written((), ())


def bred(n: int, parents: Sequence[str], edits: Edits, rng: np.random.Generator, *, mutation: float) -> Written:
    """Return up to n children of parents that stand best first; what came to nothing is left out."""
    if not parents:
        return Written((), ())
    mothers, fathers = (moves.ranks(n, len(parents), rng).tolist() for _ in range(2))
    found: list[tuple[Molecule, str]] = []
    for mother, father, changed in zip(mothers, fathers, (rng.random(n) < mutation).tolist(), strict=True):
        one, two = parents[mother], parents[father]
        child = edits.mutate(one, rng) if changed else edits.cross(one, two, rng)
        if child is not None:
            found.append((Molecule(child, child, Verdict.VALID), "mutation" if changed else "crossover"))
    return Written(tuple(child for child, _ in found), tuple(how for _, how in found))


def edits_of(space: Space) -> Edits:
    """Return the edits of molecules.

    Raises:
        InputError: there are none.
    """
    if space.edits is None:
        raise InputError("Expected a space with edits of molecules for this method. Use bayes or random.")
    return space.edits
