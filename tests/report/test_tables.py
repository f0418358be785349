"""Tables: every row in order, numbers with their full value, nothing from outside unescaped."""

import re

import pandas as pd

from chemvae.report.tables import molecule_table, plain_table, text_table

TABLE = pd.DataFrame(
    {
        "qed": [0.123456789, None],
        "smiles": ["CCO", "<script>alert(1)</script>"],
        "note": ["<img src=x onerror=alert(1)>", "a & b"],
        "call": [1, 2],
    }
)


def test_smiles_comes_first_and_rows_keep_their_order():
    html = molecule_table(TABLE)
    assert re.findall(r"<button[^>]*>([^<]+)<", html) == ["smiles", "qed", "note", "call"]
    assert html.index("CCO") < html.index("alert(1)")


def test_numbers_sort_by_their_full_value_and_gaps_have_none():
    html = molecule_table(TABLE)
    assert 'data-v="0.123456789"' in html and ">0.123<" in html
    assert '<td class="n">–</td>' in html


def test_a_long_text_is_told_apart_so_that_it_can_wrap():
    long = pd.DataFrame({"smiles": ["C"], "decoded": ["C" * 90], "exact": ["no"]})
    for html in (molecule_table(long), plain_table(long)):
        assert f'<td class="long">{"C" * 90}</td>' in html and "<td>no</td>" in html


def test_nothing_from_outside_is_markup():
    html = molecule_table(TABLE) + plain_table(TABLE)
    assert "<script" not in html and "<img" not in html


def test_long_tables_say_how_long():
    many = pd.DataFrame({"smiles": ["C"] * 7})
    html = molecule_table(many, most=5)
    assert html.count('<td class="mol">') == 5
    assert "5 rows" in html and "the first of 7" in html


def test_a_missing_structure_leaves_an_empty_cell():
    html = molecule_table(pd.DataFrame({"smiles": [None, "C"]}))
    assert '<td class="mol"></td>' in html


def test_text_is_aligned():
    shown = text_table(TABLE, ["smiles", "qed", "call"]).splitlines()
    assert shown[0].split() == ["smiles", "qed", "call"]
    assert shown[1].index("0.123") == shown[0].index("qed") - 2
    assert {len(line) for line in shown} == {len(shown[0])}


def test_text_of_no_rows_is_the_heading():
    assert text_table(TABLE.head(0)) == "qed  smiles  note  call"
