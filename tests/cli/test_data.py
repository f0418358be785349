"""`chemvae data`: sets by name, tables made ready, and one line for each kind of bad input."""

import json

import pandas as pd
import pytest

NAMES = (
    "zinc250k", "moses", "qm9", "cep", "esol", "freesolv", "lipophilicity", "mnist", "binarized_mnist", "frey_faces",
    "ptb",
)  # fmt: skip


def test_list_names_every_set_with_its_checksum(main, capsys):
    assert main(["data", "list"]) == 0
    said = capsys.readouterr().out
    for name in [
        "zinc250k",
        "moses",
        "qm9",
        "cep",
        "esol",
        "freesolv",
        "lipophilicity",
        "mnist",
        "binarized_mnist",
        "frey_faces",
        "ptb",
    ]:
        assert f"\n{name}: " in f"\n{said}"
    assert "sha256" in said


def test_list_says_how_long_it_took_and_shows_its_settings(main, capsys):
    assert main(["data", "list", "-v"]) == 0
    assert "took" in capsys.readouterr().err
    assert main(["data", "list", "--print-config"]) == 0
    assert capsys.readouterr().out == "[list]\n"


def test_fetch_refuses_an_unknown_name(refused):
    assert 'Did you mean "zinc250k"?' in refused("data", "fetch", "zinc250", "-o", "out")


def test_fetch_refuses_a_folder_without_the_file(refused, tmp_path):
    (tmp_path / "copies").mkdir()
    assert "found none that is esol" in refused("data", "fetch", "esol", "--from", "copies", "-o", "out")


def test_fetch_refuses_a_page_in_place_of_data(refused, tmp_path):
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "delaney-processed.csv").write_text("<!DOCTYPE html><html>Sign in</html>")
    assert "web page" in refused("data", "fetch", "esol", "--from", "copies", "-o", "out")


def test_prepare_keeps_what_it_turns_away(main, table, tmp_path, capsys):
    out = tmp_path / "prepared"
    options = ["--properties", "logp", "--split-sizes", "0.5,0.5,0", "-j", "1"]
    assert main(["data", "prepare", str(table), "-o", str(out), *options]) == 0
    assert json.loads((out / "manifest.json").read_text())["counts"]["kept"] == 2
    rejects = pd.read_parquet(out / "rejects.parquet")
    assert rejects[["row", "text"]].values.tolist() == [[1, "C("]]
    assert "3 rows: 2 kept" in capsys.readouterr().out


def test_prepare_merges_pairs(main, table, tmp_path):
    options = ["--tokens", "pairs", "--merges", "1", "--properties", "logp", "--split-sizes", "1,0,0", "-j", "1"]
    assert main(["data", "prepare", str(table), "-o", str(tmp_path / "p"), *options]) == 0
    stored = json.loads((tmp_path / "p" / "tokenizer.json").read_text())
    assert stored["scheme"] == "pairs" and len(stored["merges"]) == 1
    assert json.loads((tmp_path / "p" / "manifest.json").read_text())["settings"]["merges"] == 1


def test_prepare_reads_standard_input(main, table, tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "chemvae", "data", "prepare", "-", "-o", str(tmp_path / "p"), "-j", "1"]
    subprocess.run(command, input=table.read_bytes(), check=True, capture_output=True)
    assert (tmp_path / "p" / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--properties", "qde"], 'Did you mean "qed"?'),
        (["--smiles-column", "smile"], "smile"),
        (["--target-columns", "yield"], "yield"),
        (["--split", "scafold"], 'Did you mean "scaffold"?'),
        (["--split-sizes", "0.5,0.1"], "Expected"),
        (["--max-length", "0"], "length cap"),
        (["--merges", "9"], "merges with tokens pairs"),
        (["--tokens", "pairs", "--merges", "0"], "1 to 30000 merges"),
        (["--max-length", "2"], "2"),
    ],
)
def test_prepare_refuses_a_bad_option(refused, table, options, hint):
    assert hint in refused("data", "prepare", str(table), "-o", "out", "-j", "1", *options)


@pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "smiles\n!!\n??\n"])
def test_prepare_refuses_a_bad_table(refused, tmp_path, content):
    if content is not None:
        (tmp_path / "bad.csv").write_text(content)
    assert "Expected" in refused("data", "prepare", "bad.csv", "-o", "out", "-j", "1")


def test_prepare_overwrites_nothing_unasked(refused, table, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "--overwrite" in refused("data", "prepare", str(table), "-o", "out")
