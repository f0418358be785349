"""What a string is, or why it is no molecule; nothing is lost on the way."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from chemvae.chem.judge import MAX_CHARACTERS, canonical, judge, read
from chemvae.molecule import Verdict


def test_order_and_length_are_kept():
    given_strings = ["OCC", "", None, "C1CC", "c1ccccc1", float("nan"), 3.5, "NA", "nan"]
    found = judge(given_strings)
    assert [molecule.verdict for molecule in found] == [
        Verdict.VALID,
        Verdict.EMPTY,
        Verdict.NOT_TEXT,
        Verdict.UNPARSABLE,
        Verdict.VALID,
        Verdict.NOT_TEXT,
        Verdict.NOT_TEXT,
        Verdict.UNPARSABLE,
        Verdict.UNPARSABLE,
    ]
    assert [molecule.smiles for molecule in found[:5]] == ["CCO", None, None, None, "c1ccccc1"]
    assert [molecule.text for molecule in found] == ["OCC", "", "", "C1CC", "c1ccccc1", "", "3.5", "NA", "nan"]


@given(st.lists(st.none() | st.text(max_size=20) | st.floats()))
def test_n_in_n_out_whatever_comes(strings):
    found = judge(strings)
    assert len(found) == len(strings)
    assert all(molecule.valid == (molecule.smiles is not None) for molecule in found)
    assert all(molecule.reason or molecule.valid for molecule in found)


@pytest.mark.parametrize("text", ["CCO ethanol", "C\tC", "Cé", "C\0C", "C\ud800", "C C", "CCO |$a;b;c$|", "C\n.C"])
def test_what_rdkit_would_read_by_halves_is_refused(text):
    assert judge([text])[0].verdict is Verdict.UNPARSABLE


@pytest.mark.parametrize("text", [" CCO", "CCO\n", "\tCCO "])
def test_spaces_around_do_no_harm(text):
    assert canonical(text) == "CCO"


def test_a_chain_that_would_crash_the_process_is_turned_away():
    verdicts = [judge(["C" * n])[0].verdict for n in (MAX_CHARACTERS, MAX_CHARACTERS + 1, 100_000)]
    assert verdicts == [Verdict.VALID, Verdict.FAILED, Verdict.FAILED]


def test_the_reason_says_what_is_wrong():
    five_bonds, open_ring = judge(["CC(C)(C)(C)C", "C1CC"])
    assert "valence" in five_bonds.reason and "C" in five_bonds.reason
    assert open_ring.reason == "RDKit cannot read it: not SMILES"


def test_canonical_is_the_same_when_written_again():
    for smiles in ["C[C@@H]1CC(Nc2cncc(-c3nncn3C)c2)C[C@@H](C)C1", "O=[N+]([O-])c1ccccc1", "C/C=C\\C", "[2H]C", "*"]:
        once = canonical(smiles)
        assert once is not None and canonical(once) == once
        assert Chem.MolToSmiles(read(once)) == once


def test_rdkit_stays_silent(capfd):
    judge(["C1CC", "CC(C)(C)(C)C", "rubbish"])
    assert capfd.readouterr() == ("", "")


def test_read_gives_none_for_what_is_no_text():
    assert read(None) is None and read(math.nan) is None and read("") is None
