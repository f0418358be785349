"""Which of many SMARTS patterns a molecule can contain at all, judged by its atoms and their bonds one by one.

A pattern is taken apart into its atoms with their bonds, and a molecule must have as many that can be them. What RDKit
says of each is read as a condition on an atom; what is not understood counts as fulfilled. So the answer errs to one
side only: a pattern that is ruled out is not there.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, UInt8
from numpy import ndarray
from rdkit import Chem

from chemvae.chem.surroundings import AROMATIC, DOUBLE, SINGLE, TRIPLE, Around, Kind, Surroundings

AROMATIC_TYPE = 1000  # RDKit adds it to the element of an aromatic atom
FIELDS: dict[str, Callable[[Kind, int], bool]] = {
    "AtomType": lambda kind, n: kind.element + AROMATIC_TYPE * kind.aromatic == n,
    "AtomAtomicNum": lambda kind, n: kind.element == n,
    "AtomIsAromatic": lambda kind, n: kind.aromatic == bool(n),
    "AtomIsAliphatic": lambda kind, n: kind.aromatic != bool(n),
    "AtomFormalCharge": lambda kind, n: kind.charge == n,
    "AtomIsotope": lambda _, n: n == 0,
    "AtomHCount": lambda kind, n: kind.hydrogens == n,
    "AtomTotalDegree": lambda kind, n: kind.bonds + kind.hydrogens == n,
    "AtomExplicitDegree": lambda kind, n: kind.bonds == n,
}
"""What can be said of an atom by its kind, by RDKit's name for it."""
ORDERS = {1: SINGLE, 2: DOUBLE, 3: TRIPLE, 12: AROMATIC}
"""Our bond orders by RDKit's number for them."""
DEPTH = 2
"""Spaces by which RDKit sets in what belongs to the line before."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on an atom or a bond, as RDKit describes it: a line, and what is set in below it."""

    words: tuple[str, ...]
    """the line"""
    below: tuple["Condition", ...]
    """what it joins"""

    def may_hold(self, holds: Callable[[tuple[str, ...]], bool]) -> bool:
        """Whether it can be fulfilled; `holds` says so of a line that joins nothing, True where it cannot tell."""
        match self.words:
            case ("AtomAnd" | "BondAnd",):
                return all(one.may_hold(holds) for one in self.below)
            case ("AtomOr" | "BondOr",):
                return any(one.may_hold(holds) for one in self.below)
        return bool(self.below) or holds(self.words)


def read_condition(text: str) -> Condition:
    """Read what RDKit says of an atom or a bond of a pattern."""
    lines = [line for line in text.splitlines() if line.strip()]
    return _read(lines, 0) if lines else Condition((), ())


def _read(lines: Sequence[str], depth: int) -> Condition:
    below: list[list[str]] = []
    for line in lines[1:]:
        if len(line) - len(line.lstrip()) == depth + DEPTH:
            below.append([])
        below[-1].append(line)
    return Condition(tuple(lines[0].split()), tuple(_read(part, depth + DEPTH) for part in below))


def may_be_atom(kind: Kind, words: tuple[str, ...]) -> bool:
    """Whether an atom of a kind can fulfil one line."""
    match words:
        case ("AtomInNRings", "0", "=", "val") | ("AtomInNRings", "-1", "!=", "val"):
            return not kind.ring
        case ("AtomInNRings", _, "=", "val"):
            return kind.ring
        case (name, number, ("=" | "!=") as sign, "val") if name in FIELDS:
            return FIELDS[name](kind, int(number)) == (sign == "=")
    return True


def may_be_bond(order: int, words: tuple[str, ...]) -> bool:
    """Whether a bond of an order can fulfil one line."""
    match words:
        case ("SingleOrAromaticBond", "1", "=", "val"):
            return order in (SINGLE, AROMATIC)
        case ("BondOrder", number, ("=" | "!=") as sign, "val") if int(number) in ORDERS:
            return (order == ORDERS[int(number)]) == (sign == "=")
    return True


