"""Decide which rows of a table stay and why the others go; every row that goes has a reason."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt8
from numpy import ndarray

from chemvae.chem import splits
from chemvae.chem.asked import SCHEMES, Asked
from chemvae.chem.ready import Ready
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import InputError
from chemvae.molecule import Verdict

LACKING = -1  # stands for a token that the vocabulary lacks
MOST_TOKENS = int(np.iinfo(np.uint16).max)


def fit_tokenizer(ready: Ready, rows: ndarray, parts: UInt8[ndarray, " kept"], asked: Asked) -> Tokenizer:
    """Return the vocabulary of the rows that stay, in alphabetical order, and merges learnt from those to train on."""
    used = np.unique(ready.cut.numbers[np.repeat(among(rows, ready), ready.cut.lengths)])
    tokens = sorted(ready.cut.vocabulary[number] for number in used)
    tokenizer = Tokenizer(SCHEMES[asked.tokens], tokens)
    return tokenizer.learn(*unmerged(ready, rows[parts == 0], tokenizer), asked.merges or 0)


def cut_rows(
    ready: Ready, rows: ndarray, tokenizer: Tokenizer
) -> tuple[Int[ndarray, " tokens"], Int[ndarray, " kept"]]:
    """Return the ids of some rows, end to end, and how many belong to each."""
    return tokenizer.merge(*unmerged(ready, rows, tokenizer))


def unmerged(
    ready: Ready, rows: ndarray, tokenizer: Tokenizer
) -> tuple[Int[ndarray, " tokens"], Int[ndarray, " kept"]]:
    """Return the ids of some rows before any merge, end to end, and how many belong to each.

    Raises:
        InputError: there are more tokens than a prepared table can hold.
    """
    if len(tokenizer) > MOST_TOKENS:
        raise InputError(
            f"Expected at most {MOST_TOKENS} different tokens, but got {len(tokenizer)}. Use tokens=atoms."
        )
    return token_ids(ready, tokenizer)[np.repeat(among(rows, ready), ready.cut.lengths)], ready.cut.lengths[rows]


def among(rows: ndarray, ready: Ready) -> Bool[ndarray, " n"]:
    """Whether each row is among some."""
    found = np.zeros(len(ready.cut.lengths), dtype=bool)
    found[rows] = True
    return found


def token_ids(ready: Ready, tokenizer: Tokenizer) -> Int[ndarray, " tokens"]:
    """Return the ids of all tokens before any merge, end to end; `LACKING` for one that the vocabulary lacks."""
    known = [tokenizer.alphabet.get(token, LACKING) for token in ready.cut.vocabulary]
    return np.array(known, dtype=np.int64)[ready.cut.numbers]


def turn_away(
    ready: Ready, max_length: int, given: Tokenizer | None = None, members: Mapping[str, int] | None = None
) -> list[str]:
    """Return for each row why it goes, empty where it stays.

    Args:
        ready: the rows.
        max_length: longest molecule in tokens, before any merge.
        given: a vocabulary that must be able to write each molecule, if there is one.
        members: the molecules that a split names, if it is given by files.
    """
    first: dict[str, int] = {}
    lacking = lacking_tokens(ready, given)
    reasons = []
    for row, (smiles, reason) in enumerate(zip(ready.smiles, ready.reasons, strict=True)):
        length = int(ready.cut.lengths[row])
        if reason:
            pass
        elif length > max_length:
            reason = f"{Verdict.TOO_LONG.value}: {length} tokens, and the cap is {max_length}"
        elif row in lacking:
            reason = f"{Verdict.UNKNOWN_TOKEN.value}: {lacking[row]}"
        elif members is not None and smiles not in members:
            reason = f"{Verdict.FILTERED.value}: in none of the split's files"
        elif first.setdefault(smiles, row) != row:
            reason = f"{Verdict.DUPLICATE.value}: row {first[smiles]}"
        reasons.append(reason)
    return reasons


def lacking_tokens(ready: Ready, tokenizer: Tokenizer | None) -> dict[int, str]:
    """Return the first token of each row that a vocabulary lacks, by row."""
    if tokenizer is None:
        return {}
    row_of = np.repeat(np.arange(len(ready.cut.lengths)), ready.cut.lengths)
    places = np.flatnonzero(token_ids(ready, tokenizer) == LACKING)
    # Last place first, so that the first one of a row is what remains.
    return {int(row_of[at]): ready.cut.vocabulary[ready.cut.numbers[at]] for at in places[::-1]}


def kinds(reasons: Sequence[str]) -> dict[str, int]:
    """Count reasons by kind, the most frequent first; details after the colon are left out."""
    return dict(Counter(reason.split(":")[0] for reason in reasons if reason).most_common())


def divide(
    ready: Ready, rows: ndarray, given: UInt8[ndarray, " n"] | None, asked: Asked, members: Mapping[str, int] | None
) -> UInt8[ndarray, " kept"]:
    """Return the part that each kept row belongs to.

    Raises:
        InputError: nothing is left to train on.
    """
    if members is not None:
        parts = np.array([members[ready.smiles[row]] for row in rows], dtype=np.uint8)
    elif given is not None:
        parts = given[rows]
    elif asked.split == "scaffold":
        parts = splits.by_scaffold([ready.scaffolds[row] for row in rows], asked.split_sizes, asked.seed)
    else:
        parts = splits.random(len(rows), asked.split_sizes, asked.seed)
    if not (parts == 0).any():
        raise InputError(f"Expected molecules to train on, but the split {asked.split!r} leaves none in train.")
    return parts


def count(reasons: Sequence[str], parts: UInt8[ndarray, " kept"]) -> dict[str, int]:
    """Count rows: all, kept, duplicates, rejected for another reason, and per part."""
    duplicates = kinds(reasons).get(Verdict.DUPLICATE.value, 0)
    per_part = {name: int((parts == part).sum()) for part, name in enumerate(splits.NAMES)}
    return {
        "rows": len(reasons),
        "kept": len(parts),
        "rejected": len(reasons) - len(parts) - duplicates,
        "duplicates": duplicates,
        **per_part,
    }
