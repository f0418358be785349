"""MOSES' definitions, checked on numbers done by hand and on those of MOSES' own test."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chemvae.chem.fingerprints import tanimoto
from chemvae.chem.judge import judge
from chemvae.chem.metrics import (
    cosine,
    diversity,
    fragments,
    novelty,
    prints,
    scaffolds,
    similarity,
    to_nearest,
    uniqueness,
    valid_smiles,
    validity,
)

FOUR = ["CCO", "CCN", "c1ccccc1", "CC(=O)Oc1ccccc1C(=O)O"]
# The molecules and the expected values of MOSES' own tests/test_metrics.py.
MADE = ["CNC", "Oc1ccccc1-c1cccc2cnccc12", "CCCP", "Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1"]
TESTED = ["Oc1ccccc1-c1cccc2cnccc12", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1"]


def test_validity_counts_all_strings_and_the_rest_only_molecules():
    molecules = judge(["CCO", "OCC", "C1CC", "", "CC"])
    assert validity(molecules) == 3 / 5
    assert valid_smiles(molecules) == ["CCO", "CCO", "CC"]
    assert uniqueness(valid_smiles(molecules)) == 2 / 3
    assert novelty(valid_smiles(molecules), {"CC"}) == 1 / 2


def test_uniqueness_at_k_looks_at_the_first_k():
    assert uniqueness(["C", "C", "CC", "CCC"], k=2) == 1 / 2
    assert np.isnan(uniqueness(["C", "CC"], k=3))


def test_nothing_has_no_figure_rather_than_a_zero():
    assert np.isnan(
        [validity([]), uniqueness([]), novelty([], {"C"}), cosine({}, {"C": 1}), cosine({"C": 1}, {})]
    ).all()
    assert prints([]).shape == (0, 1024)
    assert diversity(prints([])).shape == to_nearest(prints([]), prints(["C"])).shape == (0,)
    assert np.isnan(to_nearest(prints(["C"]), prints([]))).all()
    assert fragments([]) == scaffolds([]) == Counter()


def test_the_values_of_moses_own_test():
    assert to_nearest(prints(MADE), prints(TESTED)).mean() == pytest.approx(0.3152585653588176, abs=1e-7)
    assert cosine(fragments(MADE), fragments(TESTED)) == pytest.approx(0.3, abs=1e-12)
    assert cosine(scaffolds(MADE), scaffolds(TESTED)) == pytest.approx(0.5, abs=1e-12)
    assert diversity(prints(MADE)).mean() == pytest.approx(0.7189187309761661, abs=1e-7)


@pytest.mark.parametrize("p", [1, 2])
def test_diversity_is_one_minus_the_power_mean_of_each_row(p):
    similar = np.array([tanimoto(one, FOUR, bits=1024) for one in FOUR])
    assert diversity(prints(FOUR), p) == pytest.approx(1 - (similar**p).mean(axis=1) ** (1 / p), abs=1e-6)


def test_blocks_do_not_show(monkeypatch):
    a, b = prints([*FOUR, "CCC", "CO"]), prints(["CCCl", "Oc1ccccc1", "N"])
    whole = diversity(a, 2), to_nearest(a, b)
    monkeypatch.setattr("chemvae.chem.metrics.ROWS", 4)
    monkeypatch.setattr("chemvae.chem.metrics.COLUMNS", 2)
    assert diversity(a, 2) == pytest.approx(whole[0])
    assert to_nearest(a, b) == pytest.approx(whole[1])


def test_copies_of_one_molecule_have_no_diversity():
    assert diversity(prints(["CCO"] * 5)) == pytest.approx(0.0, abs=1e-6)


def test_two_without_any_bit_are_the_same():
    none = np.zeros((1, 1024), dtype=np.uint8)
    assert similarity(none, none)[0, 0] == 1.0


def test_fragments_are_the_pieces_between_brics_bonds():
    assert fragments(["CCOC(C)=O", "CC"]) == Counter({"[3*]O[3*]": 1, "[4*]CC": 1, "[1*]C(C)=O": 1, "CC": 1})
    assert fragments(["CC", "CC"], jobs=1)["CC"] == 2


def test_scaffolds_have_two_rings_at_least():
    assert scaffolds(["CCO", "Cc1ccccc1", "Cc1ccc2ccccc2c1", "Oc1ccc2ccccc2c1"]) == Counter({"c1ccc2ccccc2c1": 2})


def test_cosine_of_counts():
    assert cosine({"a": 3, "b": 4}, {"a": 3, "c": 4}) == pytest.approx(9 / 25)
    assert cosine({"a": 2}, {"a": 7}) == pytest.approx(1.0)
    assert cosine({"a": 2}, {"b": 7}) == 0.0


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["C", "CC", "CCO", "CN"]), min_size=1))
def test_figures_are_shares(smiles):
    assert 0 < uniqueness(smiles) <= 1 and 0 <= novelty(smiles, {"C"}) <= 1
    assert -1e-6 <= diversity(prints(smiles)).mean() < 1
