"""Text to tokens to ids and back: atom-level SMILES, characters and SELFIES, one vocabulary class for all."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from chemvae.errors import InputError, UnknownTokenError

Scheme = Literal["atoms", "characters", "selfies", "words"]

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
"""Tokens that every vocabulary begins with; their ids are 0 to 3."""

# A bracket atom, a two-letter halogen and a two-digit ring number are one token each.
ATOM = re.compile(
    r"\[[^\[\]]*\]|Br|Cl|%\([0-9]+\)|%[0-9]{2}|[BCNOPSFIbcnops]|[0-9]|[-=#$:/\\~.()*@+>?]|(?P<other>.)", re.DOTALL
)
SELFIES_TOKEN = re.compile(r"\[[^\[\]]*\]|\.|(?P<other>.)", re.DOTALL)


def atoms(smiles: str) -> list[str]:
    """Split a SMILES string into atoms, bonds, brackets and ring numbers; nothing is lost or merged."""
    return [match.group() for match in ATOM.finditer(smiles)]


def characters(text: str) -> list[str]:
    """Split a string into characters."""
    return list(text)


def words(text: str) -> list[str]:
    """Split a sentence at its spaces."""
    return text.split()


def selfies_tokens(selfies: str) -> list[str]:
    """Split a SELFIES string into its bracketed symbols."""
    return [match.group() for match in SELFIES_TOKEN.finditer(selfies)]


SPLITTERS = {"atoms": atoms, "characters": characters, "selfies": selfies_tokens, "words": words}


class Tokenizer:
    """A vocabulary and the way to split a text into it; ids 0 to 3 are pad, begin, end and unknown."""

    format_version: ClassVar[int] = 1

    def __init__(self, scheme: Scheme, tokens: Sequence[str], constraints: Mapping[str, int] | None = None):
        """Store the vocabulary.

        Args:
            scheme: `atoms` (SMILES, one token per atom), `characters`, `selfies` or `words`.
            tokens: every token but the four special ones, in the order of their ids.
            constraints: SELFIES' table of bonds per atom; None takes the library's default.
        """
        if scheme not in SPLITTERS:
            raise InputError(f"Expected a token scheme out of {', '.join(SPLITTERS)}, but got {scheme!r}.")
        self.scheme: Scheme = scheme
        self.tokens = (*SPECIAL, *tokens)
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            raise InputError(f"Expected {len(self.tokens)} different tokens, but got {len(self._ids)}.")
        self.constraints = dict(constraints) if constraints is not None else None
        if scheme == "selfies" and self.constraints is None:
            self.constraints = selfies_constraints()

    def __len__(self) -> int:
        """Count the ids, the four special ones included."""
        return len(self.tokens)

    @classmethod
    def fit(cls, scheme: Scheme, texts: Iterable[str]) -> "Tokenizer":
        """Collect the vocabulary of some texts, in alphabetical order."""
        seen: Counter[str] = Counter()
        empty = cls(scheme, ())
        for text in texts:
            seen.update(empty.split(text))
        return cls(scheme, sorted(seen.keys() - set(SPECIAL)), empty.constraints)

    def split(self, text: str) -> list[str]:
        """Split a text into tokens, known or not; SELFIES takes a SMILES string."""
        if self.scheme == "selfies":
            return selfies_tokens(to_selfies(text, self.constraints or {}))
        return SPLITTERS[self.scheme](text)

    def unknown(self, text: str) -> str | None:
        """Return the first token of a text that the vocabulary lacks, or None."""
        return next((token for token in self.split(text) if token not in self._ids or token in SPECIAL), None)

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, without begin and end marks.

        Raises:
            UnknownTokenError: the text holds a token that the vocabulary lacks.
        """
        ids = []
        for at, token in enumerate(self.split(text)):
            if token not in self._ids or token in SPECIAL:
                raise UnknownTokenError(
                    f"Expected one of {len(self) - len(SPECIAL)} known tokens, but got {token!r} at token {at} of "
                    f"{text!r}. Prepare a table that holds it and train on that, or leave this one out."
                )
            ids.append(self._ids[token])
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text, up to the first end mark; SELFIES gives a SMILES string."""
        tokens = []
        for i in ids:
            if i == SPECIAL.index("<eos>"):
                break
            if i >= len(SPECIAL):
                tokens.append(self.tokens[i])
        if self.scheme == "selfies":
            return from_selfies("".join(tokens), self.constraints or {})
        return (" " if self.scheme == "words" else "").join(tokens)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, as plain values for JSON."""
        return {
            "format_version": self.format_version,
            "scheme": self.scheme,
            "tokens": list(self.tokens[len(SPECIAL) :]),
            "constraints": self.constraints,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Tokenizer":
        """Build a tokenizer from what `to_dict` returned."""
        try:
            version, scheme, tokens = stored["format_version"], stored["scheme"], stored["tokens"]
            constraints = stored.get("constraints")
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"Expected a stored tokenizer, but got {str(stored)[:80]!r}; it lacks {error}.") from None
        if version != cls.format_version:
            raise InputError(
                f"Expected a tokenizer of format {cls.format_version}, but got {version!r}. Update chemvae to read it."
            )
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise InputError("Expected a tokenizer whose tokens are a list of texts, but got something else.")
        return cls(scheme, tokens, constraints)


def selfies_constraints() -> dict[str, int]:
    """Return SELFIES' default table of bonds per atom."""
    import selfies

    return dict(selfies.get_preset_constraints("default"))


def to_selfies(smiles: str, constraints: Mapping[str, int]) -> str:
    """Write a SMILES string as SELFIES under a table of bonds per atom."""
    import selfies

    selfies.set_semantic_constraints(dict(constraints))
    try:
        return str(selfies.encoder(smiles))
    except selfies.EncoderError as error:
        reason = str(error).strip().splitlines()[0]
        raise UnknownTokenError(f"Expected SMILES that SELFIES can write, but got {smiles!r}: {reason}") from None


def from_selfies(text: str, constraints: Mapping[str, int]) -> str:
    """Write SELFIES as a SMILES string under a table of bonds per atom."""
    import selfies

    selfies.set_semantic_constraints(dict(constraints))
    return str(selfies.decoder(text))
