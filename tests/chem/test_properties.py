"""Computed properties: right, row for row, and NaN, never 0, where there is none."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED, Crippen, Descriptors

from chemvae.chem.properties import PROPERTIES, check_properties, compute, longest_ring, sascorer
from chemvae.errors import InputError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
BENZENE = "c1ccccc1"


def test_values_are_those_of_rdkit():
    mol = Chem.MolFromSmiles(ASPIRIN)
    found = compute([ASPIRIN], PROPERTIES)
    assert found["logp"][0] == Crippen.MolLogP(mol)
    assert found["qed"][0] == pytest.approx(0.550122, abs=1e-6) == pytest.approx(QED.qed(mol), abs=1e-6)
    assert found["sa"][0] == sascorer().calculateScore(mol)
    assert found["mw"][0] == Descriptors.MolWt(mol)
    expected = {"heavy_atoms": 13, "rings": 1, "aromatic_rings": 1, "hbd": 1, "charge": 0, "stereocentres": 0}
    assert {name: found[name][0] for name in expected} == expected


@pytest.mark.parametrize(("smiles", "value"), [("C", -6.230), (BENZENE, 2.095), (ASPIRIN, 1.137)])
def test_penalised_logp_is_that_of_the_literature(smiles, value):
    assert compute([smiles], ["plogp"])["plogp"][0] == pytest.approx(value, abs=6e-4)


def test_penalised_logp_counts_the_longest_ring():
    assert longest_ring(Chem.MolFromSmiles("C1CCCCCCC1")) == 8
    assert longest_ring(Chem.MolFromSmiles("CCO")) == 0


def test_what_is_no_molecule_is_nan_in_its_place():
    found = compute(["CCO", "C1CC", None, "", BENZENE], ["logp", "mw"])
    assert np.isnan(found["logp"]).tolist() == np.isnan(found["mw"]).tolist() == [False, True, True, True, False]


def test_a_failure_is_nan_and_not_zero(monkeypatch):
    def fail(mol):
        raise RuntimeError("no")

    monkeypatch.setitem(PROPERTIES, "logp", fail)
    monkeypatch.setitem(PROPERTIES, "qed", lambda mol: np.inf)
    found = compute(["CCO"], ["logp", "qed", "mw"])
    assert np.isnan(found["logp"][0]) and np.isnan(found["qed"][0]) and found["mw"][0] > 0


def test_processes_agree_with_one_and_keep_the_order():
    smiles = ["C" * (1 + i % 7) + "O" if i % 5 else "bad" for i in range(1200)]
    alone, together = compute(smiles, ["logp", "mw"], jobs=1), compute(smiles, ["logp", "mw"], jobs=2)
    for name in ("logp", "mw"):
        np.testing.assert_array_equal(alone[name], together[name])


def test_no_molecules_and_no_names():
    assert compute([], ["logp"])["logp"].shape == (0,)
    assert compute(["CCO"], []) == {}


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(InputError, match=r"got 'qedd'.*Did you mean \"qed\"\?"):
        check_properties(["logp", "qedd"])


def test_names_are_taken_once():
    assert check_properties(["qed", "logp", "qed"]) == ("qed", "logp")
