"""Text to tokens to ids and back: SMILES by atoms, aromatic or Kekulé, characters, SELFIES and merged pairs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from rdkit import Chem

from chemvae.chem import pairs
from chemvae.chem.messages import quiet
from chemvae.errors import InputError, UnknownTokenError

Scheme = Literal["atoms", "kekule", "characters", "selfies", "words", "pairs", "kekule-pairs", "selfies-pairs"]

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
"""Tokens that every vocabulary begins with; their ids are 0 to 3."""

UNKNOWN = SPECIAL.index("<unk>")

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


SPLITTERS = {"atoms": atoms, "kekule": atoms, "characters": characters, "selfies": selfies_tokens, "words": words}
MERGED: dict[str, str] = {"pairs": "atoms", "kekule-pairs": "kekule", "selfies-pairs": "selfies"}
"""Schemes that merge pairs of tokens, and the scheme whose tokens these are."""

MERGES = 500
"""Merges to learn unless said."""


class Tokenizer:
    """A vocabulary and the way to split a text into it; ids 0 to 3 are pad, begin, end and unknown."""

    format_version: ClassVar[int] = 1

    def __init__(
        self,
        scheme: Scheme,
        tokens: Sequence[str],
        constraints: Mapping[str, int] | None = None,
        merges: Sequence[pairs.Pair] = (),
    ):
        """Store the vocabulary.

        Args:
            scheme: `atoms` (SMILES, one token per atom), `kekule` (the same of SMILES with double bonds instead of
                aromatic atoms), `characters`, `selfies` or `words`; `pairs`, `kekule-pairs` and `selfies-pairs` merge
                pairs of such tokens.
            tokens: every token but the four special ones, in the order of their ids; what merges make comes last.
            constraints: SELFIES' table of bonds per atom; None takes the library's default.
            merges: the two ids that each merge joins, in the order in which they were learnt.
        """
        check_scheme(scheme)
        if merges and scheme not in MERGED:
            raise InputError(f"Expected merges with {' or '.join(MERGED)}, but got them with {scheme!r}. Drop them.")
        self.scheme: Scheme = scheme
        self.base = MERGED.get(scheme, scheme)
        """the scheme that a text is split by before any merge"""
        self.tokens = (*SPECIAL, *tokens)
        if len(set(self.tokens)) != len(self.tokens):
            raise InputError(f"Expected {len(self.tokens)} different tokens, but got {len(set(self.tokens))}.")
        pairs.check_merges(self.tokens, merges, len(SPECIAL))
        self.merges = tuple(merges)
        self.first_merged = len(self.tokens) - len(self.merges)
        """id of what the first merge makes"""
        self.alphabet = {self.tokens[i]: i for i in range(len(SPECIAL), self.first_merged)}
        """id of each token that a text is split into before any merge"""
        self._made = {pair: i for i, pair in enumerate(self.merges, self.first_merged)}
        self.constraints = dict(constraints) if constraints is not None else None
        if self.base == "selfies" and self.constraints is None:
            self.constraints = selfies_constraints()

    def __len__(self) -> int:
        """Count the ids, the four special ones included."""
        return len(self.tokens)

    @classmethod
    def fit(cls, scheme: Scheme, texts: Iterable[str], merges: int = MERGES) -> "Tokenizer":
        """Collect the vocabulary of some texts, in alphabetical order, and learn merges if the scheme has any."""
        empty = cls(scheme, ())
        split = [empty.split(text) for text in texts]
        seen = {token for tokens in split for token in tokens}
        found = cls(scheme, sorted(seen - set(SPECIAL)), empty.constraints)
        ids = [found.alphabet[token] for tokens in split for token in tokens if token in found.alphabet]
        return found.learn(np.array(ids, dtype=np.int64), np.array([*map(len, split)], dtype=np.int64), merges)

    def learn(self, ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"], merges: int = MERGES) -> "Tokenizer":
        """Return this tokenizer with the merges that some texts ask for; itself if its scheme has none.

        Args:
            ids: their tokens, not merged, end to end.
            lengths: how many belong to each text.
            merges: how many to learn at most.
        """
        if self.scheme not in MERGED:
            return self
        base = self.tokens[: self.first_merged]
        learnt = pairs.learn(ids, lengths, base, merges)
        texts = list(base)
        for left, right in learnt:
            texts.append(texts[left] + texts[right])
        return Tokenizer(self.scheme, texts[len(SPECIAL) :], self.constraints, learnt)

    def merge(
        self, ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"]
    ) -> tuple[Int[ndarray, " fewer"], Int[ndarray, " n"]]:
        """Apply the merges to the tokens of many texts at once: `encode` without its first half."""
        return pairs.merge_all(ids, lengths, self.merges, self.first_merged) if self.merges else (ids, lengths)

    @property
    def rewrites(self) -> bool:
        """Whether a SMILES string is written in another form before it is split."""
        return self.base in ("kekule", "selfies")

    def split(self, text: str) -> list[str]:
        """Split a text into tokens, known or not, before any merge; all schemes for molecules take SMILES."""
        if self.base == "kekule":
            text = to_kekule(text)
        elif self.base == "selfies":
            text = to_selfies(text, self.constraints or {})
        return SPLITTERS[self.base](text)

    def join(self, tokens: Iterable[str]) -> str:
        """Put a text together from its tokens, merged or not; of SELFIES symbols it is a SMILES string."""
        text = (" " if self.of_sentences else "").join(tokens)
        return from_selfies(text, self.constraints or {}) if self.base == "selfies" else text

    @property
    def of_sentences(self) -> bool:
        """Whether the texts are sentences and no molecules; a word that the vocabulary lacks is `<unk>` then."""
        return self.scheme == "words"

    def first_unknown(self, tokens: Iterable[str]) -> int | None:
        """Return the place of the first token that cannot be written, or None."""
        if self.of_sentences:
            return next((at for at, token in enumerate(tokens) if token in SPECIAL[:UNKNOWN]), None)
        return next((at for at, token in enumerate(tokens) if token not in self.alphabet), None)

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, without begin and end marks.

        Raises:
            UnknownTokenError: the text holds a token that the vocabulary lacks and that is no word.
        """
        tokens = self.split(text)
        if (at := self.first_unknown(tokens)) is not None:
            raise UnknownTokenError(
                f"Expected one of {len(self.alphabet)} known tokens, but got {tokens[at]!r} at token {at} of "
                f"{text!r}. Prepare a table that holds it and train on that, or leave this one out."
            )
        return self.number(tokens)

    def number(self, tokens: Iterable[str]) -> list[int]:
        """Turn known tokens, as `split` returns them, into ids, merged."""
        if self.of_sentences:
            return [self.alphabet.get(token, UNKNOWN) for token in tokens]
        ids = [self.alphabet[token] for token in tokens]
        return pairs.merge_one(ids, self._made) if self.merges else ids

    def decode(self, ids: Iterable[int]) -> str:
        """Turn ids into a text, up to the first end mark; SELFIES gives a SMILES string."""
        tokens = []
        for i in ids:
            if i == SPECIAL.index("<eos>"):
                break
            if i >= len(SPECIAL) or (i == UNKNOWN and self.of_sentences):
                tokens.append(self.tokens[i])
        return self.join(tokens)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, as plain values for JSON."""
        merges = {"merges": [list(pair) for pair in self.merges]} if self.scheme in MERGED else {}
        return {
            "format_version": self.format_version,
            "scheme": self.scheme,
            "tokens": list(self.tokens[len(SPECIAL) :]),
            **merges,
            "constraints": self.constraints,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Tokenizer":
        """Build a tokenizer from what `to_dict` returned."""
        try:
            version, scheme, tokens = stored["format_version"], stored["scheme"], stored["tokens"]
            constraints, merges = stored.get("constraints"), stored.get("merges", [])
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"Expected a stored tokenizer, but got {str(stored)[:80]!r}; it lacks {error}.") from None
        if version != cls.format_version:
            raise InputError(
                f"Expected a tokenizer of format {cls.format_version}, but got {version!r}. Update chemvae to read it."
            )
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise InputError("Expected a tokenizer whose tokens are a list of texts, but got something else.")
        if not is_pairs(merges):
            raise InputError("Expected a tokenizer whose merges are a list of pairs of ids, but got something else.")
        if constraints is not None and not is_table_of_bonds(constraints):
            raise InputError("Expected a tokenizer whose constraints are numbers by name, but got something else.")
        check_scheme(scheme)
        return cls(scheme, tokens, constraints, [(left, right) for left, right in merges])


def check_scheme(scheme: Any) -> None:
    """Raise for a token scheme that is not known.

    Raises:
        InputError: it is none.
    """
    if scheme not in (*SPLITTERS, *MERGED):
        known = ", ".join((*SPLITTERS, *MERGED))
        raise InputError(f"Expected a token scheme out of {known}, but got {str(scheme)[:40]!r}.")


def is_pairs(stored: Any) -> bool:
    """Whether what was read is a list of pairs of whole numbers."""
    return isinstance(stored, list) and all(
        isinstance(pair, list) and [type(i) for i in pair] == [int, int] for pair in stored
    )


def is_table_of_bonds(stored: Any) -> bool:
    """Whether what was read is a whole number for each of some names."""
    return isinstance(stored, dict) and all(type(name) is str and type(n) is int for name, n in stored.items())


def selfies_constraints() -> dict[str, int]:
    """Return SELFIES' default table of bonds per atom."""
    import selfies

    return dict(selfies.get_preset_constraints("default"))


def to_kekule(smiles: str) -> str:
    """Write a SMILES string with single and double bonds in place of aromatic ones."""
    try:
        with quiet():
            mol = Chem.MolFromSmiles(smiles)
            Chem.Kekulize(mol, clearAromaticFlags=True)
            return Chem.MolToSmiles(mol, kekuleSmiles=True)
    except (RuntimeError, TypeError, ValueError):  # a TypeError where there is no molecule
        raise UnknownTokenError(
            f"Expected SMILES that RDKit can write without aromatic bonds, but got {smiles!r}."
        ) from None


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
