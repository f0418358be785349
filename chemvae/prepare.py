"""Make a table of SMILES ready to train on: standardised, described, split, cut into tokens, rejects kept."""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray

from chemvae import __version__
from chemvae.chem import splits
from chemvae.chem.asked import COLUMN, SCHEMES, Asked, merges_of
from chemvae.chem.guess import Guess, better_column, smiles_column, spread
from chemvae.chem.ready import Ready, Wanted, join, make_ready
from chemvae.chem.sieve import count, cut_rows, divide, fit_tokenizer, kinds, turn_away
from chemvae.chem.standardise import forms
from chemvae.chem.tokens import Tokenizer
from chemvae.chem.workers import in_chunks
from chemvae.errors import InputError, MissingFileError
from chemvae.io.atomic import read_json, refuse_existing
from chemvae.io.bundle import read_config
from chemvae.io.carried import bundle_names, find_bundle
from chemvae.io.prepared import FORMAT_VERSION
from chemvae.io.progress import tell, watch
from chemvae.io.ready import PreparedTable, describe_table, refuse_file, tell_target, write_prepared
from chemvae.io.runs import versions
from chemvae.io.tables import check_columns, numbers, read_table
from chemvae.settings import n_jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The table as it was read."""

    texts: list[str | None]
    """the SMILES column, None where a cell is missing"""
    column: Guess
    """which column that is, and why"""
    samples: dict[str, list[str | None]]
    """cells of every column, spread evenly over the table"""
    targets: Float[ndarray, "n t"]
    """values of the target columns"""
    split: UInt8[ndarray, " n"] | None
    """the split, if a column holds it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What `prepare` made."""

    folder: Path
    """where it lies"""
    manifest: dict[str, Any]
    """what `manifest.json` says: counts, targets, settings, versions"""
    changed: int
    """how many kept molecules were written differently in the table"""
    reasons: dict[str, int]
    """how many rows were turned away, by the kind of reason"""

    @property
    def counts(self) -> dict[str, int]:
        """Count rows: all, kept, rejected, duplicates, and per split."""
        return self.manifest["counts"]

    def __str__(self) -> str:
        counts = self.counts
        targets = ", ".join(map(tell_target, self.manifest["targets"])) or "none"
        lines = [
            f"{counts['rows']:,} rows: {counts['kept']:,} kept, {counts['duplicates']:,} duplicates, "
            f"{counts['rejected']:,} rejected",
            *(f"  {n:,} {reason}" for reason, n in self.reasons.items()),
            f"train {counts['train']:,}, valid {counts['valid']:,}, test {counts['test']:,}; "
            f"{self.manifest['vocabulary']} tokens, longest molecule {self.manifest['length'] - 1}; targets: {targets}",
            f"written to {self.folder}",
        ]
        return "\n".join(lines)


def prepare(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    table: Path | str,
    out: Path | str,
    *,
    smiles_column: str | None = None,
    target_columns: Sequence[str] = (),
    properties: Sequence[str] = ("logp", "qed", "sa"),
    tokens: str = "atoms",
    merges: int | None = None,
    tokenizer: Tokenizer | Path | str | None = None,
    standardise: bool = True,
    split: str = "random",
    split_sizes: Sequence[float] = (0.9, 0.05, 0.05),
    split_files: Path | str | None = None,
    max_length: int = 120,
    jobs: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Prepared:
    """Make a table of SMILES ready to train on and write it as a folder.

    Rows keep the order of the table. A row that cannot be used is never dropped quietly: it goes to
    `rejects.parquet` with its number (from 0), its text and the reason; so do repetitions of a molecule.

    Args:
        table: a file that ends in .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: the folder to write.
        smiles_column: its name; None looks for it and says what was found.
        target_columns: numbers or yes/no to learn; empty cells are missing labels.
        properties: names out of `chemvae.chem.properties.PROPERTIES`, computed from the standardised molecule.
        tokens: `atoms`, `characters` or `selfies`; `pairs` or `selfies-pairs` merge frequent pairs of these tokens.
        merges: how many pairs at most, learnt from the training molecules; None takes 500.
        tokenizer: use this vocabulary, that of a prepared folder, or that of a model (by its name or folder);
            molecules it cannot write are rejected.
        standardise: largest fragment, neutral, canonical; False makes the SMILES canonical and nothing else.
        split: `random`, `scaffold`, `column:NAME`, or `jtvae` for the membership files of `split_files`.
        split_sizes: shares of train, valid and test, for random and scaffold.
        split_files: folder with train.txt, valid.txt and test.txt (or .txt.gz), a SMILES a line.
        max_length: longest molecule in tokens before any merge, the end mark not counted.
        jobs: processes; None takes every core.
        seed: of the split.
        overwrite: replace what stands at `out`.
        progress: tell on standard error how far it is.

    Raises:
        InputError: the table or a setting is not usable; the message says what to do.
        ExistsError: something stands at `out`.
    """
    # 1. what was asked for
    refuse_existing(out, overwrite=overwrite)
    refuse_file(out)
    given = load_tokenizer(tokenizer)
    asked = Asked(
        smiles_column=smiles_column,
        target_columns=tuple(dict.fromkeys(target_columns)),
        properties=tuple(dict.fromkeys(properties)),
        tokens=given.scheme if given else tokens,
        merges=merges_of(tokens, merges, given),
        standardise=standardise,
        split=split,
        split_sizes=tuple(map(float, split_sizes)),
        split_files=str(split_files) if split_files is not None else None,
        max_length=max_length,
        seed=seed,
    )
    asked.check()
    jobs = n_jobs(jobs)
    # 2. the table                                    n rows
    source = read_source(table, asked)
    if progress:
        tell(f"{len(source.texts):,} rows; SMILES in column {source.column.column!r} ({source.column.how})")
    # 3. every molecule, parsed once                   n rows
    members = split_members(asked, jobs)
    ready = make_all_ready(source.texts, asked, given, jobs, quiet=not progress)
    # 4. who stays, who goes and why                   n reasons
    reasons = turn_away(ready, max_length, given, members)
    kept = np.array([not reason for reason in reasons])
    check_some_kept(kept, reasons, source)
    # 5. train, valid, test                            kept rows
    rows = np.flatnonzero(kept)
    parts = divide(ready, rows, source.split, asked, members)
    # 6. the folder
    vocabulary = given or fit_tokenizer(ready, rows, parts, asked)
    ids, lengths = cut_rows(ready, rows, vocabulary)
    prepared = PreparedTable(
        row=rows,
        text=[source.texts[row] or "" for row in rows],
        smiles=[ready.smiles[row] for row in rows],
        split=parts,
        ids=ids,
        lengths=lengths,
        target_names=(*asked.target_columns, *asked.properties),
        targets=np.concatenate([source.targets, ready.values], axis=1)[rows],
        rejects=pd.DataFrame(
            {
                "row": np.flatnonzero(~kept),
                "text": [source.texts[row] for row in np.flatnonzero(~kept)],
                "reason": [reason for reason in reasons if reason],
            }
        ),
    )
    manifest = source_of(table, source, asked)
    manifest |= {"vocabulary": len(vocabulary), "counts": count(reasons, parts), "settings": asdict(asked)}
    manifest = write_prepared(out, prepared, vocabulary.to_dict(), manifest)
    changed = sum(text != smiles for text, smiles in zip(prepared.text, prepared.smiles, strict=True))
    return Prepared(folder=Path(out), manifest=manifest, changed=changed, reasons=kinds(reasons))


def load_tokenizer(tokenizer: Tokenizer | Path | str | None) -> Tokenizer | None:
    """Return a tokenizer: given itself, by its file or prepared folder, or that of a bundled model, run or bundle."""
    if tokenizer is None or isinstance(tokenizer, Tokenizer):
        return tokenizer
    path = Path(tokenizer)
    path = path / "tokenizer.json" if (path / "tokenizer.json").is_file() else path
    if path.is_file():
        return Tokenizer.from_dict(read_json(path))
    if path.is_dir() or str(tokenizer) in bundle_names():
        return Tokenizer.from_dict(read_config(find_bundle(tokenizer))["tokenizer"])
    raise MissingFileError(
        f"Expected a tokenizer at {path}, but there is no such file. Name a prepared folder or a model: "
        f"{', '.join(bundle_names())}."
    )


def read_source(table: Path | str, asked: Asked) -> Source:
    """Read the table and the columns of it that matter; labels and split are checked before any chemistry is done."""
    frame = read_table(table)
    if frame.empty:
        raise InputError(f"Expected molecules in {table}, but it has a header and no rows. Check how it was written.")
    sample = frame.iloc[list(spread(range(len(frame))))]
    samples = {str(name): [as_text(cell) for cell in sample[name]] for name in frame.columns}
    column = smiles_column(samples, asked.smiles_column)
    check_columns(frame.columns, asked.target_columns, table)
    targets = [numbers(frame[name], name) for name in asked.target_columns]
    split = None
    if asked.split.startswith(COLUMN):
        name = asked.split.removeprefix(COLUMN)
        check_columns(frame.columns, [name], table)
        split = splits.by_column(list(frame[name]), name)
    return Source(
        texts=[as_text(cell) for cell in frame[column.column]],
        column=column,
        samples=samples,
        targets=np.array(targets).reshape(len(targets), len(frame)).T,
        split=split,
    )


def as_text(cell: Any) -> str | None:
    """Return a cell as text; what is missing in a Parquet file stays missing."""
    if isinstance(cell, str):
        return cell
    return None if cell is None or cell is pd.NA or cell != cell else str(cell)


def make_all_ready(
    texts: Sequence[str | None], asked: Asked, given: Tokenizer | None, jobs: int, *, quiet: bool
) -> Ready:
    """Standardise, describe and cut all molecules, on several cores."""
    wanted = Wanted(
        standardise=asked.standardise,
        properties=asked.properties,
        tokenizer=given or Tokenizer(SCHEMES[asked.tokens], ()),
        scaffold=asked.split == "scaffold",
    )
    parts = in_chunks(functools.partial(make_ready, wanted=wanted), texts, jobs=jobs)
    return join(watch(parts, len(texts), "molecules", size=lambda part: len(part.smiles), quiet=quiet))


def split_members(asked: Asked, jobs: int) -> dict[str, int] | None:
    """Return which molecule belongs to which part, if files say so."""
    if asked.split_files is None:
        return None
    members: dict[str, int] = {}
    for part, name in enumerate(splits.NAMES):
        found = [Path(asked.split_files) / f"{name}{ending}" for ending in (".txt", ".txt.gz", ".smi", ".smi.gz")]
        path = next((path for path in found if path.is_file()), None)
        if path is None:
            raise MissingFileError(
                f"Expected {name}.txt or {name}.txt.gz in {asked.split_files}, but neither is there."
            )
        texts = [as_text(cell) for cell in read_table(path).iloc[:, 0]]
        for chunk in in_chunks(functools.partial(forms, on=asked.standardise), texts, jobs=jobs):
            # A molecule that two files name goes to the later one: better lost to training than trained on and tested.
            members.update((smiles, part) for smiles in chunk if smiles is not None)
    return members


def check_some_kept(kept: Bool[ndarray, " n"], reasons: Sequence[str], source: Source) -> None:
    """Raise if no row is left.

    Raises:
        InputError: every row was turned away; the message says why and which column looks better.
    """
    if kept.any():
        return
    reason, n = next(iter(kinds(reasons).items()))
    raise InputError(
        f"Expected molecules in column {source.column.column!r}, but none of its {len(reasons)} rows can be used: "
        f"{n} times {reason!r}, e.g. {source.texts[0]!r}.{better_column(source.samples, source.column.column)}"
    )


def source_of(table: Path | str, source: Source, asked: Asked) -> dict[str, Any]:
    """Return what the manifest says of the table and of the programs that read it."""
    return {
        "format_version": FORMAT_VERSION,
        "created_by": f"chemvae {__version__}",
        "source": describe_table(table, len(source.texts)),
        "columns": {"smiles": source.column.column, "targets": list(asked.target_columns)},
        "versions": {**versions(), "chemvae": __version__},
    }
