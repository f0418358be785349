"""Two objectives: the volume below the front after 200 calls, kept apart, as weighted sums, and by chance."""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import chemvae
from chemvae.io.atomic import read_json, write_json
from chemvae.io.carried import druglike_path
from chemvae.io.tables import read_table
from chemvae.search.expression import parse
from chemvae.search.front import ranks
from chemvae.search.with_botorch import hypervolume

RESULT = Path(__file__).resolve().parent / "results" / "two_objectives.json"
WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)
SETTINGS = {"begin": 40, "own": 0}
METHODS = ("pareto", "equal sum", "five sums", "random")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two objectives, both to be maximised, that cannot both be had."""

    first: str
    second: str
    scale: tuple[float, float]
    """what each is divided by in a sum, so that both range over about 1"""

    def sum_of(self, weight: float) -> str:
        """Return the formula of a weighted sum."""
        a, b = self.scale
        return f"{weight / a:.6g}*({self.first}) + {(1 - weight) / b:.6g}*({self.second})"


PAIRS = {
    "two drugs": Pair("celecoxib_rediscovery", "troglitazone_rediscovery", (1.0, 1.0)),
    "drug-like and greasy": Pair("qed", "min(logp, 8)", (1.0, 8.0)),
}
REFERENCE = 0.0  # of every objective


@dataclass(frozen=True, slots=True)
class Job:
    """One contender on one pair."""

    pair: str
    method: str
    seed: int
    budget: int
    n_start: int
    batch: int


def play(job: Job, model: Any, work: Path) -> dict[str, Any]:
    """Run a job and return its figures; a finished one is only read."""
    name = f"{job.pair}-{job.method}-{job.seed}-{job.budget}-{job.n_start}-{job.batch}".replace(" ", "-")
    kept = work / f"{name}.json"
    if kept.is_file():
        return read_json(kept)
    began = time.process_time()
    tables = searched(job, model)
    every = pd.concat(tables).drop_duplicates("smiles")
    pair = PAIRS[job.pair]
    values = np.column_stack([measured(every, text) for text in (pair.first, pair.second)])
    values = values[np.isfinite(values).all(axis=1)]
    figures = asdict(job) | {
        "calls": len(every),
        "hypervolume": round(hypervolume(values, np.full(2, REFERENCE)), 5),
        "hypervolume of the start": round(hypervolume(values[: job.n_start], np.full(2, REFERENCE)), 5),
        "molecules on the front": int((ranks(values, 1) == 1).sum()),
        "cpu_seconds": round(time.process_time() - began, 1),
    }
    write_json(kept, figures)
    return figures


def measured(table: pd.DataFrame, text: str) -> np.ndarray:
    """Return an objective of every call."""
    expression = parse(text)
    return np.asarray(expression({name: table[name].to_numpy(float) for name in expression.names}))


def searched(job: Job, model: Any) -> list[pd.DataFrame]:
    """Return the calls of one search, or of five that share the budget and count the start once."""
    pair = PAIRS[job.pair]
    carried = read_table(druglike_path(), ["smiles"])["smiles"].tolist()
    start = np.random.default_rng(job.seed).choice(carried, job.n_start, replace=False).tolist()
    apart = chemvae.Objective(
        maximize=[pair.first, pair.second],
        pareto=True,
        reference={pair.first: REFERENCE, pair.second: REFERENCE},
    )
    share = (job.budget - job.n_start) // len(WEIGHTS)
    asked = {
        "pareto": [(apart, job.budget)],
        "random": [(apart, job.budget)],
        "equal sum": [(chemvae.Objective(pair.sum_of(0.5)), job.budget)],
        "five sums": [(chemvae.Objective(pair.sum_of(weight)), job.n_start + share) for weight in WEIGHTS],
    }[job.method]
    random = job.method == "random"
    return [
        chemvae.optimize(
            model,
            objective,
            start=start,
            method="random" if random else "structure-bayes",
            settings={} if random else SETTINGS,
            budget=budget,
            batch=job.batch,
            seed=job.seed,
        ).history
        for objective, budget in asked
    ]


def result(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is committed."""
    table = pd.DataFrame(runs)
    rows = []
    for (pair, method), group in table.groupby(["pair", "method"], sort=False):
        volume = group["hypervolume"]
        rows.append(
            {
                "pair": pair,
                "method": method,
                "seeds": len(group),
                "calls": round(float(group["calls"].mean()), 1),
                "hypervolume": round(float(volume.mean()), 4),
                "least": round(float(volume.min()), 4),
                "greatest": round(float(volume.max()), 4),
                "start": round(float(group["hypervolume of the start"].mean()), 4),
                "molecules on the front": round(float(group["molecules on the front"].mean()), 1),
                "cpu minutes": round(float(group["cpu_seconds"].mean()) / 60, 1),
            }
        )
    return {
        "protocol": "hypervolume over all molecules measured, from the reference point 0 in both objectives, both "
        "to be maximised; the start is drawn from the molecules that the package carries, by the seed, the same for "
        "all, and learned from at once (begin 40, own 0); a call is one distinct molecule, the start included. "
        "pareto: structure-bayes with --pareto. equal sum: structure-bayes on the sum, each objective "
        "divided by its scale. five sums: five such searches of weights "
        f"{', '.join(map(str, WEIGHTS))} that share the calls after the start. random: around the start and from the "
        "prior. A molecule that two of the five find counts once",
        "pairs": {name: asdict(pair) | {"scale": list(pair.scale)} for name, pair in PAIRS.items()},
        "hypervolumes": rows,
        "runs": list(runs),
        "versions": {name: version(name) for name in ("rdkit", "torch", "botorch", "numpy")},
    }


def main() -> None:
    """Run what has not been run, and write the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pairs", default=",".join(PAIRS), help="names, divided by commas")
    asked.add_argument("--methods", default=",".join(METHODS), help="names, divided by commas")
    asked.add_argument("--seeds", default="0,1,2", help="numbers, divided by commas")
    asked.add_argument("--budget", type=int, default=200, help="calls of the oracle")
    asked.add_argument("--start", type=int, default=40, help="molecules to begin from")
    asked.add_argument("--batch", type=int, default=10, help="molecules measured at a time")
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--work", type=Path, default=Path("runs/two_objectives"), help="folder of the finished runs")
    asked.add_argument("--no-result", action="store_true", help="print, and leave the result as it is")
    given = asked.parse_args()
    torch.set_num_threads(1)
    model, runs = chemvae.load(given.model), []
    given.work.mkdir(parents=True, exist_ok=True)
    for seed in given.seeds.split(","):
        for pair in given.pairs.split(","):
            for method in given.methods.split(","):
                job = Job(pair, method, int(seed), given.budget, given.start, given.batch)
                runs.append(play(job, model, given.work))
                row = runs[-1]
                print(f"{pair}, {method}, seed {seed}: {row['hypervolume']} in {row['calls']} calls", flush=True)
    if not given.no_result:
        write_json(RESULT, result(runs))


if __name__ == "__main__":
    main()
