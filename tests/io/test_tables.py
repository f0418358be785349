"""Tables in and out: the same rows, the same text, whole or not at all."""

import csv
import gzip
import io
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.errors import ExistsError, InputError, MissingFileError
from chemvae.io import lines
from chemvae.io.tables import TableWriter, ending, numbers, read_chunks, read_table, write_table

FRAME = pd.DataFrame({"smiles": ["NA", "C/C=C\\C", "", "C,C"], "id": ["007", "=1+1", "x", 'say "hi"']}, dtype=str)


@pytest.mark.parametrize("kind", [".csv", ".csv.gz", ".tsv", ".tab", ".parquet"])
def test_what_is_written_is_read_back(tmp_path, kind):
    path = tmp_path / f"t{kind}"
    write_table(FRAME, path)
    pd.testing.assert_frame_equal(read_table(path), FRAME, check_dtype=False)


@pytest.mark.parametrize("kind", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_chunks_are_the_table(tmp_path, kind, rows):
    path = tmp_path / f"t{kind}"
    with TableWriter(path) as writer:
        writer.write(FRAME.iloc[:1])
        writer.write(FRAME.iloc[1:])
    chunks = list(read_chunks(path, rows))
    assert all(len(chunk) <= rows for chunk in chunks)
    whole = pd.concat(chunks)
    pd.testing.assert_frame_equal(whole, FRAME, check_dtype=False)
    assert whole.index.tolist() == [0, 1, 2, 3]


def test_smi(tmp_path):
    path = tmp_path / "t.smi.gz"
    write_table(pd.DataFrame({"smiles": ["CCO", None, "C"], "name": ["ethanol", None, None]}), path)
    assert gzip.decompress(path.read_bytes()) == b"CCO ethanol\n\nC\n"
    assert read_table(path)["smiles"].tolist() == ["CCO", "", "C"]
    with pytest.raises(InputError, match="columns smiles and name.*got smiles, qed"):
        write_table(pd.DataFrame({"smiles": ["C"], "qed": [0.4]}), tmp_path / "u.smi")
    assert not (tmp_path / "u.smi").exists()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_lose_no_digit(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_table(pd.DataFrame({"y": values}), path)
    np.testing.assert_array_equal(numbers(read_table(path)["y"], "y"), values)


def test_a_missing_number_is_written_empty_and_read_as_missing(tmp_path):
    write_table(pd.DataFrame({"y": [1.5, np.nan], "n": [1, 2]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "y,n\n1.5,1\n,2\n"


def test_the_same_table_has_the_same_bytes(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(FRAME, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_integers_with_gaps_stay_integers(tmp_path):
    frame = pd.DataFrame({"smiles": ["C", None], "n": pd.array([7, None], dtype="Int64")})
    frame.to_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert read["n"].tolist()[0] == 7 and isinstance(read["n"].tolist()[0], int)


def test_columns_are_chosen_and_checked(tmp_path):
    for name in ("t.csv", "t.parquet"):
        write_table(FRAME, tmp_path / name)
        assert list(read_table(tmp_path / name, ["id"]).columns) == ["id"]
        with pytest.raises(InputError, match=r"column 'smile'.*got smiles, id.*Did you mean \"smiles\"\?"):
            read_table(tmp_path / name, ["smile"])


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_table_without_rows_is_one_empty_frame(tmp_path, name):
    write_table(FRAME.iloc[:0], tmp_path / name)
    (only,) = read_chunks(tmp_path / name, 10)
    assert list(only.columns) == ["smiles", "id"] and only.empty


def test_standard_input_and_output(monkeypatch, capsys):
    for text, column in [("smiles,y\nC,1\n", "smiles"), ("C\nCC\n", "smiles"), ("SMILES\nC\n", "SMILES")]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert read_table("-")[column].tolist()[0] == "C"
    write_table(FRAME.iloc[:1], "-")
    assert capsys.readouterr().out == "smiles,id\nNA,007\n"


PASS_ON = "from chemvae.io.tables import read_table, write_table; write_table(read_table('-'), '-'); print('done')"


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_standard_input_and_output_are_utf_8_whatever_the_locale(locale):
    given, kept = "smiles,note\nC,ünï€\n".encode(), {k: v for k, v in os.environ.items() if k != "PYTHONIOENCODING"}
    command, environment = [sys.executable, "-c", PASS_ON], {**kept, "PYTHONUTF8": "0", **locale}
    done = subprocess.run(command, input=given, capture_output=True, env=environment)
    assert (done.stdout, done.stderr.decode()) == (given + b"done\n", "")


def test_standard_output_is_left_as_it_was(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="replace"))
    write_table(pd.DataFrame({"note": ["é"]}), "-")
    assert (sys.stdout.encoding, sys.stdout.errors, raw.getvalue()) == ("ascii", "replace", "note\né\n".encode())
    monkeypatch.setattr(sys, "stdout", io.StringIO())  # as a notebook has it
    write_table(pd.DataFrame({"note": ["é"]}), "-")
    assert sys.stdout.getvalue() == "note\né\n"


def test_a_closed_standard_input_or_output_is_told(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(InputError, match="standard output to write to, but it is closed"):
        TableWriter("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input, but it is closed"):
        read_table("-")


def test_a_long_cell_is_kept_and_one_beyond_all_measure_is_told(tmp_path, monkeypatch):
    long = "C" * 200_000
    (tmp_path / "t.csv").write_text(f'smiles,note\n{long},x\nC,"{long}, {long}"\n')
    assert read_table(tmp_path / "t.csv")["smiles"].tolist() == [long, "C"]
    assert read_table(tmp_path / "t.csv")["note"].tolist() == ["x", f"{long}, {long}"]
    before = csv.field_size_limit(100_000)
    try:
        monkeypatch.setattr(lines, "LONGEST", 150_000)
        with pytest.raises(InputError, match=r"cells of at most 150,000 characters.*Look for a quote"):
            read_table(tmp_path / "t.csv")
        csv.field_size_limit(250_000)  # what somebody else has raised stays
        with pytest.raises(InputError, match=r"cells of at most 250,000 characters"):
            read_table(tmp_path / "t.csv")
    finally:
        csv.field_size_limit(before)


def test_nested_cells_of_parquet_are_json_in_a_text(tmp_path):
    pq.write_table(pa.table({"smiles": ["C", "N"], "bits": [[0, 1] * 1024, None]}), tmp_path / "t.parquet")
    write_table(read_table(tmp_path / "t.parquet"), tmp_path / "t.csv")
    bits = read_table(tmp_path / "t.csv")["bits"].tolist()
    assert bits == [str([0, 1] * 1024).replace(" ", ""), ""]
    write_table(read_table(tmp_path / "t.parquet"), tmp_path / "u.parquet")
    assert pq.read_table(tmp_path / "u.parquet").equals(pq.read_table(tmp_path / "t.parquet"))


@pytest.mark.parametrize("columns", [None, ["smiles"]])
def test_two_columns_of_one_name_in_parquet_are_told(tmp_path, columns):
    pq.write_table(pa.table([["C"], [1], [2]], names=["smiles", "x", "x"]), tmp_path / "t.parquet")
    with pytest.raises(InputError, match="different column names.*'x' comes twice. Rename one"):
        read_table(tmp_path / "t.parquet", columns)


@pytest.mark.parametrize("n", [0, 4])
def test_an_index_of_pandas_is_a_column(tmp_path, n):
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame({"smiles": list("CNOF"), "id": [1, 2, 3, 4]}).iloc[:n]
    for index in ("id", "smiles"):  # pandas notes the first in two words, and writes the second as a column
        frame.set_index(index).to_parquet(path)
        found = pd.concat(list(read_chunks(path, 3)))
        assert sorted(found.columns) == ["id", "smiles"]
        assert found[["smiles", "id"]].values.tolist() == frame.values.tolist()
        for column in frame.columns:
            assert read_table(path, [column])[column].tolist() == frame[column].tolist()


@pytest.mark.parametrize("name", ["t", "t.xlsx", "t.gz", "t.parquet.gz", "t.csv.zip", "t.sdf"])
def test_other_endings_are_told(name):
    with pytest.raises(InputError, match=r"ends in \.csv"):
        ending(name)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.CSV", ".csv"), ("a.b.csv.GZ", ".csv"), ("x.smi", ".smi"), ("a.parquet", ".parquet")]
)
def test_endings(name, kind):
    assert ending(name) == kind


def test_no_such_file_and_a_folder(tmp_path):
    with pytest.raises(MissingFileError, match="no such file"):
        read_table(tmp_path / "t.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputError, match="it is a folder"):
        read_table(tmp_path / "d.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"smiles\nC\xe9\n", "UTF-8.*0xe9"),
        ("t.csv", "smiles\nC\n".encode("utf-16"), "UTF-8"),
        ("t.csv", b'smiles,y\n"C,1\nCC,2\n', "quotes that close"),
        ("t.csv.gz", b"smiles\nC\n", "readable table"),
        ("t.csv.gz", gzip.compress(b"smiles\n" + b"C" * 9999, mtime=0)[:-12], "readable table"),
        ("t.csv.gz", gzip.compress(b"smiles\nCCCCCO", mtime=0)[:10] + b"rubbish that is no deflate", "readable table"),
        ("t.parquet", b"smiles\nC\n", "Expected Parquet"),
        ("t.parquet", b"", "Expected Parquet"),
    ],
)
def test_damaged_files_are_told_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as told:
        read_table(tmp_path / name)
    assert "\n" not in str(told.value)


def test_nothing_is_overwritten_unasked(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("mine")
    with pytest.raises(ExistsError, match="--overwrite"):
        write_table(FRAME, path)
    assert path.read_text() == "mine"
    write_table(FRAME, path, overwrite=True)
    assert len(read_table(path)) == len(FRAME)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_an_interrupted_table_leaves_nothing(tmp_path, name):
    def interrupted() -> None:
        with TableWriter(tmp_path / name) as writer:
            writer.write(FRAME)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_frames_of_other_columns_are_told(tmp_path):
    with pytest.raises(InputError, match="Expected the columns"), TableWriter(tmp_path / "t.csv") as writer:
        writer.write(FRAME)
        writer.write(FRAME[["id", "smiles"]])


def test_numbers():
    cells = ["1", " 2.5 ", "-3e-2", "", "NA", "nan", "n/a", "None", "-", None, float("nan"), pd.NA, 4, np.float32(0.5)]
    expected = [1, 2.5, -0.03, *[np.nan] * 9, 4, 0.5]
    np.testing.assert_allclose(numbers(cells, "y"), expected)
    np.testing.assert_array_equal(numbers(["Yes", "no", "TRUE", "false", True, False], "y"), [1, 0, 1, 0, 1, 0])


@pytest.mark.parametrize("cell", [">10", "1,5", "inf", "-inf", "ten", "1 2"])
def test_what_is_no_number_is_told_and_not_taken_for_missing(cell):
    with pytest.raises(InputError, match="numbers in column 'IC50'.*row 1"):
        numbers(["1", cell], "IC50")
