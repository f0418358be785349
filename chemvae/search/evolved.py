"""Evolved: the new molecules that came up in an evolution, sorted into what may be measured and what may not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chemvae.molecule import Molecule, Verdict
from chemvae.search.space import Space, Written


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
