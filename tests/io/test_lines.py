"""Text tables row by row: nothing lost, shifted or split in the wrong place."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.errors import InputError
from chemvae.io.lines import rows_of


def rows(tmp_path, text: str | bytes, kind: str = ".csv") -> list[list[str]]:
    path = tmp_path / f"table{kind}"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(rows_of(path, kind))


def test_cells_stay_text(tmp_path):
    assert rows(tmp_path, "smiles,id\nNA,007\nnan,\nN,=1+1\n") == [
        ["smiles", "id"],
        ["NA", "007"],
        ["nan", ""],
        ["N", "=1+1"],
    ]


def test_blank_lines_inside_are_rows_and_at_the_end_are_not(tmp_path):
    assert rows(tmp_path, "\n\nsmiles\nC\n\nCC\n\n\n") == [["smiles"], ["C"], [""], ["CC"]]
    assert rows(tmp_path, "C\n\nCC\n\n", ".smi") == [["smiles", "name"], ["C", ""], ["", ""], ["CC", ""]]
    assert rows(tmp_path, "\nC\n", ".smi") == [["smiles", "name"], ["", ""], ["C", ""]]


def test_a_row_of_empty_cells_is_a_row(tmp_path):
    assert rows(tmp_path, "smiles,y\n,\nC,1\n,\n") == [["smiles", "y"], ["", ""], ["C", "1"], ["", ""]]


def test_short_rows_are_filled_and_long_ones_told(tmp_path):
    assert rows(tmp_path, "smiles,a,b\nC\nCC,1\n")[1:] == [["C", "", ""], ["CC", "1", ""]]
    with pytest.raises(InputError, match="Expected 2 cells.*line 3 has 3"):
        rows(tmp_path, "smiles,name\nC,x\nCC,1,2-ethane\n")


def test_zinc250k_as_it_was_published(tmp_path):
    published = 'smiles,logP\n"CCO\n",1.0\n"CC\n",2.0\n'
    assert rows(tmp_path, published) == [["smiles", "logP"], ["CCO\n", "1.0"], ["CC\n", "2.0"]]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("smiles\ty\nC\t1\n", ".csv"),
        ("smiles;y\nC;1\n", ".csv"),
        ("smiles\ty\nC\t1\n", ".tsv"),
        ("smiles,y\nC,1", ".txt"),
    ],
)
def test_the_delimiter_is_seen(tmp_path, text, kind):
    assert rows(tmp_path, text, kind) == [["smiles", "y"], ["C", "1"]]


@pytest.mark.parametrize("kind", [".smi", ".txt"])
def test_lines_of_smiles_with_and_without_header_and_names(tmp_path, kind):
    assert rows(tmp_path, "CCO ethanol 95 %\nC\n", kind) == [["smiles", "name"], ["CCO", "ethanol 95 %"], ["C", ""]]
    assert rows(tmp_path, "SMILES\tid\nC\tx\n", kind) == [["SMILES", "id"], ["C", "x"]]
    assert rows(tmp_path, "C\nCCO\n", kind) == [["smiles", "name"], ["C", ""], ["CCO", ""]]


@pytest.mark.parametrize("kind", [".smi", ".txt", ""])
@pytest.mark.parametrize(("first", "column"), [("", "smiles"), ("SMILES\n", "SMILES")])
def test_a_name_that_comes_in_any_later_line_is_a_name(tmp_path, kind, first, column):
    found = rows(tmp_path, f"{first}C\n" + "CC\n" * 3000 + "CCO 95 % ethanol\nc1ccccc1\tbenz\n", kind)
    assert found[:2] == [[column, "name"], ["C", ""]]
    assert found[-2:] == [["CCO", "95 % ethanol"], ["c1ccccc1", "benz"]]


def test_byte_order_mark_and_windows_line_ends(tmp_path):
    assert rows(tmp_path, b"\xef\xbb\xbfsmiles,y\r\nC,1\r\n") == [["smiles", "y"], ["C", "1"]]


def test_gz(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"smiles\nC\n"))
    assert list(rows_of(path, ".csv")) == [["smiles"], ["C"]]


@pytest.mark.parametrize("text", ["", "\n\n", "  \n"])
def test_an_empty_file_is_told(tmp_path, text):
    with pytest.raises(InputError, match="the file is empty"):
        rows(tmp_path, text)


def test_two_columns_of_one_name_are_told(tmp_path):
    with pytest.raises(InputError, match="'smiles' comes twice"):
        rows(tmp_path, "smiles,y,smiles\nC,1,CC\n")
    with pytest.raises(InputError, match="'smiles' comes twice"):
        rows(tmp_path, "smiles smiles\nC CC\n", ".smi")


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("kind", [".csv", ".smi"])
def test_another_encoding_is_told_without_its_nul_characters(tmp_path, code, kind):
    with pytest.raises(InputError, match="UTF-8.*NUL characters") as told:
        rows(tmp_path, "\nsmiles,y\nC,1\n".encode(code), kind)
    assert "\0" not in str(told.value)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)


@given(st.lists(st.tuples(CELL.filter(bool), CELL), max_size=8))
def test_what_csv_writes_is_read_back(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("a", "b"), *table])
    assert [tuple(row) for row in rows_of(path, ".csv")] == [("a", "b"), *table]
