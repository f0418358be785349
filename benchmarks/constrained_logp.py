"""Raise penalised log P of JT-VAE's 800 molecules while staying similar to each; every call of the oracle counted."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.jobs import kept, played
from chemvae.chem.oracles.plogp import PenalisedLogP
from chemvae.chem.oracles.score import Oracle
from chemvae.errors import OracleError
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.io.runs import versions

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "constrained_logp.json"

DELTAS = (0.0, 0.2, 0.4, 0.6)
CHUNK = 20
"""Leads in one job."""
PUBLISHED = {
    "JT-VAE (Jin et al., 2018)": {0.0: (1.91, 0.975), 0.2: (1.69, 0.971), 0.4: (0.84, 0.836), 0.6: (0.21, 0.464)},
}
"""Method to similarity to mean improvement and success."""


@dataclass(frozen=True, slots=True)
class Job:
    """Some leads, each searched from by itself."""

    leads: tuple[str, ...]
    first: int
    """which lead of the file is the first of them"""
    method: str
    delta: float
    budget: int
    batch: int
    seed: int
    model: str
    work: Path

    @property
    def file(self) -> Path:
        """Where the job is kept."""
        kind = f"{self.method}-{self.delta:g}-{self.budget}-seed-{self.seed}"
        return self.work / kind / f"leads-{self.first:03d}-{len(self.leads)}.json"


def play(job: Job) -> dict[str, Any]:
    """Run a job; one that has been run is only read."""
    return kept(job.file, lambda: searched(job))


def searched(job: Job) -> dict[str, Any]:
    """Search from each lead."""
    import torch

    import chemvae

    torch.set_num_threads(1)
    model = chemvae.load(job.model)
    said = {"method": job.method, "delta": job.delta, "budget": job.budget, "seed": job.seed}
    return said | {"leads": [from_lead(model, lead, job) for lead in job.leads]}


def from_lead(model: Any, lead: str, job: Job) -> dict[str, Any]:
    """Search from one lead and return how much its best candidate is better; failing is told, and counts 0."""
    import chemvae

    oracle, begin = Oracle("plogp_38", PenalisedLogP()), time.process_time()
    try:
        found = chemvae.optimize(
            model,
            oracle,
            start=[lead],
            method=job.method,
            similar_to=lead,
            min_similarity=job.delta,
            budget=job.budget,
            batch=job.batch,
            seed=job.seed,
        )
    except OracleError as error:
        return {"lead": lead, "failed": str(error), "improvement": 0.0, "success": False}
    start = float(found.start["objective"].iloc[0])
    row: dict[str, Any] = {"lead": lead, "start": start, "calls": len(found.history)}
    row["cpu_seconds"] = round(time.process_time() - begin, 2)
    best = found.candidates.head(1)
    gain = float(best["objective"].iloc[0]) - start if len(best) else 0.0
    if gain <= 0.0:
        return row | {"improvement": 0.0, "success": False}
    figures = {"best": best["smiles"].iloc[0], "similarity": float(best["similarity"].iloc[0])}
    return row | {"improvement": gain, "success": True} | figures


def summary(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each method and similarity."""
    grouped: dict[tuple[str, float, int], list[dict[str, Any]]] = {}
    for run in runs:
        grouped.setdefault((run["method"], run["delta"], run["budget"]), []).extend(run["leads"])
    rows = []
    for (method, delta, budget), leads in sorted(grouped.items()):
        gains = np.array([lead["improvement"] for lead in leads])
        won = [lead for lead in leads if lead["success"]]
        row = {"method": method, "similarity at least": delta, "calls": budget, "leads": len(leads)}
        row |= {"improvement": round(float(gains.mean()), 3), "its deviation": round(float(gains.std()), 3)}
        row |= {"success": round(len(won) / len(leads), 4)}
        row["similarity"] = round(float(np.mean([lead["similarity"] for lead in won])), 3) if won else None
        rows.append(row | {"failed": sum("failed" in lead for lead in leads)})
    return rows


def joined(known: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return all rows, a new one in the place of the one that was known for the same method, similarity and calls."""
    every = {tuple(row[name] for name in ("method", "similarity at least", "calls")): row for row in (*known, *new)}
    return [every[key] for key in sorted(every)]


def result(rows: Sequence[Mapping[str, Any]], leads: Path) -> dict[str, Any]:
    """Return what is committed."""
    return {
        "protocol": "each lead is searched from by itself, measured first and counted among the calls; a candidate has "
        "at least the similarity (Tanimoto, Morgan bits, radius 2, 2,048) to the lead, at most 38 heavy atoms, and is "
        "not the lead. Improvement: the best candidate's penalised log P (in standard units, as GCPN and TDC have it) "
        "less the lead's, 0 where no candidate is better, mean over all leads; success: share "
        "of leads with a better one",
        "measured": list(rows),
        "published": [
            {"method": method, "similarity at least": delta, "improvement": gain, "success": share}
            for method, figures in PUBLISHED.items()
            for delta, (gain, share) in figures.items()
        ],
        "leads_sha256": sha256(leads),
        "versions": versions(),
    }


def main() -> None:
    """Run what has not been run, and put what all runs in the work folder come to into the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--leads", type=Path, required=True, help="opt.test.logP-SA of JT-VAE: SMILES and a number a line"
    )
    asked.add_argument("-n", type=int, default=800, help="leads, from the first on")
    asked.add_argument("--deltas", default="0.4,0.6", help="similarities, divided by commas")
    asked.add_argument("--methods", default="structure-bayes", help="divided by commas")
    asked.add_argument("--budget", type=int, default=80, help="calls for each lead; JT-VAE decoded 80 points")
    asked.add_argument("--batch", type=int, default=20)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--model", default="zinc250k")
    asked.add_argument("--work", type=Path, default=Path("runs/constrained_logp"), help="folder of the runs")
    asked.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    asked.add_argument("--no-result", action="store_true", help="print, and leave the result as it is")
    given = asked.parse_args()
    leads = [line.split()[0] for line in given.leads.read_text(encoding="utf-8").splitlines() if line.strip()][
        : given.n
    ]
    jobs = [
        Job(
            tuple(leads[first : first + CHUNK]),
            first,
            method,
            float(delta),
            given.budget,
            given.batch,
            given.seed,
            given.model,
            given.work,
        )
        for method in given.methods.split(",")
        for delta in given.deltas.split(",")
        for first in range(0, len(leads), CHUNK)
    ]
    for done in played(play, jobs, given.jobs):
        print(*summary([done]), flush=True)
    runs = [read_json(at) for at in sorted(given.work.glob("*/leads-*.json"))]
    rows = summary(runs)
    for row in rows:
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    if not given.no_result:
        known = read_json(RESULT)["measured"] if RESULT.is_file() else []
        write_json(RESULT, result(joined(known, rows), given.leads))


if __name__ == "__main__":
    main()
