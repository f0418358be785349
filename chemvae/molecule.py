"""A string that was judged: what was written, what molecule it is, or why it is none."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Why a string was kept or turned away."""

    VALID = "valid"
    EMPTY = "empty"
    UNPARSABLE = "RDKit cannot read it"
    TOO_LONG = "longer than the model's length cap"
    UNKNOWN_TOKEN = "a token that the vocabulary lacks"
    NOT_TEXT = "not text"
    FILTERED = "turned away by a filter"
    DUPLICATE = "seen before"
    FAILED = "the toolkit gave up on it"


@dataclass(frozen=True, slots=True)
class Molecule:
    """One string and its verdict; a list of these has the order and the length of the question."""

    text: str
    """as it was given or written by a decoder"""
    smiles: str | None
    """canonical isomeric SMILES, or None unless the verdict is VALID"""
    verdict: Verdict
    """why it was kept or turned away"""
    detail: str = ""
    """what exactly was wrong, e.g. the unknown token"""

    @property
    def valid(self) -> bool:
        """Whether RDKit reads it as a molecule."""
        return self.verdict is Verdict.VALID

    @property
    def reason(self) -> str:
        """The verdict in words, empty for a valid molecule."""
        if self.valid:
            return ""
        return f"{self.verdict.value}: {self.detail}" if self.detail else self.verdict.value
