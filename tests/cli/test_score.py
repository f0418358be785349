"""`chemvae score`: rows in their order, and one line for each kind of bad input."""

import io

import pandas as pd
import pytest


def test_rows_keep_order_columns_and_reasons(main, table, tmp_path, capsys):
    assert main(["score", str(table), "-o", str(tmp_path / "out.csv"), "--properties", "logp,qed", "-j", "1"]) == 0
    scored = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert list(scored.columns) == ["name", "smiles", "logp", "qed", "reason"]
    assert list(scored["name"]) == ["aspirin", "junk", "NA"]
    assert scored["logp"][1] == ""
    assert scored["reason"][1].startswith("RDKit cannot read it")
    assert "3 rows in, 3 out; 1 could not be scored" in capsys.readouterr().out


def test_a_page_stands_beside_the_table_and_in_the_folder_of_a_job(main, table, tmp_path, capsys):
    given = ["score", str(table), "--properties", "qed", "-j", "1"]
    assert main([*given, "-o", str(tmp_path / "out.csv.gz")]) == 0
    assert main([*given, "-o", str(tmp_path / "job"), "--shard-rows", "2"]) == 0
    beside, inside = (tmp_path / "out.html").read_text(), (tmp_path / "job" / "report.html").read_text()
    assert all("2 of 3 rows have a score" in text and "<code>CCO</code>" in text for text in (beside, inside))
    assert "look at" in capsys.readouterr().out
    assert main([*given, "-o", str(tmp_path / "job"), "--overwrite", "--no-report"]) == 0
    assert not (tmp_path / "job" / "report.html").exists()


def test_a_page_that_is_there_is_not_overwritten_unasked(refused, table, tmp_path):
    (tmp_path / "out.html").write_text("mine")
    assert "out.html" in refused("score", str(table), "-o", "out.csv", "-j", "1")


def test_quiet_leaves_the_result_and_verbose_says_how_long(main, table, tmp_path, capsys):
    given = ["score", str(table), "--properties", "qed", "-j", "1", "--no-report", "--overwrite"]
    assert main([*given, "-o", str(tmp_path / "out.csv"), "-q"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and "3 rows in" in said.out
    assert main([*given, "-o", "-", "-q"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*given, "-o", str(tmp_path / "out.csv"), "-v"]) == 0
    assert "took" in capsys.readouterr().err


def test_verbose_counts_what_rdkit_said(main, tmp_path, capsys):
    table, out = tmp_path / "lib.csv", str(tmp_path / "out.csv")
    table.write_text("smiles\nCCO\nCCN\nCC(\n\nc1cccc1\n")
    given = ["score", str(table), "-j", "1", "--no-report", "--overwrite", "-o", out]
    assert main([*given, "-v"]) == 0
    said = capsys.readouterr().err
    assert "RDKit said 2 things of molecules: " in said
    assert "1 SMILES Parse Error" in said and "1 Can't kekulize" in said
    assert main(given) == 0
    assert "RDKit" not in capsys.readouterr().err


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
        (["--properties", ""], "something to compute"),
        (["--on-invalid", "error"], "row 1"),
        (["--predict", "-m", "nowhere"], "nowhere"),
        (["--smiles-column", "smile"], "smile"),
    ],
)
def test_a_bad_option(refused, table, options, hint):
    assert hint in refused("score", str(table), "-o", "out.csv", "-j", "1", *options)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (None, "no such file"),
        ("", "empty"),
        ("smiles\n", "column names only"),
        ("a,b\n1,2\n3,4\n", "SMILES"),
        ("a,b\nhello,world\njunk,more junk\n", "SMILES"),
    ],
)
def test_a_bad_table(refused, tmp_path, content, hint):
    if content is not None:
        (tmp_path / "bad.csv").write_text(content)
    assert hint in refused("score", "bad.csv", "-o", "out.csv", "-j", "1")


def test_nothing_is_overwritten_unasked(main, refused, table, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert "--overwrite" in refused("score", str(table), "-o", "out.csv", "-j", "1")
    assert main(["score", str(table), "-o", "out.csv", "-j", "1", "--overwrite"]) == 0
    assert out.read_text() != "mine"
