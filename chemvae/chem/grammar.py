"""The rules of SMILES while it is written: which token may come next, so that what is written is a molecule.

Rings and branches are closed before the end, bonds lead somewhere, and no atom has more bonds than RDKit grants it. For
Kekulé SMILES this is all that validity asks; aromatic SMILES may still hold rings that have no Kekulé form. The idea of
writing under rules is that of the grammar and syntax-directed VAEs (Kusner et al., 2017; Dai et al., 2018).
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from rdkit import Chem, rdBase

from chemvae.chem.tokens import SPECIAL, Tokenizer, atoms

ORDERS = {"-": 1, "/": 1, "\\": 1, "=": 2, "#": 3, "$": 4}
"""bonds and what each takes of the atoms at its ends"""

AROMATIC = re.compile(r"^(\[?[0-9]*)(se|as|te|[bcnops])")
MOST_BONDS = 8
END = SPECIAL.index("<eos>")

Atom = int
"""what an atom may have, as bits: bit k is set if bonds that add up to k leave it neither full nor lacking"""
Move = tuple[Callable[["Draft", Any], bool], Any]
"""what to do for an atom, bond, bracket or ring number, and what there is to know about it"""


class Grammar:
    """The rules for one vocabulary of SMILES tokens, merged or not."""

    def __init__(self, tokenizer: Tokenizer):
        """Translate every token; one that is no SMILES, such as <unk>, is never allowed."""
        self.moves = [moves_of(token) if i >= len(SPECIAL) else None for i, token in enumerate(tokenizer.tokens)]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "Grammar | None":
        """Return the rules for a tokenizer; None for one that needs none or is not for SMILES by atoms."""
        return cls(tokenizer) if tokenizer.base in ("atoms", "kekule") else None

    def begin(self, length: int) -> "Draft":
        """Return an empty string that is about to be written, of so many tokens at most, the end mark included."""
        return Draft(self, length)


class Draft:
    """A string as far as it is written: open rings, open branches and the bonds of every atom."""

    __slots__ = ("bond", "bonds", "fresh", "grammar", "here", "joined", "length", "may", "parents", "rings", "taken")

    def __init__(self, grammar: Grammar, length: int):
        """Begin with nothing."""
        self.grammar, self.length = grammar, length
        self.taken = 0
        """tokens so far"""
        self.may: list[Atom] = []
        """of each atom"""
        self.bonds: list[int] = []
        """what the bonds of each atom add up to, promised ones included"""
        self.here = -1
        """the atom that the next one joins, -1 if none"""
        self.bond = 0
        """order of a bond that leads nowhere yet"""
        self.fresh = True
        """whether a branch or a fragment has no atom yet"""
        self.parents: list[int] = []
        """where each open branch began"""
        self.rings: dict[str, tuple[int, int]] = {}
        """atom and order, 0 if not said, of each open ring"""
        self.joined: dict[tuple[int, int], None] = {}
        """pairs of atoms with a bond, the earlier atom first, in the order in which they were joined"""

    def take(self, token: int) -> bool:
        """Write a token if the rules allow it; else change nothing."""
        if token == END:
            return self.complete()
        moves = self.grammar.moves[token]
        if moves is None:
            return False
        atoms, bonds, here, bond, fresh = len(self.may), self.bonds.copy(), self.here, self.bond, self.fresh
        parents, rings, joined = self.parents.copy(), self.rings.copy(), len(self.joined)
        if all(move(self, what) for move, what in moves) and self.can_end(self.taken + 1):
            self.taken += 1
            return True
        del self.may[atoms:]
        self.bonds, self.here, self.bond, self.fresh = bonds, here, bond, fresh
        self.parents, self.rings = parents, rings
        while len(self.joined) > joined:
            self.joined.popitem()
        return False

    def copy(self) -> "Draft":
        """Return another draft that says the same."""
        other = Draft(self.grammar, self.length)
        other.taken, other.may, other.bonds = self.taken, self.may.copy(), self.bonds.copy()
        other.here, other.bond, other.fresh = self.here, self.bond, self.fresh
        other.parents, other.rings, other.joined = self.parents.copy(), self.rings.copy(), self.joined.copy()
        return other

    def complete(self) -> bool:
        """Whether the string may end here."""
        return not (self.fresh or self.bond or self.parents or self.rings) and self.content(self.here)

    def can_end(self, written: int) -> bool:
        """Whether there is a way to an end: bonds left to close open rings with, and tokens left to do it in."""
        if self.rings and not (self.bond or self.fresh) and not any(map(self.free, (self.here, *self.parents))):
            return False
        return written + self.tokens_to_end() <= self.length

    def tokens_to_end(self) -> int:
        """Return how many tokens are enough to end the string: carbons, ring numbers, brackets, the end mark.

        There always is a token that brings it down by one at least.
        """
        leads = self.fresh or self.bond > 0  # to a carbon that closes rings
        lacking = [self.lack(atom) for atom in (*self.parents, self.here) if atom >= 0]
        if self.fresh and self.parents:
            lacking.pop()  # the last parent is where the string stands
        met = self.bond or int(self.fresh)
        rings = 3 * len(self.rings)  # a carbon that has a free bond, one that is no neighbour of the ring's, its number
        if lacking and not leads:
            closable = self.closable()
            met = min(lacking[-1], len(closable))
            at_home = any(there == self.here for there, _ in self.rings.values())
            rings -= 2 if closable else bool(self.rings) and self.free(self.here) and not at_home
        if lacking:
            lacking[-1] = max(0, lacking[-1] - met)
        return 1 + leads + rings + len(self.parents) + sum(3 * n - 2 for n in lacking if n)

    def closable(self) -> set[int]:
        """Return atoms to which rings can be closed at once, one each, so that the other open rings still can be."""
        here = self.here
        spare = self.may[here].bit_length() - 1 - self.bonds[here]
        ends = {
            there: order or 1
            for there, order in self.rings.values()
            if there != here and (min(there, here), max(there, here)) not in self.joined
        }
        if len(self.rings) > len(ends) or sum(ends.values()) > spare:  # some are left for an atom after this one
            spare -= not any(map(self.free, self.parents))
        chosen = set[int]()
        for there in sorted(ends, key=ends.__getitem__):
            spare -= ends[there]
            if spare < 0:
                break
            chosen.add(there)
        return chosen

    def lack(self, atom: int) -> int:
        """Return how many bonds an atom still needs before it may be left."""
        wanted = self.may[atom] >> self.bonds[atom]
        return (wanted & -wanted).bit_length() - 1

    def free(self, atom: int) -> bool:
        """Whether an atom may have one more bond."""
        return self.room(atom, 1)

    def content(self, atom: int) -> bool:
        """Whether an atom may be left with the bonds that it has."""
        return bool(self.may[atom] >> self.bonds[atom] & 1)

    def room(self, atom: int, order: int) -> bool:
        """Whether an atom may have a bond of this order more."""
        return bool(self.may[atom] >> (self.bonds[atom] + order))

    def atom(self, may: Atom) -> bool:
        """Write an atom, joined to the one before it if there is one."""
        order, before, new = self.bond or 1, self.here, len(self.may)
        if before >= 0:
            if not (self.room(before, order) and may >> order):
                return False
            self.bonds[before] += order
            if not self.fresh and not self.content(before):  # unless it begins a branch, it will have no more
                return False
            self.joined[before, new] = None
        self.may.append(may)
        self.bonds.append(order if before >= 0 else 0)
        self.here, self.bond, self.fresh = new, 0, False
        return True

    def say_bond(self, order: int) -> bool:
        """Write a bond."""
        if self.here < 0 or self.bond or not self.room(self.here, order):
            return False
        self.bond = order
        return self.fresh or self.lack(self.here) <= order  # unless a branch begins, the atom gets no bond after this

    def ring(self, number: str) -> bool:
        """Open a ring, or close it."""
        if self.fresh or self.bond > 2:  # noqa: PLR2004 (a triple bond: no carbon could close that ring and go on)
            return False
        here, said = self.here, self.bond
        there, promised = self.rings.pop(number, (-1, 0))
        if said and promised and said != promised:
            return False
        order = said or promised or 1
        if not self.room(here, order):
            return False
        self.bonds[here] += order
        self.bond = 0
        if there < 0:
            self.rings[number] = here, said
            return True
        ends = min(here, there), max(here, there)  # a branch may close a ring to its parent: there may come later
        if there == here or ends in self.joined:
            return False
        self.joined[ends] = None
        more = order - (promised or 1)
        left = there not in self.parents
        fits = self.room(there, more)
        self.bonds[there] += more
        return fits and (not left or self.content(there))

    def open(self, _: None) -> bool:
        """Begin a branch."""
        if self.fresh or self.bond or not self.room(self.here, 1):
            return False
        self.parents.append(self.here)
        self.fresh = True
        return True

    def close(self, _: None) -> bool:
        """End a branch."""
        if self.fresh or self.bond or not self.parents or not self.content(self.here):
            return False
        self.here = self.parents.pop()
        return True

    def dot(self, _: None) -> bool:
        """Begin another fragment."""
        if self.fresh or self.bond or self.parents or not self.content(self.here):
            return False
        self.here, self.fresh = -1, True
        return True


def moves_of(text: str) -> Sequence[Move] | None:
    """Return what a token does, or None if some of it is no SMILES."""
    moves = list[Move]()
    for part in atoms(text):
        if part in ("(", ")", "."):
            moves.append(({"(": Draft.open, ")": Draft.close, ".": Draft.dot}[part], None))
        elif part in ORDERS:
            moves.append((Draft.say_bond, ORDERS[part]))
        elif part[0] == "%" or part.isdecimal():
            moves.append((Draft.ring, part.strip("%()").lstrip("0") or "0"))
        elif (may := bonds_of(part)) is not None:
            moves.append((Draft.atom, may))
        else:
            return None
    return moves


@cache
def bonds_of(atom: str) -> Atom | None:
    """Ask RDKit which sums of bonds an atom may have without being a radical; None if it is no atom.

    An aromatic atom is asked as if it were not: one bond of its valence is in the ring system, or is not. Valences that
    differ by two, as those of sulfur, stand for what lies between them too.
    """
    plain = AROMATIC.sub(lambda found: found[1] + found[2].capitalize(), atom)
    whole, any_ = set[int](), set[int]()
    for n in range(MOST_BONDS + 1):
        mol = reading(plain + "(C)" * n)
        if mol is not None:
            any_.add(n)
            whole |= {n} if mol.GetAtomWithIdx(0).GetNumRadicalElectrons() == 0 else set()
    if not any_:
        return None
    found = sorted(whole or any_)
    low = 0 if plain != atom else found[0]
    high = max(n for n in found if all(m in found or m - 1 in found for m in range(found[0] + 1, n + 1)))
    return sum(1 << n for n in range(low, high + 1))


def reading(smiles: str) -> Chem.Mol | None:
    """Read a string as it stands, hydrogens kept."""
    params: Any = Chem.SmilesParserParams()
    params.removeHs = False
    with rdBase.BlockLogs():
        return Chem.MolFromSmiles(smiles, params)
