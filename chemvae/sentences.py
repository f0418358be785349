"""Make sentences ready to train on, as `prepare` does with molecules: judged, split, cut into words, rejects kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from numpy import ndarray

from chemvae import __version__
from chemvae.chem import splits
from chemvae.chem.judge import judge_sentence
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing, sha256
from chemvae.io.prepared import FORMAT_VERSION
from chemvae.io.ready import PreparedTable, refuse_file, write_prepared
from chemvae.io.runs import versions
from chemvae.io.sentences import Sentences, read_sentences
from chemvae.molecule import Verdict

NO_WORDS = Tokenizer("words", ())
"""What no vocabulary can write: the marks of pad, begin and end."""
MOST_WORDS = int(np.iinfo(np.uint16).max)
"""Ids that a prepared table can hold."""


@dataclass(frozen=True, slots=True)
class PreparedSentences:
    """What `prepare_sentences` made."""

    folder: Path
    """where it lies"""
    manifest: dict[str, Any]
    """what `manifest.json` says: counts, settings, versions"""

    def __str__(self) -> str:
        counts = self.manifest["counts"]
        return (
            f"{counts['rows']:,} lines: {counts['kept']:,} sentences kept, {counts['rejected']:,} rejected\n"
            f"train {counts['train']:,}, valid {counts['valid']:,}, test {counts['test']:,}; "
            f"{self.manifest['vocabulary']:,} tokens, longest sentence {self.manifest['length'] - 1}\n"
            f"written to {self.folder}"
        )


def prepare_sentences(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    source: Path | str,
    out: Path | str,
    *,
    split_sizes: Sequence[float] = (0.9, 0.05, 0.05),
    max_length: int = 120,
    seed: int = 0,
    overwrite: bool = False,
) -> PreparedSentences:
    """Make sentences ready to train on and write them as a folder.

    The vocabulary is that of the training sentences; any other word is `<unk>`. A sentence that comes twice counts
    twice: no corpus is judged without its repetitions.

    Args:
        source: a text of one sentence a line, or a folder or .zip of train.txt, valid.txt and test.txt.
        out: the folder to write.
        split_sizes: shares of train, valid and test, where one text holds all.
        max_length: longest sentence in words.
        seed: of the split.
        overwrite: replace what stands at `out`.

    Raises:
        InputError: the source is not usable; the message says what to do.
        ExistsError: something stands at `out`.
    """
    refuse_existing(out, overwrite=overwrite)
    refuse_file(out)
    splits.check_sizes(split_sizes)
    # 1. the lines, and why some go                       n lines
    found = read_sentences(source)
    judged = [judge_sentence(text) for text in found.texts]
    texts = [sentence.smiles or "" for sentence in judged]
    reasons = [sentence.reason or turned_away(sentence.smiles or "", max_length) for sentence in judged]
    rows = np.array([row for row, reason in enumerate(reasons) if not reason], dtype=np.int64)
    if not len(rows):
        raise InputError(f"Expected sentences in {source}, but none of its {len(texts)} lines can be used. Look at it.")
    # 2. train, valid, test                               kept lines
    parts = divide(found, rows, split_sizes, seed)
    # 3. words to ids, by the vocabulary of those to train on
    kept = [texts[row] for row in rows]
    tokenizer = Tokenizer.fit("words", (text for text, part in zip(kept, parts, strict=True) if part == 0))
    if len(tokenizer) > MOST_WORDS:
        raise InputError(f"Expected at most {MOST_WORDS} different words, but got {len(tokenizer)}. Use fewer lines.")
    ids = [tokenizer.encode(text) for text in kept]
    # 4. the folder
    table = PreparedTable(
        row=rows,
        text=[found.texts[row] for row in rows],
        smiles=kept,
        split=parts,
        ids=np.concatenate([np.array(row, dtype=np.int64) for row in ids]),
        lengths=np.array([len(row) for row in ids], dtype=np.int64),
        target_names=(),
        targets=np.empty((len(rows), 0)),
        rejects=pd.DataFrame(
            [(row, found.texts[row], reason) for row, reason in enumerate(reasons) if reason],
            columns=["row", "text", "reason"],
        ),
    )
    settings = {"tokens": "words", "max_length": max_length, "split_sizes": list(split_sizes), "seed": seed}
    manifest = write_prepared(out, table, tokenizer.to_dict(), told(source, found, parts, tokenizer, settings))
    return PreparedSentences(Path(out), manifest)


def turned_away(text: str, max_length: int) -> str:
    """Return why a sentence cannot be used, or nothing."""
    words = text.split()
    if len(words) > max_length:
        return f"{Verdict.TOO_LONG.value}: {len(words)} words, and the cap is {max_length}"
    at = NO_WORDS.first_unknown(words)
    return "" if at is None else f"{Verdict.UNKNOWN_TOKEN.value}: {words[at]}"


def divide(found: Sentences, rows: ndarray, sizes: Sequence[float], seed: int) -> UInt8[ndarray, " kept"]:
    """Return the part of each kept line: as the files say, else at random."""
    if found.split is None:
        return splits.random(len(rows), sizes, seed)
    return np.array(found.split, dtype=np.uint8)[rows]


def told(
    source: Path | str, found: Sentences, parts: UInt8[ndarray, " kept"], tokenizer: Tokenizer, settings: dict[str, Any]
) -> dict[str, Any]:
    """Return what the manifest says of the source."""
    path, rows = Path(source), len(found.texts)
    counts = {name: int((parts == part).sum()) for part, name in enumerate(splits.NAMES)}
    return {
        "format_version": FORMAT_VERSION,
        "created_by": f"chemvae {__version__}",
        "source": {"path": path.name, "sha256": sha256(path) if path.is_file() else None, "rows": rows},
        "columns": {"smiles": "text", "targets": []},
        "versions": {**versions(), "chemvae": __version__},
        "vocabulary": len(tokenizer),
        "counts": {"rows": rows, "kept": len(parts), "rejected": rows - len(parts), "duplicates": 0, **counts},
        "settings": settings,
    }
