"""MOSES' definitions, checked on numbers done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.chem.fingerprints import tanimoto
from chemvae.chem.judge import judge
from chemvae.chem.metrics import internal_diversity, novelty, uniqueness, valid_smiles, validity


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
    figures = [validity([]), uniqueness([]), novelty([], {"C"}), internal_diversity([])]
    assert np.isnan(figures).all()


@pytest.mark.parametrize("p", [1, 2])
def test_internal_diversity_is_one_minus_the_power_mean(p):
    smiles = ["CCO", "CCN", "c1ccccc1", "CC(=O)Oc1ccccc1C(=O)O"]
    similar = np.array([tanimoto(one, smiles, bits=1024) for one in smiles])
    assert internal_diversity(smiles, p) == pytest.approx(1 - (similar**p).mean() ** (1 / p), abs=1e-6)


def test_copies_of_one_molecule_have_no_diversity():
    assert internal_diversity(["CCO"] * 5) == pytest.approx(0.0, abs=1e-6)


@given(st.lists(st.sampled_from(["C", "CC", "CCO", "CN"]), min_size=1))
def test_figures_are_shares(smiles):
    assert 0 < uniqueness(smiles) <= 1 and 0 <= novelty(smiles, {"C"}) <= 1 and -1e-6 <= internal_diversity(smiles) < 1
