"""5 QED - SAS, the paper's own objective, from molecules of the worst tenth of a table: every method, equal calls."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.jobs import kept, played
from benchmarks.pmo import mean_of_best
from chemvae.chem.guess import smiles_column
from chemvae.chem.judge import canonical
from chemvae.chem.properties import compute
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.io.runs import versions
from chemvae.io.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "qed_sa.json"

OBJECTIVE = "5*qed - sa"
SAMPLE = 20_000
"""Molecules of the table whose objective is computed, to know what its worst tenth is and where a value stands."""
METHODS = ("structure-bayes", "bayes", "gradient", "graph-ga", "random")


def objective(smiles: Sequence[str]) -> np.ndarray:
    """Return 5 QED - SAS of molecules."""
    columns = compute(list(smiles), ["qed", "sa"])
    return np.asarray(5.0 * columns["qed"] - columns["sa"])


def population(table: Path) -> pd.DataFrame:
    """Return molecules of a table, drawn with a fixed seed, with their objective, worst first."""
    cells = read_table(table)
    texts = cells[smiles_column({str(name): cells[name].tolist() for name in cells.columns}).column].tolist()
    drawn = np.random.default_rng(0).permutation(len(texts))[:SAMPLE]
    smiles = list(dict.fromkeys(one for row in drawn if (one := canonical(texts[row])) is not None))
    found = pd.DataFrame({"smiles": smiles, "objective": objective(smiles)}).dropna()
    return found.sort_values("objective", ignore_index=True)


@dataclass(frozen=True, slots=True)
class Job:
    """One search."""

    start: tuple[str, ...]
    method: str
    seed: int
    budget: int
    batch: int
    model: str
    work: Path


def play(job: Job) -> dict[str, Any]:
    """Run a search; one that has been run is only read."""
    return kept(job.work / f"{job.method}-{job.budget}" / f"seed-{job.seed}.json", lambda: searched(job))


def searched(job: Job) -> dict[str, Any]:
    """Search, and return its figures."""
    import torch

    import chemvae

    torch.set_num_threads(1)
    begin = time.process_time()
    found = chemvae.optimize(
        chemvae.load(job.model),
        OBJECTIVE,
        start=list(job.start),
        method=job.method,
        budget=job.budget,
        batch=job.batch,
        seed=job.seed,
    )
    values = found.candidates["objective"].to_numpy(np.float64)
    return {
        "method": job.method,
        "seed": job.seed,
        "calls": len(found.history),
        "start_best": float(found.start["objective"].max()),
        "best": float(values.max()),
        "mean of the best 10": mean_of_best(values, 10),
        "mean of the best 100": mean_of_best(values, 100),
        "cpu_seconds": round(time.process_time() - begin, 1),
        "smiles": found.candidates["smiles"].head(3).tolist(),
    }


def summary(runs: Sequence[Mapping[str, Any]], known: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a row for each method: means over seeds, and where the ten best would stand in the table."""
    rows = []
    for method, group in pd.DataFrame(runs).groupby("method", sort=False):
        row: dict[str, Any] = {"method": method, "seeds": len(group), "calls": int(group["calls"].max())}
        for key in ("best", "mean of the best 10", "mean of the best 100"):
            row[key] = round(float(group[key].mean()), 3)
        row["deviation of the best 10 over seeds"] = round(float(group["mean of the best 10"].std(ddof=0)), 3)
        row["share of the table below the best 10"] = round(
            float((known["objective"] < row["mean of the best 10"]).mean()), 4
        )
        rows.append(row | {"cpu minutes a run": round(float(group["cpu_seconds"].mean()) / 60, 1)})
    return sorted(rows, key=lambda row: -row["mean of the best 10"])


def main() -> None:
    """Run what has not been run, and write the result from all runs of this budget."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--table", type=Path, required=True, help="table of SMILES, such as ZINC250k")
    asked.add_argument("--methods", default=",".join(METHODS), help="divided by commas")
    asked.add_argument("--seeds", default="0,1,2", help="numbers, divided by commas")
    asked.add_argument("--start", type=int, default=50, help="molecules drawn from the worst tenth")
    asked.add_argument("--budget", type=int, default=500, help="calls, those of the start among them")
    asked.add_argument("--batch", type=int, default=25)
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--work", type=Path, default=Path("runs/qed_sa"), help="folder of the runs")
    asked.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    asked.add_argument("--no-result", action="store_true", help="print, and leave the result as it is")
    given = asked.parse_args()
    known = population(given.table)
    worst = known.head(len(known) // 10)
    jobs = [
        Job(
            tuple(worst["smiles"].sample(given.start, random_state=int(seed))),
            method,
            int(seed),
            given.budget,
            given.batch,
            given.model,
            given.work,
        )
        for seed in given.seeds.split(",")
        for method in given.methods.split(",")
    ]
    for done in played(play, jobs, given.jobs):
        print(f"{done['method']}, seed {done['seed']}: best 10 {done['mean of the best 10']:.3f}", flush=True)
    runs = [read_json(at) for at in sorted(given.work.glob(f"*-{given.budget}/seed-*.json"))]
    rows = summary(runs, known)
    for row in rows:
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    if not given.no_result:
        protocol = (
            f"{given.start} molecules drawn by the seed from the worst tenth of {len(known):,} molecules of the table, "
            f"the same for every method; {given.budget} calls, those of the start among them; objective {OBJECTIVE}; "
            "figures are of new molecules alone, means over seeds"
        )
        write_json(
            RESULT,
            {
                "protocol": protocol,
                "worst tenth below": round(float(worst["objective"].max()), 4),
                "median of the table": round(float(known["objective"].median()), 4),
                "best of the table's sample": round(float(known["objective"].max()), 4),
                "methods": rows,
                "table_sha256": sha256(given.table),
                "versions": versions(),
            },
        )


if __name__ == "__main__":
    main()
