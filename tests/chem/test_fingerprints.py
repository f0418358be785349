"""Similarity, substructures and scaffolds, row for row."""

import numpy as np
import pytest

from chemvae.chem.fingerprints import counts, has_substructure, morgan, scaffold, sparse_counts, tanimoto
from chemvae.errors import InputError


def test_unreadable_rows_are_nan_and_the_others_stay_in_place():
    for fingerprint in (morgan, counts):
        rows = fingerprint(["CCO", "x", "CCCCCC", None], bits=256)
        assert rows.shape == (4, 256)
        assert np.isnan(rows).all(axis=1).tolist() == [False, True, False, True]
        assert not np.isnan(rows[[0, 2]]).any()


def test_counts_count_where_bits_only_mark():
    smiles = ["CCCCCCCC"]
    assert morgan(smiles).max() == 1 and counts(smiles).max() > 1
    np.testing.assert_array_equal(morgan(smiles) > 0, counts(smiles) > 0)


def test_tanimoto_agrees_with_the_bits():
    many = ["CCO", "CCN", "c1ccccc1", "bad", "OCC"]
    similar = tanimoto("CCO", many)
    bits = morgan(many)
    by_hand = [(bits[0] * row).sum() / np.maximum(bits[0], row).sum() for row in bits]
    np.testing.assert_allclose(similar, by_hand)
    assert similar[0] == similar[4] == 1.0 and np.isnan(similar[3])


def test_tanimoto_to_what_cannot_be_read_is_nan():
    assert np.isnan(tanimoto("C1CC", ["CCO", "C"])).all()
    assert tanimoto("CCO", []).shape == (0,)


def test_substructures():
    is_acid = has_substructure("C(=O)[OH]")
    assert [is_acid(smiles) for smiles in ("CC(=O)O", "CC(=O)OC", "x", None)] == [True, False, False, False]


@pytest.mark.parametrize("smarts", ["", "C(", "not smarts", "é"])
def test_bad_smarts_are_told(smarts):
    with pytest.raises(InputError, match="Expected a SMARTS pattern"):
        has_substructure(smarts)


def test_scaffolds():
    assert scaffold("CC(=O)Oc1ccccc1C(=O)O") == "c1ccccc1"
    assert scaffold("CCO") == ""
    assert scaffold("C1CC") is None


def test_sparse_counts_are_the_counts():
    smiles = ["CCO", "x", "Cc1ccccc1CCCCC", None]
    sparse = sparse_counts(smiles)
    assert sparse.shape == (4, 2048)
    np.testing.assert_array_equal(sparse.toarray(), np.nan_to_num(counts(smiles, radius=3)))
    assert sparse_counts([]).shape == (0, 2048)
