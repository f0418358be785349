"""Sample `druglike.csv.gz` from a model: valid, distinct molecules that a reference table does not hold."""

import argparse
import gzip
import sys
from pathlib import Path

import pandas as pd

from chemvae.chem.judge import canonical
from chemvae.chem.properties import compute
from chemvae.chem.workers import in_chunks
from chemvae.io.atomic import atomic_path
from chemvae.io.tables import read_table
from chemvae.model import MoleculeModel, load

PROPERTIES = ("logp", "qed", "sa")
BATCH = 4096


def known_molecules(table: Path, column: str) -> set[str]:
    """Return the canonical SMILES of the molecules that must not come again."""
    texts = read_table(table)[column].tolist()
    return {smiles for chunk in in_chunks(canonical_all, texts, jobs=2) for smiles in chunk if smiles}


def canonical_all(texts: list[str]) -> list[str | None]:
    """Return the canonical SMILES of each text."""
    return [canonical(text) for text in texts]


def sample_new(model: MoleculeModel, n: int, known: set[str], seed: int) -> tuple[list[str], int]:
    """Sample until n molecules are valid, distinct and new; returns them and how many samples it took."""
    found: dict[str, None] = {}
    taken = 0
    while len(found) < n:
        for molecule in model.sample(BATCH, temperature=1.0, seed=seed + taken):
            taken += 1
            if molecule.smiles is not None and "." not in molecule.smiles and molecule.smiles not in known:
                found[molecule.smiles] = None
            if len(found) == n:
                break
    return list(found), taken


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a gzipped CSV whose bytes depend on the table alone."""
    with atomic_path(path) as beside, gzip.GzipFile(beside, "wb", mtime=0) as file:
        file.write(table.to_csv(index=False, float_format="%.4f", lineterminator="\n").encode())


def main() -> None:
    """Sample, describe, write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--absent-from", type=Path, required=True, help="table of molecules that must not come again")
    asked.add_argument("--column", default="smiles")
    asked.add_argument("-n", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("druglike.csv.gz"))
    given = asked.parse_args()
    smiles, taken = sample_new(load(given.model), given.n, known_molecules(given.absent_from, given.column), given.seed)
    table = pd.DataFrame({"smiles": smiles, **compute(smiles, PROPERTIES, jobs=2)})
    if table.isna().to_numpy().any():
        sys.exit("Expected every property of every molecule, but some could not be computed.")
    write(table, given.output)
    sys.stderr.write(f"{len(table)} molecules out of {taken} samples written to {given.output}\n")


if __name__ == "__main__":
    main()
