"""The atoms of many molecules as flat arrays: what each is and what it is bonded to, as a number that is exact.

Much of what is computed of a molecule is a sum over atoms in which each counts by its surroundings alone, and the same
few thousand surroundings come up again and again. Numbered, they are asked about once.
"""

import functools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int, Int64
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

MOST_ATOMS = 150  # a table of all pairs of atoms is written on the way
MOST_BONDS = 4  # of one atom
MOST_KNOWN = 2**20  # numbers given before all are forgotten: memory stays flat, and a number fits into 21 bits
ORDERS = {2: 0, 4: 1, 6: 2, 3: 3}  # twice the bond order: single, double, triple, aromatic
SINGLE, DOUBLE, TRIPLE, AROMATIC = range(4)


@dataclass(frozen=True, slots=True)
class Kind:
    """What an atom is by itself."""

    element: int
    """atomic number"""
    aromatic: bool
    """whether it is lower case in SMILES"""
    charge: int
    """formal charge"""
    hydrogens: int
    """how many it carries"""
    bonds: int
    """how many it has to other atoms in the graph, hydrogens left out"""
    ring: bool
    """whether it is in one"""


Around = tuple[tuple[int, int], ...]
"""What an atom is bonded to: bond order and number of the other atom's kind, for each bond."""


class Numbers:
    """Numbers for keys, given in the order in which they first come up and kept."""

    def __init__(self) -> None:
        """Know none."""
        self._known: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, keys: Int64[ndarray, " n"]) -> tuple[Int64[ndarray, " n"], list[int]]:
        """Return the number of each key, and the first place of each key that had none, in the order of its number."""
        different, first, back = np.unique(keys, return_index=True, return_inverse=True)
        fresh = []
        numbers = np.empty(len(different), dtype=np.int64)
        for at, key in enumerate(different.tolist()):
            number = self._known.get(key)
            if number is None:
                number = self._known[key] = len(self._known)
                fresh.append(int(first[at]))
            numbers[at] = number
        return numbers[back], fresh


@dataclass(slots=True)
class Memory:
    """What was seen so far: every kind of atom and every neighbourhood has one number."""

    kinds: list[Kind] = field(default_factory=list)
    """by number"""
    near: list[tuple[int, Around]] = field(default_factory=list)
    """by number: an atom's kind and what it is bonded to"""
    of_kind: Numbers = field(default_factory=Numbers)
    of_pairs: Numbers = field(default_factory=Numbers)
    of_near: Numbers = field(default_factory=Numbers)
    of_far: Numbers = field(default_factory=Numbers)
    learned: dict[str, Any] = field(default_factory=dict)
    """what others know of these numbers; it is forgotten with them"""

    @property
    def full(self) -> bool:
        """Whether it is time to forget."""
        return max(map(len, (self.of_kind, self.of_pairs, self.of_near, self.of_far))) > MOST_KNOWN


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The atoms of n molecules, laid end to end."""

    mols: Sequence[Chem.Mol]
    """the molecules, each of them `ordinary`"""
    starts: Int64[ndarray, " n_and_one"]
    """where the atoms of each begin, and where the last one's end"""
    kind: Int64[ndarray, " atoms"]
    """number of each atom's kind"""
    near: Int64[ndarray, " atoms"]
    """number of an atom with its bonds and the kinds at their ends"""
    source: Int64[ndarray, " ends"]
    """one end of each bond; every bond is there twice, once from either end"""
    target: Int64[ndarray, " ends"]
    """the other end"""
    order: Int64[ndarray, " ends"]
    """SINGLE, DOUBLE, TRIPLE or AROMATIC"""
    memory: Memory
    """who gave the numbers"""

    @property
    def molecule(self) -> Int64[ndarray, " atoms"]:
        """The molecule of each atom."""
        return np.repeat(np.arange(len(self.mols)), np.diff(self.starts))

    def of_kinds(self, name: str) -> Int[ndarray, " atoms"]:
        """Return a field of `Kind` for each atom, truth values as 0 and 1."""
        return np.array([int(getattr(kind, name)) for kind in self.memory.kinds], dtype=np.int64)[self.kind]

    def far(self, atoms: Int64[ndarray, " some"]) -> Int64[ndarray, " some"]:
        """Return for some atoms the number of each with its bonds and, at their ends, atoms with their bonds.

        Args:
            atoms: their places, ascending.
        """
        place = np.full(len(self.kind), -1)
        place[atoms] = np.arange(len(atoms))
        some = place[self.source] >= 0
        ends = (place[self.source[some]], self.target[some], self.order[some])
        return _numbered(self.near[atoms], self.near, ends, self.memory, self.memory.of_far)[0]


