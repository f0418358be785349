"""Constrained log P and 5 QED - SAS: runs are kept, failures count, and summaries are means over what was asked."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import constrained_logp, qed_sa

LEADS = ("CC(=O)Oc1ccccc1C(=O)O", "OCCN")


def test_leads_are_searched_once_and_read_again(tiny_bundle: Path, tmp_path: Path):
    job = constrained_logp.Job(LEADS, 0, "graph-ga", 0.2, 12, 6, 0, str(tiny_bundle), tmp_path)
    first = constrained_logp.play(job)
    assert [row["lead"] for row in first["leads"]] == list(LEADS)
    assert all(row["success"] == (row["improvement"] > 0) for row in first["leads"])
    assert all(row["similarity"] >= 0.2 for row in first["leads"] if row["success"])
    assert job.file.is_file() and constrained_logp.play(job) == first


def test_a_lead_without_a_better_candidate_counts_nothing():
    won = {"improvement": 2.0, "success": True, "similarity": 0.5}
    lost = {"improvement": 0.0, "success": False}
    run = {"method": "random", "delta": 0.4, "budget": 80, "leads": [won, lost, lost | {"failed": "why"}, won]}
    (row,) = constrained_logp.summary([run])
    assert row["leads"] == 4 and row["improvement"] == 1.0 and row["success"] == 0.5
    assert row["similarity"] == 0.5 and row["failed"] == 1


def test_rows_of_other_similarities_stay():
    def row(delta: float, improvement: float) -> dict:
        return {"method": "random", "similarity at least": delta, "calls": 80, "improvement": improvement}

    rows = constrained_logp.joined([row(0.4, 1.0), row(0.6, 0.5)], [row(0.6, 0.7), row(0.2, 2.0)])
    assert rows == [row(0.2, 2.0), row(0.4, 1.0), row(0.6, 0.7)]


def test_the_worst_come_first(tmp_path: Path):
    table = tmp_path / "some.csv"
    table.write_text("smiles\nCCO\nnonsense\nCC(=O)Oc1ccccc1C(=O)O\nOCC\n", encoding="utf-8")
    found = qed_sa.population(table)
    assert set(found["smiles"]) == {"CCO", "CC(=O)Oc1ccccc1C(=O)O"}
    assert np.all(np.diff(found["objective"]) > 0)
    assert found["objective"].tolist() == pytest.approx(qed_sa.objective(found["smiles"].tolist()).tolist())


def test_methods_stand_best_first():
    runs = [
        {
            "method": method,
            "seed": seed,
            "calls": 100,
            "best": best,
            "mean of the best 10": best - 1,
            "mean of the best 100": best - 2,
            "cpu_seconds": 60.0,
        }
        for method, best in (("random", 2.0), ("bayes", 3.0))
        for seed in (0, 1)
    ]
    rows = qed_sa.summary(runs, pd.DataFrame({"objective": [0.0, 1.5, 2.5, 4.0]}))
    assert [row["method"] for row in rows] == ["bayes", "random"]
    assert rows[0]["share of the table below the best 10"] == 0.5 and rows[0]["seeds"] == 2
