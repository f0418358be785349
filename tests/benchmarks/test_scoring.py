"""The benchmark of scoring: both sides say the same, each row once, and what differs is told."""

import numpy as np
import pytest

from benchmarks import scoring
from benchmarks.scoring import in_turn, largest_difference, ours, rdkit_one_by_one, read_smiles

SMILES = ["CCO", "CC(=O)Oc1ccccc1C(=O)O", "bad", "CCN", "[2H]C", "c1ccncc1", "", "CC(C)C"]


def test_both_sides_score_every_row_alike(monkeypatch):
    monkeypatch.setattr(scoring, "CHUNK", 3)
    monkeypatch.setattr(scoring, "WARM", 1)
    rates, found = in_turn({"rdkit": rdkit_one_by_one, "ours": ours}, SMILES, rounds=2)
    assert [len(values) for values in rates.values()] == [2, 2]
    assert found["ours"].shape == (len(SMILES) - 1, 3) and np.isnan(found["ours"][1]).all()
    assert largest_difference(found) == 0.0


def test_a_difference_and_a_gap_on_one_side_are_told():
    a = np.array([[1.0], [np.nan]])
    assert largest_difference({"a": a, "b": a + 0.5}) == 0.5
    with pytest.raises(AssertionError):
        largest_difference({"a": a, "b": np.ones((2, 1))})


def test_the_column_of_smiles_is_found(tmp_path):
    (tmp_path / "t.csv").write_text("id,smiles\n1,CCO\n2,CC\n3,C\n")
    assert read_smiles(tmp_path / "t.csv", 2) == ["CCO", "CC"]