LOCK = threading.RLock()
"""Held by whoever works with the memory."""


@functools.cache
def _only() -> list[Memory]:
    return [Memory()]


def memory() -> Memory:
    """Return what was seen so far in this process."""
    only = _only()
    if only[0].full:
        only[0] = Memory()
    return only[0]


@functools.cache
def _strange() -> tuple[Chem.Mol, ...]:
    """Return patterns of bonds that are none of four kinds, and of isotopes and atoms with more than four bonds."""
    return Chem.MolFromSmarts("*!-!=!#!:*"), Chem.MolFromSmarts("[$([!D0;!D1;!D2;!D3;!D4]),!0*]")


def ordinary(mol: Chem.Mol) -> bool:
    """Whether the atoms of a molecule can be numbered here: no hydrogens, dummies, isotopes, unusual bonds."""
    n = mol.GetNumAtoms()
    return 0 < n <= MOST_ATOMS and mol.GetNumHeavyAtoms() == n and not any(map(mol.HasSubstructMatch, _strange()))


def surroundings(mols: Sequence[Chem.Mol]) -> Surroundings:
    """Return the atoms of sanitised, `ordinary` molecules as arrays, numbered as before in this process."""
    known = memory()
    sizes = np.array([mol.GetNumAtoms() for mol in mols], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    source, target, order = _ends(mols, sizes, starts)
    aromatic = np.zeros(starts[-1], dtype=np.int64)
    aromatic[source[order == AROMATIC]] = 1
    # RDKit's number of what an atom is: element, charge, bonds, hydrogens, in a ring or not. 32 bits, of a few hundred
    # things; the bonds are compared one by one below.
    own = [number for mol in mols for number in rdMolDescriptors.GetConnectivityInvariants(mol, True)]
    kind, fresh = known.of_kind.of(np.array(own, dtype=np.int64) * 2 + aromatic)
    for at in fresh:
        which = int(np.searchsorted(starts, at, side="right")) - 1
        known.kinds.append(_kind(mols[which].GetAtomWithIdx(at - int(starts[which]))))
    ends = (source, target, order)
    near, fresh = _numbered(kind, kind, ends, known, known.of_near)
    begins = np.searchsorted(source, np.arange(len(kind) + 1))
    for at in fresh:
        bonds = slice(begins[at], begins[at + 1])
        around = tuple(zip(order[bonds].tolist(), kind[target[bonds]].tolist(), strict=True))
        known.near.append((int(kind[at]), around))
    return Surroundings(mols, starts, kind, near, source, target, order, known)


def _ends(mols: Sequence[Chem.Mol], sizes: ndarray, starts: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """Return every bond from both ends, ordered by the first: the two atoms and the order."""
    tables = [(2 * Chem.GetAdjacencyMatrix(mol, True)).astype(np.uint8).ravel() for mol in mols]
    flat = np.concatenate([np.empty(0, dtype=np.uint8), *tables])
    at = np.flatnonzero(flat)
    first = np.concatenate([[0], np.cumsum(sizes**2)])
    which = np.searchsorted(first, at, side="right") - 1
    row, column = np.divmod(at - first[which], sizes[which])
    codes = np.zeros(max(ORDERS) + 1, dtype=np.int64)
    codes[list(ORDERS)] = list(ORDERS.values())
    return starts[which] + row, starts[which] + column, codes[flat[at]]


def _kind(atom: Chem.Atom) -> Kind:
    return Kind(
        atom.GetAtomicNum(),
        atom.GetIsAromatic(),
        atom.GetFormalCharge(),
        atom.GetTotalNumHs(),
        atom.GetDegree(),
        atom.IsInRing(),
    )


def _numbered(
    own: Int64[ndarray, " some"],
    label: Int64[ndarray, " atoms"],
    ends: tuple[ndarray, ndarray, ndarray],
    known: Memory,
    numbers: Numbers,
) -> tuple[Int64[ndarray, " some"], list[int]]:
    """Return numbers for atoms by what they are and by the labels around them; nothing is hashed: equal means equal."""
    source, target, order = ends
    rows = np.zeros((len(own), MOST_BONDS), dtype=np.int64)
    place = np.arange(len(source)) - np.searchsorted(source, source)
    rows[source, place] = label[target] * len(ORDERS) + order + 1
    rows.sort(axis=1)
    left, _ = known.of_pairs.of((rows[:, 0] << 24) | rows[:, 1])
    right, _ = known.of_pairs.of((rows[:, 2] << 24) | rows[:, 3])
    return numbers.of((own << 42) | (left << 21) | right)
