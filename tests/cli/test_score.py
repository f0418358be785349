"""`chemvae score`: rows in their order, and one line for each kind of bad input."""

import io
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def main():
    from chemvae.cli.app import main

    return main


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\njunk,C(\nNA,CCO\n")
    return path


def test_rows_keep_order_columns_and_reasons(main, table, tmp_path, capsys):
    assert main(["score", str(table), "-o", str(tmp_path / "out.csv"), "--properties", "logp,qed", "-j", "1"]) == 0
    scored = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert list(scored.columns) == ["name", "smiles", "logp", "qed", "reason"]
    assert list(scored["name"]) == ["aspirin", "junk", "NA"]
    assert scored["logp"][1] == ""
    assert scored["reason"][1].startswith("RDKit cannot read it")
    assert "3 rows in, 3 out; 1 could not be scored" in capsys.readouterr().out


def test_standard_output_holds_the_table_and_nothing_else(main, table, capsys):
    assert main(["score", str(table), "-o", "-", "-j", "1"]) == 0
    said = capsys.readouterr()
    assert len(pd.read_csv(io.StringIO(said.out))) == 3
    assert "1 could not be scored" in said.err


def test_predictions_and_points_come_from_the_model(main, table, tmp_path, tiny_bundle):
    out = tmp_path / "out.parquet"
    options = ["--predict", "--latent", "-m", str(tiny_bundle), "-j", "1"]
    assert main(["score", str(table), "-o", str(out), *options]) == 0
    scored = pd.read_parquet(out)
    assert scored.filter(regex="^predicted_").columns.tolist() == ["predicted_logp", "predicted_qed"]
    assert scored.filter(regex="^z_").shape == (3, 6)
    assert scored["z_0"].notna().tolist() == [False, False, True]  # aspirin is too long for the tiny model


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--properties", "qde"], 'Did you mean "qed"?'),
        (["--on-invalid", "error"], "row 1"),
        (["--predict", "-m", "nowhere"], "nowhere"),
        (["--smiles-column", "smile"], "smile"),
        (["--properties", ""], "something to compute"),
    ],
)
def test_bad_options_are_told_and_write_nothing(main, table, tmp_path, capsys, options, hint):
    assert main(["score", str(table), "-o", str(tmp_path / "out.csv"), "-j", "1", *options]) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(said) == 1
    assert hint in said[0]
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n3,4\n", "smiles\n??\n!!\n", None])
def test_bad_tables_are_told_in_one_line_and_write_nothing(main, tmp_path, capsys, content):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content)
    before = list(tmp_path.iterdir())
    code = main(["score", str(path), "-o", str(tmp_path / "out.csv"), "-j", "1"])
    said = capsys.readouterr().err
    if content and content.startswith("smiles"):  # a named column of junk: every row keeps its reason
        assert code == 0
        return
    assert code == 1
    assert said.startswith("error: Expected")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == before


def test_nothing_is_overwritten_unasked(main, table, tmp_path, capsys):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert main(["score", str(table), "-o", str(out), "-j", "1"]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert main(["score", str(table), "-o", str(out), "-j", "1", "--overwrite"]) == 0
    assert out.read_text() != "mine"
