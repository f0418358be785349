"""Crossover: parts of two molecules joined, after the graph genetic algorithm of Jensen (Chem. Sci. 10, 3567).

Each parent is cut, either at one single bond outside its rings or at two bonds of one ring; one part of each is taken,
and the two are joined where they were cut.
"""

from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from chemvae.chem.edits.graph import USUAL, Graph, Limits, finish, graph_of, link, pick, reached, remove, touch

TRIES = 10  # pairs of cuts before we give up


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a molecule, and where it was cut off."""

    graph: Graph
    atoms: frozenset[int]
    ends: tuple[tuple[int, int], ...]
    """atoms at the cut, each with the order of the bond that it lost"""


def crossover(first: str, second: str, rng: np.random.Generator, limits: Limits = USUAL) -> str | None:
    """Return a molecule made of parts of two, in canonical form; None if nothing that was tried is a molecule.

    Args:
        first: one parent; of several parts the largest counts.
        second: the other.
        rng: of every choice.
        limits: what the child must keep to.
    """
    one, two = graph_of(first), graph_of(second)
    if one is None or two is None:
        return None
    for _ in range(TRIES):
        cut = cut_ring if rng.random() < 0.5 else cut_chain  # noqa: PLR2004
        left, right = cut(one, rng), cut(two, rng)
        if left is None or right is None:
            continue
        if not limits.least_atoms <= len(left.atoms) + len(right.atoms) <= limits.most_atoms:
            continue
        child = finish(joined(left, right, rng), limits)
        if child is not None and child not in (first, second):
            return child
    return None


def cut_chain(graph: Graph, rng: np.random.Generator) -> Piece | None:
    """Cut one single bond outside the rings and take one of the two parts."""
    bonds = [at for at, bond in enumerate(graph.bonds) if bond.order == 1 and not bond.ring]
    if not bonds:
        return None
    bond = graph.bonds[bonds[pick(rng, len(bonds))]]
    a, b = (bond.a, bond.b) if rng.integers(2) else (bond.b, bond.a)
    return Piece(graph, reached(graph, a, {(a, b)}), ((a, 1),))


def cut_ring(graph: Graph, rng: np.random.Generator) -> Piece | None:
    """Cut two bonds of one ring and take one of the two parts; None if they belong to other rings too."""
    if not graph.rings:
        return None
    ring = graph.rings[pick(rng, len(graph.rings))]
    one, two = (graph.bonds[ring[at]] for at in rng.choice(len(ring), size=2, replace=False))
    if not (one.order and two.order):
        return None
    a, b = (one.a, one.b) if rng.integers(2) else (one.b, one.a)
    atoms = reached(graph, a, {(one.a, one.b), (two.a, two.b)})
    if b in atoms or (two.a in atoms) == (two.b in atoms):
        return None
    return Piece(graph, atoms, ((a, one.order), (two.a if two.a in atoms else two.b, two.order)))


def joined(left: Piece, right: Piece, rng: np.random.Generator) -> Chem.RWMol:
    """Join two pieces where they were cut: a bond keeps its order if both lost one of the same, else it is single."""
    shift = len(left.graph)
    mol = Chem.RWMol(Chem.CombineMols(left.graph.mol, right.graph.mol))
    others = right.ends if rng.integers(2) else right.ends[::-1]
    for (a, lost_a), (b, lost_b) in zip(left.ends, others, strict=True):
        touch(mol, a, b + shift)
        if mol.GetBondBetweenAtoms(a, b + shift) is None:  # two pieces of one atom each have but one bond to make
            link(mol, a, b + shift, lost_a if lost_a == lost_b else 1)
    gone = [at for at in range(shift) if at not in left.atoms]
    gone += [at + shift for at in range(len(right.graph)) if at not in right.atoms]
    remove(mol, gone)
    return mol
