"""`chemvae evaluate`: figures on the screen and as JSON, and bad input in one line."""

import json

import pandas as pd
import pytest


@pytest.fixture(autouse=True)
def no_chemnet(monkeypatch):
    """Leave FCD out where the test is not of it: it takes seconds."""
    monkeypatch.setattr("chemvae.report.likeness.weights_path", lambda: None)


def test_figures_with_their_protocol(main, tmp_path, small_molecules, tiny_bundle, capsys):
    data, out = tmp_path / "held-out.csv", tmp_path / "figures"
    pd.DataFrame({"smiles": small_molecules}).to_csv(data, index=False)
    line = ["evaluate", "-m", str(tiny_bundle), "--data", str(data), "-n", "50", "--samples", "100", "-j", "1"]
    assert main([*line, "-o", str(out), "--jtvae-protocol", "1"]) == 0
    assert "exact_reconstruction" in capsys.readouterr().out
    figures = json.loads((out / "metrics.json").read_text())
    assert figures["exact_reconstruction"] > 0.8
    assert figures["figures"]["validity"]["n"] == 100
    assert figures["figures"]["stochastic_reconstruction"]["n"] == 1
    assert set(figures["mae"]) == {"logp", "qed"}
    assert 0 < figures["latent_smoothness"] < 1
    assert (out / "report.html").is_file() and (out / "latent_smoothness.svg").is_file()


def test_ten_thousand_samples_unless_said(main, capsys):
    assert main(["evaluate", "--print-config"]) == 0
    shown = capsys.readouterr().out
    assert "number = 10000" in shown and "jtvae_protocol = 0" in shown


def test_every_run_ends_with_a_page_that_it_names(main, table, tiny_bundle, capsys, monkeypatch):
    monkeypatch.chdir(table.parent)
    line = ["evaluate", "-m", str(tiny_bundle), "--data", str(table), "-n", "5", "-j", "1"]
    assert main(line) == 0
    assert "written to runs/evaluate: report.html" in capsys.readouterr().out
    assert "exact_reconstruction" in (table.parent / "runs/evaluate/report.html").read_text()
    assert main(line) == 1
    assert "runs/evaluate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--data", "missing.csv"], "missing.csv"),
        (["--data", "in.csv", "--reference", "missing.csv"], "missing.csv"),
        (["--data", "in.csv", "--filters", "missing.csv"], "missing.csv"),
        (["--data", "in.csv", "--filters", "in.csv"], "smarts"),
        (["--data", "in.csv", "--samples", "0"], "at least 1"),
        (["--data", "in.csv", "--target-columns", "yield"], "yield"),
        (["--data", "in.csv", "-o", "."], "exists"),
    ],
)
def test_bad_input(refused, table, tiny_bundle, options, hint):
    assert hint in refused("evaluate", "-m", str(tiny_bundle), "-n", "5", "-j", "1", *options)