@dataclass(frozen=True, slots=True)
class Star:
    """An atom of a pattern with its bonds: numbers of conditions."""

    atom: int
    """what it must be"""
    bonds: tuple[tuple[int, int], ...]
    """what a bond and the atom at its end must be, for each"""


class Screen:
    """Patterns taken apart, and what is known of which surroundings serve which part."""

    def __init__(self, patterns: Sequence[Chem.Mol]):
        """Take the patterns apart."""
        self._conditions: dict[str, int] = {}
        self._stars: dict[Star, int] = {}
        parts = [Counter(map(self._star, pattern.GetAtoms())) for pattern in patterns]
        needs = {need: at for at, need in enumerate(dict.fromkeys(need for part in parts for need in part.items()))}
        self._needs: Int64[ndarray, "needs 2"] = np.array(list(needs), dtype=np.int64).reshape(-1, 2)
        """a star, and how many atoms of a molecule must be like it"""
        self._needed = np.zeros((len(patterns), len(needs)), dtype=np.float32)
        for pattern, part in enumerate(parts):
            self._needed[pattern, [needs[need] for need in part.items()]] = 1
        self._read = [read_condition(text) for text in self._conditions]
        self._atoms: dict[tuple[int, Kind], bool] = {}
        self._bonds: dict[tuple[int, int], bool] = {}
        self._all = tuple(self._stars)
        self._by_kind: list[list[int]] = []
        """stars that an atom of a kind can be, whatever it is bonded to"""
        self._serves: UInt8[ndarray, "near stars"] = np.zeros((0, len(self._stars)), dtype=np.uint8)

    def may_contain(self, atoms: Surroundings) -> Bool[ndarray, "n patterns"]:
        """Return which patterns each molecule can contain."""
        near = atoms.memory.near
        if len(near) > len(self._serves):
            new = [self._stars_of(atoms.memory.kinds, *one) for one in near[len(self._serves) :]]
            self._serves = np.concatenate([self._serves, np.array(new, dtype=np.uint8)])
        times = np.add.reduceat(self._serves[atoms.near], atoms.starts[:-1], axis=0)  # n x stars; no more than 150
        lacks = times[:, self._needs[:, 0]] < self._needs[:, 1]  # n x needs
        return lacks.astype(np.float32) @ self._needed.T == 0

    def _condition(self, text: str) -> int:
        return self._conditions.setdefault(text, len(self._conditions))

    def _star(self, atom: Chem.Atom) -> int:
        bonds = sorted(
            (self._condition(bond.DescribeQuery()), self._condition(bond.GetOtherAtom(atom).DescribeQuery()))
            for bond in atom.GetBonds()
        )
        return self._stars.setdefault(Star(self._condition(atom.DescribeQuery()), tuple(bonds)), len(self._stars))

    def _stars_of(self, kinds: Sequence[Kind], kind: int, around: Around) -> Bool[ndarray, " stars"]:
        """Say which parts an atom can be, whose bonds and neighbours are known."""
        for number in range(len(self._by_kind), kind + 1):
            self._by_kind.append([at for at, star in enumerate(self._stars) if self._atom(star.atom, kinds[number])])
        serves = np.zeros(len(self._stars), dtype=bool)
        stars = self._all
        serves[[at for at in self._by_kind[kind] if self._has_bonds(stars[at], kinds, around)]] = True
        return serves

    def _has_bonds(self, star: Star, kinds: Sequence[Kind], around: Around) -> bool:
        """Whether each bond of a part can be one of an atom's bonds."""
        return len(star.bonds) <= len(around) and all(
            any(self._bond(bond, order) and self._atom(end, kinds[other]) for order, other in around)
            for bond, end in star.bonds
        )

    def _atom(self, condition: int, kind: Kind) -> bool:
        found = self._atoms.get((condition, kind))
        if found is None:
            found = self._read[condition].may_hold(lambda words: may_be_atom(kind, words))
            self._atoms[condition, kind] = found
        return found

    def _bond(self, condition: int, order: int) -> bool:
        found = self._bonds.get((condition, order))
        if found is None:
            found = self._read[condition].may_hold(lambda words: may_be_bond(order, words))
            self._bonds[condition, order] = found
        return found
