"""What a string is, or why it is no molecule; nothing is lost on the way."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from chemvae.chem.judge import LATEST, MAX_CHARACTERS, MOST_LATEST, canonical, explain, judge, read, write
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


@pytest.mark.parametrize("text", ["[CH260]", "[C+256]", "C[Cl-300]", "[65536CH4]", "[13CH444]", "[[" * 500 + "CH999]"])
def test_numbers_that_rdkit_would_take_for_others_are_refused(text):
    assert judge([text])[0].verdict is Verdict.UNPARSABLE


@pytest.mark.parametrize("text", ["[235U+6]", "[9999CH4]", "[NH3+]C1CC2CC3CCC-123", "[CH3:123]C", "[O-]C.[Na+]"])
def test_numbers_that_atoms_have_are_read(text):
    assert judge([text])[0].valid


def test_a_valence_that_rdkit_cannot_count_is_told_too():
    assert judge(["[CH99]"])[0].reason
    assert explain("[13CH444]") == "an atom that cannot be"


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


def test_what_was_just_written_reads_as_it_would_afresh_and_belongs_to_the_reader():
    texts = ["OC(=O)c1ccccc1OC(C)=O", "F/C=C/[C@H](N)O", "[nH]1cccc1", "C[N+](C)(C)C.[Cl-]"]
    fresh = [Chem.MolToMolBlock(Chem.MolFromSmiles(Chem.MolToSmiles(Chem.MolFromSmiles(text)))) for text in texts]
    written = [canonical(text) for text in texts]
    assert set(written) <= set(LATEST)
    assert [Chem.MolToMolBlock(read(smiles)) for smiles in written] == fresh
    Chem.Kekulize(read(written[0]), clearAromaticFlags=True)
    assert any(atom.GetIsAromatic() for atom in read(written[0]).GetAtoms())


def test_only_the_latest_molecules_are_remembered_and_nothing_that_is_none():
    canonical("N")
    for length in range(1, MOST_LATEST + 1):
        write(Chem.MolFromSmiles(f"[{length}CH4]"))
    assert "N" not in LATEST
    assert len(LATEST) == MOST_LATEST
    assert write(Chem.Mol()) is None
    assert "" not in LATEST
    assert not judge([""])[0].valid


def test_molecules_of_rdkit_are_read_like_the_smiles_they_write():
    aspirin = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
    found = judge([Chem.AddHs(aspirin), Chem.Mol(), None, aspirin])
    assert [molecule.smiles for molecule in found] == ["CC(=O)Oc1ccccc1C(=O)O", None, None, "CC(=O)Oc1ccccc1C(=O)O"]
    assert [molecule.verdict for molecule in found[1:3]] == [Verdict.EMPTY, Verdict.NOT_TEXT]
    assert found[3].text == "CC(=O)Oc1ccccc1C(=O)O"
