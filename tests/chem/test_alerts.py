"""MOSES' filters, one reason to fail at a time, and the values of MOSES' own test."""

import numpy as np
import pytest
from rdkit import Chem

from chemvae.chem.alerts import compiled, pains, passes
from chemvae.errors import ChemvaeError, InputError


@pytest.mark.parametrize(
    ("smiles", "clean"),
    [
        ("Cc1ccccc1", True),
        ("CC(=O)[O-]", False),  # a charge
        ("CCCP", False),  # an element
        ("C1CCCCCC1", True),  # seven in a ring
        ("C1CCCCCCC1", False),  # eight
        ("O=C1C=CC(=O)C=C1", False),  # PAINS: a quinone
        ("C1CC(", False),
    ],
)
def test_each_reason_to_fail(smiles, clean):
    assert passes([smiles]).tolist() == [clean]


def test_the_value_of_moses_own_test():
    made = ["CNC", "Oc1ccccc1-c1cccc2cnccc12", "CCCP", "Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1"]
    assert passes(made).mean() == 0.75


def test_more_patterns_see_hydrogens():
    aldehyde = "[#6]-[#6](=[#8])-[H]"
    assert passes(["CC=O", "CC(C)=O"], [aldehyde]).tolist() == [False, True]
    assert passes(["CC=O"]).tolist() == [True]
    with pytest.raises(InputError, match="SMARTS"):
        passes(["CC"], ["[OX2H"])


def test_to_screen_first_finds_the_same():
    smiles = ["O=C1C=CC(=O)C=C1", "Oc1ccccc1O", "CCN(CC)c1ccc(C=NN)cc1", "Cc1ccccc1", "CC(=O)Nc1ccccc1"]
    queries = [Chem.MolFromSmarts(text) for text in pains()]
    slow = [any(Chem.AddHs(Chem.MolFromSmiles(one)).HasSubstructMatch(q) for q in queries) for one in smiles]
    fast = [compiled(()).found_in(Chem.MolFromSmiles(one)) for one in smiles]
    assert len(queries) == 480
    assert slow == fast
    assert any(slow) and not all(slow)


def test_nothing_is_no_molecule():
    assert passes([]).shape == (0,)
    assert passes([]).dtype == np.bool_


def test_an_rdkit_without_its_patterns_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("rdkit.RDConfig.RDDataDir", str(tmp_path))
    pains.cache_clear()
    with pytest.raises(ChemvaeError, match="PAINS"):
        pains()
    pains.cache_clear()
