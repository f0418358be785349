"""PMO: how soon each method finds good molecules, on the 20 tasks that need no trained model, every call counted."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.jobs import kept, played
from benchmarks.pmo_summary import SHORT, committed, joined, render, summary, told_apart, write
from chemvae.chem.oracles.names import PMO
from chemvae.io.atomic import read_json
from chemvae.molecule import Verdict

PROTOCOL_CALLS = 10_000
EVERY = 100
"""Calls between the points of the curve whose area is taken, as in mol_opt."""
TOP = (1, 10, 100)


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
    reasons = rejected["reason"].str.split(":").str[0]
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
    """Run what has not been run, and write the result: the runs that it has, and those in the work folder."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--tasks", default="all", help="names, divided by commas, or all")
    asked.add_argument("--methods", default="structure-bayes", help=f"out of: {'; '.join(CONTENDERS)}; or all")
    asked.add_argument("--seeds", default="0", help="numbers, divided by commas")
    asked.add_argument("--budget", type=int, default=1_000, help="calls of the oracle")
    asked.add_argument("--batch", type=int, default=20, help="molecules measured at a time")
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--work", type=Path, default=Path("runs/pmo"), help="folder of the runs, which go on there")
    asked.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    asked.add_argument("--missing", action="store_true", help="leave out what results/pmo.json has already")
    asked.add_argument("--anew", action="store_true", help="forget what results/pmo.json has")
    asked.add_argument("--no-result", action="store_true", help="print, and leave results/pmo.json as it is")
    asked.add_argument("--render-only", action="store_true", help="rewrite the page from the committed JSON")
    given = asked.parse_args()
    if given.render_only:
        render()
        return
    tasks = listed(given.tasks, PMO, "tasks")
    methods = listed(given.methods, list(CONTENDERS), "methods")
    known = [] if given.anew else committed()
    there = {told_apart(run) for run in known} if given.missing else set()
    jobs = [
        Job(task, method, int(seed), given.budget, given.batch, given.model, given.work)
        for seed in given.seeds.split(",")
        for method in methods
        for task in tasks
        if (task, method, int(seed), given.budget) not in there
    ]
    for done in played(play, jobs, given.jobs):
        print(told(done), flush=True)
    runs = joined(known, [read_json(at) for at in sorted(given.work.glob("*/*/seed-*.json"))])
    for row in summary(runs):
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    if not given.no_result:
        write(runs)


if __name__ == "__main__":
    main()
