"""What a model can take: a molecule cut and numbered by its vocabulary, or the reason why it cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chemvae.chem.grammar import END
from chemvae.chem.ready import cut_one
from chemvae.chem.tokens import Tokenizer
from chemvae.molecule import Molecule, Verdict


@dataclass(frozen=True)
class Taking:
    """A vocabulary and a length cap; it travels to other processes, so that what parses a molecule numbers it too."""

    stored: Mapping[str, Any]
    """the tokenizer as `to_dict` gives it"""
    length: int
    """most tokens, the end mark included"""

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer."""
        return Tokenizer.from_dict(self.stored)

    def __call__(self, molecule: Molecule) -> tuple[Molecule, list[int]]:
        """Return a judged molecule with its ids, the end mark included; none, and why, if the model cannot take it."""
        if molecule.smiles is None:
            return molecule, []
        reason, tokens = cut_one(molecule.smiles, self.tokenizer)
        if reason:
            verdict, _, detail = reason.partition(": ")
            return Molecule(molecule.text, None, Verdict(verdict), detail), []
        if (at := self.tokenizer.first_unknown(tokens)) is not None:
            return Molecule(molecule.text, None, Verdict.UNKNOWN_TOKEN, tokens[at]), []
        ids = [*self.tokenizer.number(tokens), END]
        if len(ids) > self.length:
            detail = f"{len(ids)} tokens, and the cap is {self.length}"
            return Molecule(molecule.text, None, Verdict.TOO_LONG, detail), []
        return molecule, ids

    def plain(self) -> list[Any]:
        """Return it as plain values."""
        return [dict(self.stored), self.length]

    @classmethod
    def of(cls, plain: Sequence[Any]) -> "Taking":
        """Return what `plain` was made of."""
        return cls(*plain)
