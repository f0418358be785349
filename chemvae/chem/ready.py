"""Make strings ready to train on, chunk by chunk in worker processes: standardised, described and cut into tokens."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.chem.fingerprints import scaffold_of
from chemvae.chem.judge import Text, canonical
from chemvae.chem.properties import values
from chemvae.chem.standardise import standard
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import UnknownTokenError
from chemvae.molecule import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a worker is to find out about each string."""

    standardise: bool
    """largest fragment and neutral, or canonical only"""
    properties: tuple[str, ...]
    """names out of `PROPERTIES`"""
    tokenizer: Tokenizer
    """how to cut; its vocabulary may be empty, and its merges are left for later"""
    scaffold: bool = False
    """whether a split by scaffold will follow"""


@dataclass(frozen=True, slots=True)
class Cut:
    """Strings cut into tokens, laid end to end."""

    vocabulary: list[str]
    """every token that comes up; its place is its number"""
    numbers: Int[ndarray, " tokens"]
    """the tokens of all strings"""
    lengths: Int[ndarray, " n"]
    """how many belong to each string"""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known of each string, row for row."""

    smiles: list[str]
    """the one form of each molecule, empty where there is none"""
    reasons: list[str]
    """why there is none, empty where there is one"""
    values: Float[ndarray, "n p"]
    """the properties, NaN where one is not to be had"""
    scaffolds: list[str]
    """Bemis-Murcko scaffolds, if wanted"""
    cut: Cut
    """the tokens, none for a string without a molecule"""


def make_ready(texts: Sequence[Text], wanted: Wanted) -> Ready:
    """Parse each string once and find out everything about it; nothing is dropped."""
    smiles, reasons, mols, tokens = [], [], [], []
    for text in texts:
        found = standard(text, on=wanted.standardise)
        reason, split = found.molecule.reason, list[str]()
        if found.molecule.smiles is not None:
            reason, split = cut_one(found.molecule.smiles, wanted.tokenizer)
        reasons.append(reason)
        smiles.append("" if reason else found.molecule.smiles or "")
        mols.append(None if reason else found.mol)
        tokens.append(split)
    scaffolds = ["" if mol is None else scaffold_of(mol) for mol in mols] if wanted.scaffold else []
    return Ready(smiles, reasons, values(mols, wanted.properties), scaffolds, number(tokens))


def cut_one(smiles: str, tokenizer: Tokenizer) -> tuple[str, list[str]]:
    """Return a reason why a SMILES string cannot be cut, or none, and its tokens before any merge."""
    try:
        tokens = tokenizer.split(smiles)
    except UnknownTokenError as error:
        return f"{Verdict.UNKNOWN_TOKEN.value}: {error}", []
    if tokenizer.rewrites:  # no other form is lossless for every molecule: SELFIES loses some stereo bonds in rings
        back = tokenizer.join(tokens)
        if canonical(back) != smiles:
            return f"{Verdict.FAILED.value}: written as {tokenizer.base} it becomes another molecule, {back}", []
    return "", tokens


def number(tokens: Sequence[Sequence[str]]) -> Cut:
    """Give the tokens of some strings numbers, in the order in which they first come up."""
    ids: dict[str, int] = {}
    numbers = [ids.setdefault(token, len(ids)) for row in tokens for token in row]
    lengths = np.array([len(row) for row in tokens], dtype=np.int64)
    return Cut(list(ids), np.array(numbers, dtype=np.int32), lengths)


def join(parts: Iterable[Ready]) -> Ready:
    """Lay the answers of all chunks end to end, with one numbering of the tokens."""
    parts = list(parts)
    ids: dict[str, int] = {}
    numbers = []
    for part in parts:
        common = [ids.setdefault(token, len(ids)) for token in part.cut.vocabulary]
        numbers.append(np.array(common, dtype=np.int32)[part.cut.numbers])
    return Ready(
        list(itertools.chain.from_iterable(part.smiles for part in parts)),
        list(itertools.chain.from_iterable(part.reasons for part in parts)),
        np.concatenate([part.values for part in parts]),
        list(itertools.chain.from_iterable(part.scaffolds for part in parts)),
        Cut(list(ids), np.concatenate(numbers), np.concatenate([part.cut.lengths for part in parts])),
    )
