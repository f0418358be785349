"""Mutations: one small change of a molecule, after the graph genetic algorithm of Jensen (Chem. Sci. 10, 3567).

Three more change places and nothing else: of a part, of two parts, of two atoms. By Jensen's alone, a molecule whose
parts are right and in the wrong places is reached only through worse ones.
"""

from collections.abc import Callable

import numpy as np
from rdkit import Chem

from chemvae.chem.edits.graph import (
    BONDS,
    USUAL,
    VALENCES,
    Graph,
    Limits,
    finish,
    graph_of,
    link,
    pick,
    reached,
    remove,
    touch,
    unlink,
)

TRIES = 8  # kinds of change drawn before we give up

FREQUENCY = {"C": 0.5, "N": 0.18, "O": 0.16, "F": 0.06, "S": 0.04, "Cl": 0.04, "Br": 0.01, "P": 0.005, "I": 0.005}
"""How often an element is drawn, about as drug-like molecules have them."""

RING_SIZES = {3: 0.05, 4: 0.05, 5: 0.35, 6: 0.45, 7: 0.1}
"""How often a new ring has so many atoms."""

Mutation = Callable[[Chem.RWMol, Graph, np.random.Generator, Limits], bool]
"""Changes the copy of a molecule in place; says whether it could."""


def append_atom(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Hang a new atom on one that has hydrogens to lose, or an oxygen on a sulphur or phosphorus that can take it."""
    oxides = [at for at in range(len(graph)) if takes_oxygen(graph, at)] if "O" in limits.elements else []
    sites = [at for at, hydrogens in enumerate(graph.hydrogens) if hydrogens]
    if not sites and not oxides:
        return False
    at = pick(rng, len(sites) + len(oxides))
    if at >= len(sites):
        link(mol, oxides[at - len(sites)], mol.AddAtom(Chem.Atom("O")), 2)
        return True
    symbol = draw_element(rng, limits, least=1)
    if symbol is None:
        return False
    most = min(graph.hydrogens[sites[at]], VALENCES[symbol], 3)
    link(mol, sites[at], mol.AddAtom(Chem.Atom(symbol)), 1 + pick(rng, most, (0.8, 0.15, 0.05)[:most]))
    return True


def insert_atom(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Put a new atom into a single bond."""
    single = [bond for bond in graph.bonds if bond.order == 1]
    symbol = draw_element(rng, limits, least=2)
    if not single or symbol is None:
        return False
    bond = single[pick(rng, len(single))]
    new = mol.AddAtom(Chem.Atom(symbol))
    unlink(mol, bond.a, bond.b)
    link(mol, bond.a, new)
    link(mol, new, bond.b)
    return True


def delete_atom(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Take an atom of up to three neighbours away and join these to one of them."""
    few = [at for at, around in enumerate(graph.around) if 1 <= len(around) <= 3]  # noqa: PLR2004
    if not few or len(graph) <= limits.least_atoms:
        return False
    at = few[pick(rng, len(few))]
    around = graph.around[at]
    hub = around[pick(rng, len(around))]
    touch(mol, *around)
    for other in around:
        if other != hub and mol.GetBondBetweenAtoms(hub, other) is None:
            link(mol, hub, other)
    remove(mol, [at])
    return True


def replace_atom(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Turn an atom into another element that can make as many bonds."""
    sites = [at for at, free in enumerate(graph.free) if free]
    if not sites:
        return False
    at = sites[pick(rng, len(sites))]
    symbol = draw_element(rng, limits, least=graph.used[at], other=graph.elements[at])
    if symbol is None:
        return False
    atom = mol.GetAtomWithIdx(at)
    atom.SetAtomicNum(Chem.GetPeriodicTable().GetAtomicNumber(symbol))
    atom.SetIsotope(0)
    touch(mol, at)
    return True


def change_bond(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Give a bond another order; a ring gets no triple bond."""
    del limits
    options = []
    for bond in graph.bonds:
        room = min(graph.hydrogens[bond.a], graph.hydrogens[bond.b])
        most = min(2 if bond.ring else 3, bond.order + room)
        options += [(bond, order) for order in range(1, most + 1) if bond.order and order != bond.order]
    if not options:
        return False
    bond, order = options[pick(rng, len(options))]
    mol.GetBondBetweenAtoms(bond.a, bond.b).SetBondType(BONDS[order])
    touch(mol, bond.a, bond.b)
    return True


def close_ring(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Join two atoms that have hydrogens to lose and stand as far apart as a ring of a drawn size wants."""
    sizes = [size for size in RING_SIZES if size <= limits.largest_ring]
    if not sizes:
        return False
    steps = sizes[pick(rng, len(sizes), [RING_SIZES[size] for size in sizes])] - 1
    rich = np.flatnonzero(graph.hydrogens)
    far = Chem.GetDistanceMatrix(graph.mol)[np.ix_(rich, rich)]
    pairs = np.argwhere(np.triu(far == steps))
    if not len(pairs):
        return False
    a, b = rich[pairs[pick(rng, len(pairs))]]
    link(mol, int(a), int(b))
    return True


def open_ring(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Take a bond of a ring away."""
    del limits
    rings = [bond for bond in graph.bonds if bond.ring]
    if not rings:
        return False
    bond = rings[pick(rng, len(rings))]
    unlink(mol, bond.a, bond.b)
    return True


def move_part(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Take a part off at a single bond and hang it on another atom of the rest."""
    del limits
    cuts = cuts_of(graph)
    if not cuts:
        return False
    stays, goes = cuts[pick(rng, len(cuts))]
    part = reached(graph, goes, {(stays, goes)})
    sites = [at for at, hydrogens in enumerate(graph.hydrogens) if hydrogens and at not in part and at != stays]
    if not sites:
        return False
    unlink(mol, stays, goes)
    link(mol, sites[pick(rng, len(sites))], goes)
    return True


def exchange_parts(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Let two parts, each held by a single bond, change places."""
    del limits
    cuts = cuts_of(graph)
    for _ in range(TRIES if cuts else 0):
        (a, one), (b, two) = (cuts[pick(rng, len(cuts))] for _ in range(2))
        apart = reached(graph, one, {(a, one)}).isdisjoint({b, *reached(graph, two, {(b, two)})})
        if a != b and apart and a not in reached(graph, two, {(b, two)}):
            unlink(mol, a, one)
            unlink(mol, b, two)
            link(mol, a, two)
            link(mol, b, one)
            return True
    return False


def swap_atoms(mol: Chem.RWMol, graph: Graph, rng: np.random.Generator, limits: Limits) -> bool:
    """Let two atoms at most two bonds apart change places, each able to make the other's bonds."""
    del limits
    able = [VALENCES.get(symbol, 0) if free else 0 for symbol, free in zip(graph.elements, graph.free, strict=True)]
    near = {(at, far) for at, around in enumerate(graph.around) for by in around for far in (by, *graph.around[by])}
    pairs = sorted(
        (a, b)
        for a, b in near
        if a < b and graph.elements[a] != graph.elements[b] and graph.used[a] <= able[b] and graph.used[b] <= able[a]
    )
    if not pairs:
        return False
    a, b = (mol.GetAtomWithIdx(at) for at in pairs[pick(rng, len(pairs))])
    for atom, number in ((a, b.GetAtomicNum()), (b, a.GetAtomicNum())):
        atom.SetAtomicNum(number)
        atom.SetIsotope(0)
    touch(mol, a.GetIdx(), b.GetIdx())
    return True


MUTATIONS: dict[str, tuple[Mutation, float]] = {
    "append": (append_atom, 0.2),
    "insert": (insert_atom, 0.15),
    "delete": (delete_atom, 0.15),
    "replace": (replace_atom, 0.15),
    "bond": (change_bond, 0.13),
    "close": (close_ring, 0.12),
    "open": (open_ring, 0.1),
    "move": (move_part, 0.08),
    "exchange": (exchange_parts, 0.06),
    "swap": (swap_atoms, 0.06),
}
"""Name to a change and how often it is drawn; the last three leave the composition as it is."""

KINDS = tuple(change for change, _ in MUTATIONS.values())
WEIGHTS = tuple(weight for _, weight in MUTATIONS.values())


def mutate(smiles: str, rng: np.random.Generator, limits: Limits = USUAL) -> str | None:
    """Return a molecule with one small change, in canonical form; None if nothing that was tried is a molecule.

    Args:
        smiles: the parent; of several parts the largest is changed.
        rng: of every choice.
        limits: what the child must keep to.
    """
    graph = graph_of(smiles)
    if graph is None:
        return None
    for _ in range(TRIES):
        mol = Chem.RWMol(graph.mol)
        change = KINDS[pick(rng, len(KINDS), WEIGHTS)]
        child = finish(mol, limits) if change(mol, graph, rng, limits) else None
        if child is not None and child != smiles:
            return child
    return None


def cuts_of(graph: Graph) -> list[tuple[int, int]]:
    """Return both ends of each single bond outside the rings: the atom that stays, and the first of what comes off."""
    bonds = [bond for bond in graph.bonds if bond.order == 1 and not bond.ring]
    return [ends for bond in bonds for ends in ((bond.a, bond.b), (bond.b, bond.a))]


def takes_oxygen(graph: Graph, at: int) -> bool:
    """Whether an atom is sulphur of two or four bonds, or phosphorus of three, none of them to hydrogen."""
    room = {"S": (2, 4), "P": (3,)}.get(graph.elements[at])
    return room is not None and graph.free[at] and not graph.hydrogens[at] and graph.used[at] in room


def draw_element(rng: np.random.Generator, limits: Limits, *, least: int, other: str = "") -> str | None:
    """Draw an element that makes at least so many bonds and is not one other; None if there is none."""
    able = [symbol for symbol in limits.elements if VALENCES[symbol] >= least and symbol != other]
    return able[pick(rng, len(able), [FREQUENCY[symbol] for symbol in able])] if able else None
