"""PMO: how soon each method finds good molecules, on the 20 tasks that need no trained model, every call counted."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.jobs import kept, played
from chemvae.chem.oracles.names import PMO
from chemvae.io.atomic import read_json, write_json
from chemvae.molecule import Verdict

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "pmo.json"

PROTOCOL_CALLS = 10_000
EVERY = 100
"""Calls between the points of the curve whose area is taken, as in mol_opt."""
TOP = (1, 10, 100)
SHORT = 1_000
"""Calls of PMO-1K; a longer search has those figures of its first so many calls as well."""
UNSTABLE = ("isomers_c7h8n2o2", "isomers_c9h10n2o2pf2cl", "sitagliptin_mpo", "zaleplon_mpo")
"""Tasks whose oracle TDC changed in 0.3.7; without them figures of all papers can be compared."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A method with its settings, the same for all tasks."""

    method: str
    settings: Mapping[str, float] = field(default_factory=dict)


CONTENDERS = {
    "structure-bayes": Contender("structure-bayes"),
    "structure-bayes, retraining": Contender("structure-bayes", {"retrain": 250.0}),
    "structure-bayes, latent process": Contender("structure-bayes", {"structure": 0.0}),
    "structure-bayes, no latent moves": Contender("structure-bayes", {"latent": 0.0}),
    "structure-bayes, no graph edits": Contender("structure-bayes", {"edits": 0.0}),
    "graph-ga": Contender("graph-ga"),
    "bayes": Contender("bayes"),
    "bayes, retraining": Contender("bayes", {"retrain": 100.0}),
    "cmaes": Contender("cmaes"),
    "gradient": Contender("gradient"),
    "random": Contender("random"),
}

PUBLISHED = {
    "InVirtuoGen, no prescreen": (13.912, 10.825),
    "GP BO (Tripp and Hernandez-Lobato)": (13.740, 11.028),
    "Genetic GFN": (13.594, 10.542),
    "NF-BO": (12.458, 9.848),
    "Mol GA": (12.227, 9.383),
    "REINVENT (tdc-0.3.6)": (11.601, 9.726),
    "Graph GA (tdc-0.3.6)": (11.444, 9.083),
    "GP BO (Gao, tdc-0.3.6)": (10.816, 9.258),
    "SELFIES-VAE BO (tdc-0.3.6)": (7.759, 6.942),
    "random ZINC (tdc-0.3.6)": (7.413, 7.043),
    "SMILES-VAE BO (tdc-0.3.6)": (7.403, 7.094),
    "JT-VAE BO (tdc-0.3.6)": (7.278, 6.912),
}
"""Sums of AUC top-10 after 10,000 counted calls, over 20 tasks and over the 16 that are the same in all versions."""


def auc(values: Sequence[float], top: int, calls: int) -> float:
    """Return the area under the mean of the best `top` values over so many calls, the last value held to the end.

    The curve starts at 0, has a point every hundred calls, and is joined by straight lines (mol_opt, Gao et al., 2022).
    """
    seen = np.nan_to_num(np.asarray(values, dtype=np.float64)[:calls], nan=0.0)
    n = len(seen)
    if not n:
        return 0.0
    area, before, last = 0.0, 0.0, 0
    for at in range(EVERY, min(n, calls), EVERY):
        now = mean_of_best(seen[:at], top)
        area, before, last = area + EVERY * (now + before) / 2, now, at
    now = mean_of_best(seen, top)
    return float((area + (n - last) * (now + before) / 2 + (calls - n) * now) / calls)


def mean_of_best(values: np.ndarray, top: int) -> float:
    """Return the mean of the best values, or of all if there are fewer."""
    return float(np.sort(values)[-top:].mean())


@dataclass(frozen=True, slots=True)
class Job:
    """One run: a contender on a task."""

    task: str
    contender: str
    seed: int
    budget: int
    batch: int
    model: str
    work: Path

    @property
    def folder(self) -> Path:
        """Where the run is kept, so that a kill loses nothing."""
        name = self.contender.replace(", ", "-").replace(" ", "-")
        return self.work / f"{name}-{self.budget}" / self.task / f"seed-{self.seed}"


