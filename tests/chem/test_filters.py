import numpy as np
import pytest

from chemvae.chem.filters import keeps, molecules, nearest, similar
from chemvae.chem.fingerprints import tanimoto
from chemvae.errors import InputError


def test_molecules_are_canonical_once_and_in_order():
    assert molecules(["OCC", "c1ccccc1", "CCO"], "start molecule") == ["CCO", "c1ccccc1"]


@pytest.mark.parametrize("bad", ["C1CC", "", None, float("nan"), "C(C)(C)(C)(C)C"])
def test_what_cannot_be_read_is_named_with_its_number(bad):
    with pytest.raises(InputError, match="start molecule as SMILES, but got .* as number 2"):
        molecules(["CC", bad], "start molecule")


def test_similar_passes_what_resembles():
    assert similar("Cc1ccccc1", 0.4)(["Cc1ccccc1", "Cc1ccccc1C", "CCCCO", "C1CC("]) == [True, True, False, False]


@pytest.mark.parametrize("least", [-0.1, 1.1, 40])
def test_similarity_is_a_share(least):
    with pytest.raises(InputError, match="between 0 and 1"):
        similar("CC", least)


def test_keeps_passes_what_has_the_part():
    assert keeps("[OX2H]")(["CCO", "CCN", "junk"]) == [True, False, False]
    with pytest.raises(InputError, match="SMARTS"):
        keeps("[OX2H")


def test_nearest_is_the_largest_similarity():
    many, others = ["CCO", "c1ccccc1O", "CCN"], ["CCCO", "Cc1ccccc1", "CCN"]
    expected = [tanimoto(one, others).max() for one in many]
    np.testing.assert_allclose(nearest(many, others), expected)
    assert np.isnan(nearest(many, [])).all()
    assert nearest([], others).shape == (0,)
