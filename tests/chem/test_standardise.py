"""One form for each molecule; or only canonical SMILES when switched off."""

import pytest

from chemvae.chem.standardise import forms, standard, standardise
from chemvae.molecule import Verdict


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),  # the largest fragment, neutral
        ("C[NH+](C)C.[Cl-]", "CN(C)C"),
        ("O=C(O)c1ccccc1.O", "O=C(O)c1ccccc1"),
        ("C[N+](C)(C)C", "C[N+](C)(C)C"),  # a charge that cannot be taken away stays
        ("CN(=O)=O", "C[N+](=O)[O-]"),  # one way to write a nitro group
        ("OCC", "CCO"),
        ("N[C@@H](C)C(=O)O", "C[C@H](N)C(=O)O"),  # stereo is kept
        ("[NH3+][C@@H](C)C(=O)[O-]", "C[C@H](N)C(=O)O"),
        ("[H]OC([H])([H])[H]", "CO"),
    ],
)
def test_forms(given, form):
    found = standardise(given)
    assert (found.smiles, found.verdict, found.text) == (form, Verdict.VALID, given)


def test_standardising_twice_changes_nothing():
    given = ["CC(=O)[O-].[Na+]", "C[NH+]1CCC(c2c[nH]c3ccccc23)CC1", "Cc1ccc(/C=C2\\SC(N3CC[NH2+]CC3)=NC2=O)cc1"]
    once = forms(given)
    assert forms(once) == once


def test_off_keeps_salts_and_charges():
    assert standardise("C[NH+](C)C.[Cl-]", on=False).smiles == "C[NH+](C)C.[Cl-]"
    assert standardise("OCC", on=False).smiles == "CCO"


def test_what_cannot_be_read_keeps_its_text_and_reason():
    for given, verdict in [("C1CC", Verdict.UNPARSABLE), ("", Verdict.EMPTY), (None, Verdict.NOT_TEXT)]:
        found = standard(given)
        assert found.mol is None and found.molecule.verdict is verdict and found.molecule.reason


def test_a_toolkit_that_gives_up_is_a_reason(monkeypatch):
    def give_up(_):
        raise RuntimeError("Pre-condition violated\nmany lines")

    monkeypatch.setattr("chemvae.chem.standardise.clean", give_up)
    found = standardise("CCO")
    assert found.reason == "the toolkit gave up on it: Pre-condition violated"


def test_forms_keep_the_order():
    assert forms(["OCC", "x", "C"]) == ["CCO", None, "C"]
