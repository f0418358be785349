"""`chemvae demo`: what it prints and leaves, on the tiny model and a few of its molecules."""

import importlib

import pandas as pd
import pytest


@pytest.fixture(autouse=True)
def few_molecules(monkeypatch, tmp_path_factory, small_molecules):
    """Let the package carry a few small molecules, and search at random, which takes no time."""
    module = importlib.import_module("chemvae.demo")
    path = tmp_path_factory.mktemp("carried") / "druglike.csv.gz"
    pd.DataFrame({"smiles": small_molecules[:25]}).to_csv(path, index=False)
    monkeypatch.setattr(module, "druglike_path", lambda: path)
    monkeypatch.setattr(module, "METHOD", "random")


def test_a_report_and_candidates(main, tmp_path, tiny_bundle, capsys):
    assert main(["demo", "-o", str(tmp_path / "out"), "-m", str(tiny_bundle), "--budget", "30"]) == 0
    assert "report.html" in capsys.readouterr().out
    assert (tmp_path / "out" / "report.html").read_text().lower().startswith("<!doctype html>")
    assert len(pd.read_csv(tmp_path / "out" / "candidates.csv")) > 0


def test_a_budget_below_the_start(refused, tiny_bundle):
    assert "budget" in refused("demo", "-o", "out", "-m", str(tiny_bundle), "--budget", "3")


def test_nothing_is_overwritten_unasked(refused, tmp_path, tiny_bundle):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "--overwrite" in refused("demo", "-o", "out", "-m", str(tiny_bundle))
