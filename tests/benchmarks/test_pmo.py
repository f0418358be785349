"""PMO: areas by hand, and a run that is read again instead of run again."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import pmo, pmo_summary
from benchmarks.pmo import PMO, Job, auc, figures_of, listed, play
from benchmarks.pmo_summary import (
    PAGE,
    PUBLISHED,
    README,
    RESULT,
    UNSTABLE,
    duels,
    joined,
    result,
    sentence,
    summary,
    table,
    with_first,
)
from chemvae.io.atomic import read_json


def test_areas_by_hand():
    assert auc([1.0] * 200, 1, 200) == pytest.approx((50 + 100) / 200)
    assert auc([1.0] * 200, 1, 10_000) == pytest.approx((50 + 100 + 9_800) / 10_000)
    steps = [0.0] * 100 + [1.0] * 100 + [0.0] * 50  # 0 at call 100, 1 at call 200 and at the end
    assert auc(steps, 10, 250) == pytest.approx((0 + 50 + 50) / 250)
    assert auc([], 10, 100) == 0.0
    assert auc([float("nan"), 0.5], 1, 2) == pytest.approx(0.25)
    assert auc([0.2, 0.4], 10, 100) == pytest.approx((2 * 0.3 / 2 + 98 * 0.3) / 100)


def history(values: list[float]) -> pd.DataFrame:
    """Return a search of alkanes."""
    smiles = ["C" * (n + 1) for n in range(len(values))]
    return pd.DataFrame({"smiles": smiles, "objective": values, "how": "prior"})


def test_figures_of_a_search():
    rejected = pd.DataFrame(
        {"smiles": [None, "C", "CC"], "reason": ["RDKit cannot read it: x", "seen before", "seen before"]}
    )
    found = figures_of(history([0.1, float("nan"), 0.3]), rejected, 100)
    assert found["calls"] == 3 and found["failed"] == 1 and found["top_1"] == 0.3
    assert found["invalid"] == pytest.approx(1 / 6, abs=1e-4)
    assert 0 <= found["duplicates"] <= 2 / 6 + 1e-4
    assert found["best"][0] == "CCC"
    none = figures_of(history([0.1]), rejected.head(0), 100)
    assert none["invalid"] == none["duplicates"] == 0.0


def test_a_run_is_kept_and_read_again(tiny_bundle: Path, tmp_path: Path):
    job = Job("qed", "random", 0, 12, 6, str(tiny_bundle), tmp_path)
    first = play(job)
    assert first["calls"] == 12 and first["auc_10_held"] > first["auc_10_of_12"] > 0
    assert play(job) == first


def test_a_longer_run_has_the_figures_of_a_shorter_one(tiny_bundle: Path, tmp_path: Path, monkeypatch):
    for module in (pmo, pmo_summary):
        monkeypatch.setattr(module, "SHORT", 12)
    long, short = (play(Job("qed", "random", 0, budget, 6, str(tiny_bundle), tmp_path)) for budget in (24, 12))
    assert "first" not in short
    assert long["first"] == {key: short[key] for key in long["first"]}
    (first, second) = with_first([long])
    assert (first["budget"], second["budget"]) == (24, 12) and second["auc_10_of_12"] == short["auc_10_of_12"]
    assert len(with_first([long, short])) == 2


def test_sums_only_where_no_task_is_missing():
    run = {"contender": "random", "budget": 10, "seed": 0, "cpu_seconds": 60.0}
    runs = [{**run, "task": task, "auc_10_of_10": 0.5, "auc_10_held": 1.0} for task in PMO]
    (row,) = summary(runs)
    assert row["held to 10,000 calls, 20 tasks"] == 20.0 and row["held to 10,000 calls, 16 tasks"] == 16.0
    assert len(PMO) == 20 and set(UNSTABLE) < set(PMO)
    (part,) = summary(runs[1:])
    assert part["held to 10,000 calls, 20 tasks"] is None


def alike(contender: str, value: float, seed: int = 0) -> list[dict]:
    """Return a run of each task with the same area."""
    run = {"contender": contender, "budget": 1000, "batch": 20, "seed": seed, "cpu_seconds": 60.0}
    return [{**run, "task": task, "auc_10_of_1000": value, "auc_10_held": value} for task in PMO]


def test_new_runs_come_beside_those_that_are_known_and_take_the_place_of_the_same():
    known, new = alike("random", 0.1) + alike("random", 0.2, seed=1), alike("random", 0.3, seed=1)
    runs = joined(known, new)
    assert [(run["seed"], run["auc_10_held"]) for run in runs] == [(0, 0.1)] * 20 + [(1, 0.3)] * 20


def test_duels_are_fought_on_the_seeds_that_both_have():
    ours, theirs = alike("structure-bayes", 0.6) + alike("structure-bayes", 0.0, seed=1), alike("random", 0.5)
    theirs[0]["auc_10_of_1000"] = 0.6
    (row,) = duels([*ours, *theirs])
    assert row["structure-bayes is above on"] == 19 and row["tasks"] == 20 and row["seeds"] == 1
    assert row["not above on"] == PMO[0] and row["by, in all"] == pytest.approx(1.9)


def test_the_table_ranks_ours_among_the_published():
    lines = table(result(alike("structure-bayes", 0.69))).splitlines()
    assert len(lines) == 2 + 1 + len(PUBLISHED)
    assert lines[3].startswith("| **structure-bayes**, 1,000 calls, 1 seed | 13.80 | 11.04 |"), lines


def test_the_pages_show_the_committed_result():
    found = read_json(RESULT)
    assert table(found) in PAGE.read_text(encoding="utf-8"), "Run `python -m benchmarks.pmo --render-only`."
    assert sentence(found) in README.read_text(encoding="utf-8")


def test_names_are_checked():
    assert listed("all", PMO, "tasks") == list(PMO)
    assert listed("qed,median1", PMO, "tasks") == ["qed", "median1"]
    with pytest.raises(SystemExit, match="got 'qad'"):
        listed("qad", PMO, "tasks")