def play(job: Job) -> dict[str, Any]:
    """Run a job, or go on with it, and return its figures; a finished one is only read."""
    return kept(job.folder.with_suffix(".json"), lambda: searched(job))


def searched(job: Job) -> dict[str, Any]:
    """Search, and return the figures."""
    import torch

    import chemvae

    torch.set_num_threads(1)
    contender = CONTENDERS[job.contender]
    wall, cpu = time.perf_counter(), time.process_time()
    found = chemvae.optimize(
        chemvae.load(job.model),
        chemvae.Objective(maximize=job.task),
        method=contender.method,
        settings=dict(contender.settings),
        budget=job.budget,
        batch=job.batch,
        seed=job.seed,
        out=job.folder / "search",
        resume=True,
    )
    return {
        **{key: value for key, value in asdict(job).items() if key != "work"},
        **figures_of(found.history, found.rejected, job.budget),
        "ending": str(found.ending),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }


def figures_of(history: pd.DataFrame, rejected: pd.DataFrame, budget: int) -> dict[str, Any]:
    """Return the figures of one run."""
    from chemvae.chem.metrics import diversity, prints
    from chemvae.chem.properties import compute

    values = history["objective"].to_numpy(np.float64)
    best = history.sort_values("objective", ascending=False)["smiles"].head(100).tolist()
    proposals = len(history) + len(rejected)
    reasons = rejected["reason"].str.partition(":")[0]
    invalid = rejected["smiles"].isna() & (reasons != Verdict.DUPLICATE.value)
    return {
        "calls": len(values),
        "failed": int(np.isnan(values).sum()),
        **curves(values, budget),
        **({"first": curves(values[:SHORT], SHORT)} if budget > SHORT else {}),
        "invalid": round(float(invalid.sum()) / max(proposals, 1), 4),
        "duplicates": round(float((reasons == Verdict.DUPLICATE.value).sum()) / max(proposals, 1), 4),
        "diversity_of_100_best": round(float(diversity(prints(best)).mean()), 4),
        "sa_of_100_best": round(float(np.nanmean(compute(best, ["sa"])["sa"])), 3),
        "how": {str(how): int(n) for how, n in history["how"].value_counts().items()},
        "best": best[:3],
    }


def curves(values: np.ndarray, budget: int) -> dict[str, float]:
    """Return what the values of so many calls come to, in the order of the calls."""
    return {
        **{f"auc_{top}_of_{budget}": round(auc(values, top, budget), 5) for top in TOP},
        **{f"auc_{top}_held": round(auc(values, top, PROTOCOL_CALLS), 5) for top in TOP},
        **{f"top_{top}": round(mean_of_best(np.nan_to_num(values), top), 5) for top in TOP},
    }


