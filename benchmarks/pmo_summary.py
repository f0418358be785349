"""What runs of PMO come to: sums beside the published ones, who wins which task, and the tables for pages."""

import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.markers import fill_between, side_by_side
from chemvae.chem.oracles.names import PMO
from chemvae.io.atomic import read_json, write_json

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "pmo.json"
PAGE = ROOT / "pipelines" / "pmo" / "README.md"
README = ROOT / "README.md"

OURS = "structure-bayes"
"""The default method, which the others are held against."""
SHORT = 1_000
"""Calls of PMO-1K; a longer search has those figures of its first so many calls as well."""
UNSTABLE = ("isomers_c7h8n2o2", "isomers_c9h10n2o2pf2cl", "sitagliptin_mpo", "zaleplon_mpo")
"""Tasks whose oracle TDC changed in 0.3.7; without them figures of all papers can be compared."""

HELD = "held to 10,000 calls"
ALL, STABLE = "20 tasks", "16 tasks"
TRAITS = {
    "invalid": "invalid",
    "duplicates": "duplicates",
    "diversity_of_100_best": "diversity of the 100 best",
    "sa_of_100_best": "SA of the 100 best",
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

Run = Mapping[str, Any]


def told_apart(run: Run) -> tuple[str, str, int, int]:
    """Return what tells a run from others: task, contender, seed and budget."""
    return run["task"], run["contender"], run["seed"], run["budget"]


def joined(known: Sequence[Run], new: Sequence[Run]) -> list[Run]:
    """Return all runs, each once; a new one takes the place of the one that was known."""
    return list(({told_apart(run): run for run in known} | {told_apart(run): run for run in new}).values())


def committed() -> list[Run]:
    """Return the runs that the result has."""
    return read_json(RESULT)["runs"] if RESULT.is_file() else []


def with_first(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the runs, and the first thousand calls of longer ones as runs of their own: no search knows its end."""
    short = [
        {**{key: run[key] for key in ("task", "contender", "seed", "batch")}, **run["first"], "budget": SHORT}
        for run in runs
        if "first" in run
    ]
    whole = {(run["task"], run["contender"], run["seed"]) for run in runs if run["budget"] == SHORT}
    return [*map(dict, runs), *(run for run in short if (run["task"], run["contender"], run["seed"]) not in whole)]


def summary(runs: Sequence[Run]) -> list[dict[str, Any]]:
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
        for key, column in ((f"sum of AUC top-10 over {budget:,} calls", of), (HELD, held)):
            row[f"{key}, {ALL}"] = round(float(means[column].sum()), 3) if whole else None
            row[f"{key}, {STABLE}"] = round(float(means.loc[stable, column].sum()), 3) if whole else None
        for name, title in {**TRAITS, "cpu_seconds": "cpu minutes a run"}.items():
            known = group[name].dropna() if name in group else ()
            scale = 60 if name == "cpu_seconds" else 1
            row[title] = round(float(np.mean(known)) / scale, 3) if len(known) else None
        rows.append(row)
    return rows


def by_task(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return a row for each task: the mean AUC top-10 of each contender over its own budget."""
    rows = []
    for task in PMO:
        row: dict[str, Any] = {"task": task}
        for run in (run for run in with_first(runs) if run["task"] == task):
            row.setdefault(f"{run['contender']}, {run['budget']:,}", []).append(run[f"auc_10_of_{run['budget']}"])
        rows.append({key: round(float(np.mean(v)), 3) if isinstance(v, list) else v for key, v in row.items()})
    return rows


def duels(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return a row for each contender: on how many tasks ours is above it after a thousand calls, and on which not.

    Each task is compared on the seeds that both have run.
    """
    seen = {
        (run["contender"], run["task"], run["seed"]): run[f"auc_10_of_{SHORT}"]
        for run in with_first(runs)
        if run["budget"] == SHORT
    }
    rows = []
    for other in dict.fromkeys(contender for contender, _, _ in seen if contender != OURS):
        gains: dict[str, list[float]] = {}
        for (contender, task, seed), value in seen.items():
            if contender == other and (OURS, task, seed) in seen:
                gains.setdefault(task, []).append(seen[OURS, task, seed] - value)
        means = {task: float(np.mean(gain)) for task, gain in gains.items()}
        rows.append(
            {
                "contender": other,
                "calls": SHORT,
                "tasks": len(means),
                "seeds": min((len(gain) for gain in gains.values()), default=0),
                f"{OURS} is above on": sum(mean > 0 for mean in means.values()),
                "by, in all": round(sum(means.values()), 3),
                "not above on": ", ".join(sorted(task for task, mean in means.items() if mean <= 0)) or "none",
            }
        )
    return rows


def result(runs: Sequence[Run]) -> dict[str, Any]:
    """Return what is committed."""
    return {
        "protocol": "a call is one distinct valid canonical SMILES that was measured, those of the start included; no "
        "molecule is scored before the search, which begins from samples of the model's prior; one setting for all "
        "tasks; oracles in the fixed version; a failed score counts 0; AUC top-10 as in mol_opt. Held: the last value "
        "is held to 10,000 calls, as the protocol has it for a search that stops early, so it is a lower bound",
        "sums": summary(runs),
        "published": [
            {"method": name, f"AUC top-10 over 10,000 calls, {ALL}": all_, STABLE: stable}
            for name, (all_, stable) in PUBLISHED.items()
        ],
        "duels": duels(runs),
        "tasks": by_task(runs),
        "runs": [{key: value for key, value in run.items() if key not in ("how", "best", "model")} for run in runs],
        "versions": {name: version(name) for name in ("rdkit", "torch", "numpy")},
    }


def table(found: Mapping[str, Any]) -> str:
    """Return the sums of ours and of what is published, the greatest first, as a Markdown table."""
    rows: dict[str, dict[str, Any]] = {}
    for row in found["sums"]:
        if row[f"{HELD}, {ALL}"] is not None:
            name = f"**{row['contender']}**, {row['budget']:,} calls, {seeds(row)}"
            rows[name] = {"all": row[f"{HELD}, {ALL}"], "stable": row[f"{HELD}, {STABLE}"]}
    rows |= {name: {"all": all_, "stable": stable} for name, (all_, stable) in PUBLISHED.items()}
    ranked = dict(sorted(rows.items(), key=lambda one: -one[1]["all"]))
    columns = {"all": (ALL, "{:.2f}"), "stable": (f"the {STABLE} that no version changed", "{:.2f}")}
    return "\n".join(side_by_side("AUC top-10 over 10,000 calls, summed over", ranked, columns))


def sentence(found: Mapping[str, Any]) -> str:
    """Return where the longest searches of ours stand beside the best that is published, for the README."""
    ours = max((row for row in found["sums"] if row["contender"] == OURS), key=lambda row: row["budget"])
    name, (best, _) = max(PUBLISHED.items(), key=lambda one: one[1][0])
    text = (
        f"On the {ALL} of PMO that need no trained classifier, `{OURS}` has a sum of AUC top-10 of "
        f"{ours[f'{HELD}, {ALL}']:.2f} from {ours['budget']:,} calls a task, the last value held to 10,000 "
        f"({seeds(ours)}); the best published with every call counted has {best:.2f} from 10,000 ({name}). "
        "The table: [pipelines/pmo](pipelines/pmo/README.md)."
    )
    return textwrap.fill(text, 130, break_long_words=False, break_on_hyphens=False)


def seeds(row: Mapping[str, Any]) -> str:
    """Say how many seeds a row is the mean of."""
    return f"{row['seeds']} seed{'s' * (row['seeds'] != 1)}"


def write(runs: Sequence[Run]) -> None:
    """Write the result of all runs, and what pages show of it."""
    write_json(RESULT, result(runs))
    render()


def render() -> None:
    """Write the table of the page and the sentence of the README from the committed result."""
    found = read_json(RESULT)
    fill_between(PAGE, "sums", table(found))
    fill_between(README, "pmo", sentence(found))
