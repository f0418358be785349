"""Graph: a molecule that can be edited, and how an edited one becomes a SMILES string again.

Edits work on the Kekulé form, where every bond is single, double or triple. Stereochemistry stays wherever no edit
touches it; at an atom that gains or loses a bond it is dropped, since nobody said which side the new one is on.
"""

import functools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem.rdqueries import NumRadicalElectronsGreaterQueryAtom

from chemvae.chem.judge import read, write
from chemvae.errors import InputError

SINGLE = Chem.BondType.SINGLE
BONDS = {1: Chem.BondType.SINGLE, 2: Chem.BondType.DOUBLE, 3: Chem.BondType.TRIPLE}
ORDERS = {kind: order for order, kind in BONDS.items()}

VALENCES = {"C": 4, "N": 3, "O": 2, "F": 1, "S": 2, "Cl": 1, "Br": 1, "P": 3, "I": 1}
"""Elements that an edit may bring in, and how many bonds each makes."""

# Two double bonds at one atom of a ring, a triple bond in a ring, a double bond in a ring of three or four.
STRAINED = Chem.MolFromSmarts("[$(*=@*=@*),$(*#@*),$([r3,r4]=@[r3,r4])]")
RADICAL = NumRadicalElectronsGreaterQueryAtom(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an edited molecule must keep to."""

    least_atoms: int = 3
    """heavy atoms"""
    most_atoms: int = 60
    """heavy atoms; without a cap, growth exploits most scores"""
    largest_ring: int = 7
    """atoms of a ring"""
    elements: tuple[str, ...] = ("C", "N", "O", "F", "S", "Cl", "Br", "P")
    """elements that an edit may bring in, out of `VALENCES`; a parent's others may stay"""

    def __post_init__(self) -> None:
        strange = [symbol for symbol in self.elements if symbol not in VALENCES]
        if strange or not self.elements:
            raise InputError(
                f"Expected elements out of {', '.join(VALENCES)}, but got {', '.join(strange) or 'none'}. Leave it out."
            )
        if not 1 <= self.least_atoms <= self.most_atoms:
            raise InputError(
                f"Expected at least 1 atom and a cap above, but got {self.least_atoms} to {self.most_atoms}. Widen it."
            )


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Bond:
    """A bond of the Kekulé form."""

    a: int
    b: int
    order: int
    """0 for one that is neither single, double nor triple; it is left alone"""
    ring: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """One molecule ready to be edited; edits work on a copy of `mol`."""

    smiles: str
    mol: Chem.Mol
    """in Kekulé form"""
    elements: tuple[str, ...]
    hydrogens: tuple[int, ...]
    """on each atom"""
    used: tuple[int, ...]
    """how many bonds each atom has to others, a double one counted twice"""
    free: tuple[bool, ...]
    """whether each atom is uncharged and without radical, so that it may become another element"""
    bonds: tuple[Bond, ...]
    around: tuple[tuple[int, ...], ...]
    """the neighbours of each atom"""
    rings: tuple[tuple[int, ...], ...]
    """the bonds of each ring"""

    def __len__(self) -> int:
        return len(self.elements)


@functools.lru_cache(maxsize=8192)
def graph_of(smiles: str) -> Graph | None:
    """Return the largest part of a molecule, ready to be edited; None for what cannot be read."""
    mol = read(smiles)
    if mol is None:
        return None
    try:
        with rdBase.BlockLogs():
            if "." in smiles:
                mol = max(Chem.GetMolFrags(mol, asMols=True), key=Chem.Mol.GetNumAtoms)
            mol = Chem.Mol(mol)
            Chem.Kekulize(mol, clearAromaticFlags=True)
    except (RuntimeError, ValueError):
        return None
    atoms = [mol.GetAtomWithIdx(at) for at in range(mol.GetNumAtoms())]  # GetAtoms takes longer
    bonds = tuple(bond_of(mol.GetBondWithIdx(at)) for at in range(mol.GetNumBonds()))
    used = [0] * len(atoms)
    around: list[list[int]] = [[] for _ in atoms]
    for bond in bonds:
        for here, there in ((bond.a, bond.b), (bond.b, bond.a)):
            used[here] += bond.order
            around[here].append(there)
    return Graph(
        smiles,
        mol,
        tuple(atom.GetSymbol() for atom in atoms),
        tuple(atom.GetTotalNumHs() for atom in atoms),
        tuple(used),
        tuple(atom.GetFormalCharge() == 0 and atom.GetNumRadicalElectrons() == 0 for atom in atoms),
        bonds,
        tuple(map(tuple, around)),
        tuple(tuple(ring) for ring in mol.GetRingInfo().BondRings()),
    )


def bond_of(bond: Chem.Bond) -> Bond:
    """Return what is known of a bond."""
    return Bond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), ORDERS.get(bond.GetBondType(), 0), bond.IsInRing())


def reached(graph: Graph, start: int, cut: set[tuple[int, int]]) -> frozenset[int]:
    """Return the atoms that can be reached from one without crossing cut bonds."""
    closed = cut | {(b, a) for a, b in cut}
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for there in graph.around[here]:
            if there not in seen and (here, there) not in closed:
                seen.add(there)
                waiting.append(there)
    return frozenset(seen)


def touch(mol: Chem.RWMol, *atoms: int) -> None:
    """Let RDKit work out the hydrogens of atoms anew, and forget the stereochemistry that they take part in."""
    for index in atoms:
        atom = mol.GetAtomWithIdx(index)
        atom.SetNoImplicit(False)
        atom.SetNumExplicitHs(0)
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        for bond in atom.GetBonds():
            bond.SetStereo(Chem.BondStereo.STEREONONE)
            bond.SetBondDir(Chem.BondDir.NONE)


def link(mol: Chem.RWMol, a: int, b: int, order: int = 1) -> None:
    """Add a bond."""
    mol.AddBond(a, b, BONDS[order])
    touch(mol, a, b)


def unlink(mol: Chem.RWMol, a: int, b: int) -> None:
    """Remove a bond."""
    touch(mol, a, b)
    mol.RemoveBond(a, b)


def remove(mol: Chem.RWMol, atoms: Sequence[int]) -> None:
    """Remove atoms and their bonds, all at once, since every removal renumbers the others."""
    mol.BeginBatchEdit()
    for atom in atoms:
        mol.RemoveAtom(atom)
    mol.CommitBatchEdit()


def finish(mol: Chem.RWMol, limits: Limits) -> str | None:
    """Return the canonical SMILES of an edited molecule, or None if it is none or breaks a limit."""
    if not limits.least_atoms <= mol.GetNumHeavyAtoms() <= limits.most_atoms:
        return None
    try:
        with rdBase.BlockLogs():
            if Chem.SanitizeMol(mol, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE or not sound(mol, limits):
                return None
    except (RuntimeError, ValueError):
        return None
    smiles = write(mol)
    return None if smiles is None or "." in smiles else smiles


def sound(mol: Chem.Mol, limits: Limits) -> bool:
    """Whether a molecule has no radical, no ring that is too large and no strained bond."""
    rings = mol.GetRingInfo().AtomRings()
    if any(len(ring) > limits.largest_ring for ring in rings):
        return False
    if len(mol.GetAtomsMatchingQuery(RADICAL)):
        return False
    return not (rings and mol.HasSubstructMatch(STRAINED))


def pick(rng: np.random.Generator, n: int, weights: Sequence[float] | None = None) -> int:
    """Draw one of n, by weights if given."""
    if weights is None:
        return int(rng.integers(n))
    heights = list(accumulate(weights))
    return min(bisect_right(heights, rng.random() * heights[-1]), n - 1)