def with_first(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs, and the first thousand calls of longer ones as runs of their own: no search knows its end."""
    short = [
        {**{key: run[key] for key in ("task", "contender", "seed", "batch")}, **run["first"], "budget": SHORT}
        for run in runs
        if "first" in run
    ]
    whole = {(run["task"], run["contender"], run["seed"]) for run in runs if run["budget"] == SHORT}
    return [*map(dict, runs), *(run for run in short if (run["task"], run["contender"], run["seed"]) not in whole)]


def summary(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each contender and budget: mean over seeds of each task, and sums where no task is missing."""
    rows = []
    table = pd.DataFrame(with_first(runs))
    for (contender, budget), group in table.groupby(["contender", "budget"], sort=False):
        of, held = f"auc_10_of_{budget}", "auc_10_held"
        means = group.groupby("task")[[of, held]].mean()
        whole = set(means.index) >= set(PMO)
        stable = [task for task in PMO if task not in UNSTABLE]
        row = {"contender": contender, "budget": int(budget), "tasks": len(means)}
        row["seeds"] = int(group.groupby("task")["seed"].nunique().min())
        for key, column in ((f"sum of AUC top-10 over {budget:,} calls", of), ("held to 10,000 calls", held)):
            row[f"{key}, 20 tasks"] = round(float(means[column].sum()), 3) if whole else None
            row[f"{key}, 16 tasks"] = round(float(means.loc[stable, column].sum()), 3) if whole else None
        timed = group["cpu_seconds"].dropna()
        rows.append(row | {"cpu minutes a run": round(float(timed.mean()) / 60, 1) if len(timed) else None})
    return rows


def by_task(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each task: the mean AUC top-10 of each contender over its own budget."""
    rows = []
    for task in PMO:
        row: dict[str, Any] = {"task": task}
        for run in (run for run in with_first(runs) if run["task"] == task):
            row.setdefault(f"{run['contender']}, {run['budget']:,}", []).append(run[f"auc_10_of_{run['budget']}"])
        rows.append({key: round(float(np.mean(v)), 3) if isinstance(v, list) else v for key, v in row.items()})
    return rows


def result(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is committed."""
    return {
        "protocol": "a call is one distinct valid canonical SMILES that was measured, those of the start included; no "
        "molecule is scored before the search, which begins from samples of the model's prior; one setting for all "
        "tasks; oracles in the fixed version; a failed score counts 0; AUC top-10 as in mol_opt. Held: the last value "
        "is held to 10,000 calls, as the protocol has it for a search that stops early, so it is a lower bound",
        "sums": summary(runs),
        "published": [
            {"method": name, "AUC top-10 over 10,000 calls, 20 tasks": all_, "16 tasks": stable}
            for name, (all_, stable) in PUBLISHED.items()
        ],
        "tasks": by_task(runs),
        "runs": [{key: value for key, value in run.items() if key not in ("how", "best", "model")} for run in runs],
        "versions": {name: version(name) for name in ("rdkit", "torch", "numpy")},
    }


def told(run: Mapping[str, Any]) -> str:
    """Return a run in a line."""
    budget = run["budget"]
    return (
        f"{run['task']}, {run['contender']}, seed {run['seed']}: AUC top-10 {run[f'auc_10_of_{budget}']:.3f} over "
        f"{budget:,} calls, {run['auc_10_held']:.3f} held to {PROTOCOL_CALLS:,}; best {run['top_1']:.3f}; "
        f"{run['cpu_seconds'] / 60:.1f} minutes of CPU"
    )


def listed(text: str, known: Sequence[str], what: str) -> list[str]:
    """Return names out of a list, divided by semicolons or commas that are no part of a name."""
    if text == "all":
        return list(known)
    names = [name.strip() for name in (text.split(";") if ";" in text or text in known else text.split(","))]
    for name in names:
        if name not in known:
            raise SystemExit(f"Expected {what} out of {'; '.join(known)}, but got {name!r}.")
    return names


def main() -> None:
    """Run what has not been run, and write the result from all runs in the work folder."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", default="all", help="names, divided by commas, or all")
    asked.add_argument("--methods", default="structure-bayes", help=f"out of: {'; '.join(CONTENDERS)}; or all")
    asked.add_argument("--seeds", default="0", help="numbers, divided by commas")
    asked.add_argument("--budget", type=int, default=1_000, help="calls of the oracle")
    asked.add_argument("--batch", type=int, default=20, help="molecules measured at a time")
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--work", type=Path, default=Path("runs/pmo"), help="folder of the runs, which go on there")
    asked.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    asked.add_argument("--no-result", action="store_true", help="print, and leave results/pmo.json as it is")
    given = asked.parse_args()
    tasks = listed(given.tasks, PMO, "tasks")
    methods = listed(given.methods, list(CONTENDERS), "methods")
    jobs = [
        Job(task, method, int(seed), given.budget, given.batch, given.model, given.work)
        for seed in given.seeds.split(",")
        for method in methods
        for task in tasks
    ]
    for done in played(play, jobs, given.jobs):
        print(told(done), flush=True)
    runs = [read_json(at) for at in sorted(given.work.glob("*/*/seed-*.json"))]
    for row in summary(runs):
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    if not given.no_result:
        write_json(RESULT, result(runs))


if __name__ == "__main__":
    main()
