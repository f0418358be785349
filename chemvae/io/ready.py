"""Write a prepared table: arrays that training maps into memory, the molecules beside them, and the rejects."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int, UInt8
from numpy import ndarray

from chemvae.errors import InputError
from chemvae.io.atomic import atomic_path, sha256, write_json
from chemvae.io.lines import STDIN
from chemvae.io.prepared import SPLITS

END = 2  # id of the end mark in every vocabulary
YES_NO = {0.0, 1.0}
REJECTS = pa.schema([("row", pa.int64()), ("text", pa.string()), ("reason", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedTable:
    """Everything that goes into a prepared folder, in the order of the source."""

    row: Int[ndarray, " n"]
    """row numbers in the source, from 0"""
    text: list[str]
    """molecules as they were given"""
    smiles: list[str]
    """molecules in their one form"""
    split: UInt8[ndarray, " n"]
    """0 train, 1 valid, 2 test"""
    ids: Int[ndarray, " tokens"]
    """token ids of all molecules, end to end, without end marks"""
    lengths: Int[ndarray, " n"]
    """how many ids belong to each molecule"""
    target_names: tuple[str, ...]
    """what to learn"""
    targets: Float[ndarray, "n p"]
    """its values, NaN where missing"""
    rejects: pd.DataFrame
    """row, text and reason of what was turned away"""


def refuse_file(folder: Path | str) -> None:
    """Raise if a file stands where a folder is to be written; overwriting does not turn one into the other.

    Raises:
        InputError: a file is there.
    """
    if Path(folder).is_file():
        raise InputError(f"Expected to write a folder at {folder}, but it is a file. Choose another name.")


def describe_target(name: str, values: Float[ndarray, " n"], train: ndarray) -> dict[str, Any]:
    """Return the entry of a target in the manifest; mean and deviation are those of the training rows that have it.

    It is a yes/no label if no row has another value than 0 or 1, and both are there.

    Raises:
        InputError: no training row has a value.
    """
    known = values[train & ~np.isnan(values)]
    if not known.size:
        raise InputError(
            f"Expected values of {name!r} to train on, but all {int(train.sum())} training rows lack it. Leave it out."
        )
    return {
        "name": name,
        "kind": "yesno" if set(np.unique(values[~np.isnan(values)])) == YES_NO else "number",
        "mean": float(known.mean()),
        "std": float(known.std()) or 1.0,  # a constant target is standardised to 0, not to a division by 0
        "missing": int(np.isnan(values).sum()),
    }


def tell_target(target: dict[str, Any]) -> str:
    """Tell a target in a word, with what is special about it."""
    missing = [f"{target['missing']:,} missing"] if target["missing"] else []
    special = ", ".join([*(["yes/no"] if target["kind"] == "yesno" else []), *missing])
    return f"{target['name']} ({special})" if special else target["name"]


def describe_table(table: Path | str, rows: int) -> dict[str, Any]:
    """Return what the manifest says of the table that was read; one that was piped in has no checksum."""
    piped = str(table) == STDIN
    return {"path": STDIN if piped else Path(table).name, "sha256": None if piped else sha256(table), "rows": rows}


def end_to_end(ids: Int[ndarray, " tokens"], lengths: Int[ndarray, " n"]) -> tuple[ndarray, ndarray]:
    """Return the ids with an end mark after each molecule, and where each begins."""
    offsets = np.concatenate([[0], np.cumsum(lengths + 1)]).astype(np.int64)
    flat = np.full(offsets[-1], END, dtype=np.uint16)
    inside = np.ones(len(flat), dtype=bool)
    inside[offsets[1:] - 1] = False
    flat[inside] = ids
    return flat, offsets


def write_prepared(
    folder: Path | str, table: PreparedTable, tokenizer: dict[str, Any], manifest: dict[str, Any]
) -> dict[str, Any]:
    """Write a prepared folder, whole or not at all, and return its manifest with targets and length added."""
    train = table.split == SPLITS.index("train")
    columns = dict(zip(table.target_names, table.targets.T, strict=True))
    targets = [describe_target(name, values, train) for name, values in columns.items()]
    manifest = manifest | {"length": int(table.lengths.max()) + 1, "targets": targets}
    molecules = pd.DataFrame(
        {"row": table.row, "text": table.text, "smiles": table.smiles, "split": np.array(SPLITS)[table.split]}
    )
    flat, offsets = end_to_end(table.ids, table.lengths)
    with atomic_path(folder) as beside:
        beside.mkdir()
        np.save(beside / "tokens.npy", flat)
        np.save(beside / "offsets.npy", offsets)
        np.save(beside / "targets.npy", table.targets.astype(np.float32))
        np.save(beside / "split.npy", table.split)
        molecules.assign(**columns).to_parquet(beside / "molecules.parquet", index=False, compression="zstd")
        rejects = pa.Table.from_pandas(table.rejects, schema=REJECTS, preserve_index=False)
        pq.write_table(rejects, beside / "rejects.parquet", compression="zstd")
        write_json(beside / "tokenizer.json", tokenizer)
        write_json(beside / "manifest.json", manifest)
    return manifest
