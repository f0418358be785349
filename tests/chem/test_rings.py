"""How many rings of one length a molecule has, before RDKit lists them."""

import pytest
from rdkit import Chem

from chemvae.chem.judge import MANY_DIGITS, judge
from chemvae.chem.rings import MOST, equal_rings
from chemvae.molecule import Verdict


def ring_of_rings(n):
    return "C%10" + "C1CCC(CC1)" * n + "C%10"


@pytest.mark.parametrize("n", [6, 8, 10])
def test_a_ring_of_rings_is_counted_as_rdkit_lists_it(n):
    mol = Chem.MolFromSmiles(ring_of_rings(n))
    listed = mol.GetRingInfo().NumRings() - n  # of a molecule that is kept: its rings go with it
    assert equal_rings(Chem.MolFromSmiles(ring_of_rings(n), sanitize=False)) == listed == 2**n


@pytest.mark.parametrize("smiles", ["CCO", "c1ccccc1", "C1CCCCCCCCCCCCCCCCCCCCCCCCCCCCC1"])
def test_what_has_no_ring_of_rings_has_one_of_a_kind(smiles):
    assert equal_rings(Chem.MolFromSmiles(smiles, sanitize=False)) == 1


def test_more_rings_than_memory_holds_are_refused_and_fewer_are_read():
    many, few = judge([ring_of_rings(200), ring_of_rings(12)])
    assert many.verdict is Verdict.FAILED
    assert f"{MOST:,} rings" in many.reason
    assert few.valid


def test_a_string_that_fuzzing_found_is_refused():
    chain = ("CC1CC0" * 8 + "CC") * 19
    assert judge([f"C1CC%10{chain}CC1CC%10"])[0].verdict is Verdict.FAILED


def test_a_large_sheet_is_read():
    row = "C1CCC2CCC3CCC4CCC5CCC6CCC7CCC8CCC9CCCCC9C8C7C6C5C4C3C2C1"
    assert sum(map(str.isdigit, row * 2)) >= MANY_DIGITS
    assert judge([f"{row}.{row}"])[0].valid
