"""Batch scoring: our properties against RDKit's own functions called one by one, on one core and on two processes."""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import QED, Crippen, rdFingerprintGenerator

from benchmarks.machine import describe, ratio, spread
from chemvae.chem.guarded import SLICE
from chemvae.chem.guess import smiles_column
from chemvae.chem.judge import read
from chemvae.chem.measure import measure
from chemvae.chem.properties import sascorer, value, values
from chemvae.io.atomic import sha256, write_json
from chemvae.io.tables import read_chunks

RESULT = Path(__file__).resolve().parent / "results" / "scoring.json"
NAMES = ("logp", "qed", "sa")
CHUNK = 1000
"""Rows scored by one side before it is the other's turn; processes are handed slices, as in `chemvae score`."""
WARM = 2000
"""Rows that each side sees before the clock runs: tables are loaded, and ours has met the common surroundings."""
BITS = 2048

Side = Callable[[Sequence[str]], Float[ndarray, "n p"]]


def rdkit_one_by_one(smiles: Sequence[str]) -> Float[ndarray, "n p"]:
    """Parse each string and call RDKit's function for each property, as its documentation shows it."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    rows = []
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        if mol is None or not mol.GetNumAtoms():
            rows.append([np.nan] * len(NAMES))
            continue
        generator.GetFingerprintAsNumPy(mol)
        rows.append([Crippen.MolLogP(mol), QED.qed(mol), sascorer().calculateScore(mol)])
    return np.array(rows, dtype=float).reshape(len(rows), len(NAMES))


def ours(smiles: Sequence[str]) -> Float[ndarray, "n p"]:
    """Parse each string and ask for the properties of all, as `chemvae score` does; the fingerprint is RDKit's."""
    mols = [read(text) for text in smiles]
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
    for mol in mols:
        if mol is not None:
            generator.GetFingerprintAsNumPy(mol)
    return values(mols, NAMES)


def rdkit_part(name: str) -> Side:
    """Return one property by RDKit, with the parsing that it needs."""
    return lambda smiles: np.array([[value(mol, name)] if mol else [np.nan] for mol in map(read, smiles)])


def our_part(name: str) -> Side:
    """Return one property by us, with the parsing that it needs."""
    return lambda smiles: measure(smiles, (name,)).values


def in_turn(
    sides: dict[str, Side], smiles: Sequence[str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Let both sides score the same rows a chunk at a time in turn; return rows a core-second by round, and the values.

    A round is a share of the table, so that no side meets a molecule twice; what slows a moment slows both.
    """
    for side in sides.values():
        side(smiles[:WARM])
    rates: dict[str, list[float]] = {name: [] for name in sides}
    found: dict[str, list[ndarray]] = {name: [] for name in sides}
    for part in np.array_split(np.arange(WARM, len(smiles)), rounds):
        spent = dict.fromkeys(sides, 0.0)
        for begin in range(0, len(part), CHUNK):
            some = [smiles[at] for at in part[begin : begin + CHUNK]]
            for name, side in sides.items():
                began = time.process_time()
                found[name].append(side(some))
                spent[name] += time.process_time() - began
        for name, seconds in spent.items():
            rates[name].append(len(part) / seconds)
            print(f"{name}: {len(part) / seconds:.0f} rows a core-second", flush=True)
    return rates, {name: np.concatenate(parts) for name, parts in found.items()}


def on_processes(sides: dict[str, Side], smiles: Sequence[str], rounds: int) -> dict[str, dict[int, list[float]]]:
    """Return rows a second of wall clock for each side, on one process and on two, in turn."""
    rates: dict[str, dict[int, list[float]]] = {name: {1: [], 2: []} for name in sides}
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as one, context.Pool(2) as two:
        pools: dict[int, Pool] = {1: one, 2: two}
        for n, pool in pools.items():
            for side in sides.values():
                pool.map(side, [smiles[:WARM]] * n, chunksize=1)  # seconds each: every process takes one
        for part in np.array_split(np.arange(WARM, len(smiles)), rounds):
            chunks = [[smiles[at] for at in part[begin : begin + SLICE]] for begin in range(0, len(part), SLICE)]
            for name, side in sides.items():
                for n, pool in pools.items():
                    began = time.perf_counter()
                    pool.map(side, chunks, chunksize=1)
                    rates[name][n].append(len(part) / (time.perf_counter() - began))
                    print(f"{name}, {n} processes: {rates[name][n][-1]:.0f} rows a second", flush=True)
    return rates


def read_smiles(table: Path, n: int) -> list[str]:
    """Return the first strings of a table, by its column of SMILES."""
    frame = next(read_chunks(table, n))
    column = smiles_column({str(name): frame[name].tolist() for name in frame.columns}, None).column
    return [text.strip() for text in frame[column]]


def largest_difference(found: dict[str, Any]) -> float:
    """Return the largest difference between the values of two sides; both lack the same rows."""
    a, b = found.values()
    np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
    return float(np.nanmax(np.abs(a - b)))


def main() -> None:
    """Measure and write the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--table", type=Path, required=True, help="table with a column of SMILES, e.g. zinc250k.csv.gz")
    asked.add_argument(
        "-n", type=int, default=WARM + 40 * CHUNK, help="rows; each process should get as many of a round"
    )
    asked.add_argument("--parts", type=int, default=7_000, help="rows for each property alone")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("-o", "--out", type=Path, default=RESULT, help="where to write the result")
    given = asked.parse_args()
    smiles = read_smiles(given.table, given.n)
    whole: dict[str, Side] = {"rdkit": rdkit_one_by_one, "ours": ours}
    rates, found = in_turn(whole, smiles, given.rounds)
    parts = {}
    for name in NAMES:
        some, _ = in_turn({"rdkit": rdkit_part(name), "ours": our_part(name)}, smiles[: given.parts], 1)
        parts[name] = {side: some[side][0] for side in some} | {"ratio": some["ours"][0] / some["rdkit"][0]}
    scaled = on_processes({"rdkit": rdkit_one_by_one, "ours": ours}, smiles, given.rounds)
    write_json(
        given.out,
        {
            "protocol": f"{len(smiles):,} rows, the first {WARM:,} a warm-up, the rest in {given.rounds} rounds; both "
            f"sides score the same {CHUNK:,} rows in turn: parse, logP, QED, SA score, Morgan fingerprint. One core: "
            "rows a second of CPU time in one process. Processes: rows a second of wall clock, texts in and numbers "
            f"out, {SLICE} rows handed over at a time; `scaling` is two processes against twice one",
            "n": len(smiles) - WARM,
            "table_sha256": sha256(given.table),
            "largest_difference": largest_difference(found),
            "rows_per_core_second": {name: spread(values) for name, values in rates.items()},
            "ratio_to_rdkit": ratio(rates["ours"], rates["rdkit"]),
            "rows_per_core_second_of_each_property": parts,
            "rows_per_second_of_processes": {
                name: {f"processes_{n}": spread(values) for n, values in by.items()} for name, by in scaled.items()
            },
            "scaling": {name: ratio(by[2], [2 * rate for rate in by[1]]) for name, by in scaled.items()},
            "versions": describe()["versions"] | {name: version(name) for name in ("rdkit", "numpy", "scipy")},
        },
    )


if __name__ == "__main__":
    main()
