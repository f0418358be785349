"""Measures: hand-made cases come out exactly."""

import math

import numpy as np
import pandas as pd
import pytest

from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.report.measures import by_length, errors, kl_of, of_samples, reconstruction, repeated, use_of_latent


def good(*smiles: str) -> list[Molecule]:
    return [Molecule(text, text, Verdict.VALID) for text in smiles]


BAD = Molecule("C1", None, Verdict.UNPARSABLE)


def test_reconstruction_counts_what_cannot_be_decoded_as_a_miss():
    merit = reconstruction(["CCO", "CCN", "CCC", "CC"], [*good("CCO", "CCC"), BAD, *good("CC")])
    assert (merit.value, merit.n) == (0.5, 4)


def test_reconstruction_by_length_adds_up():
    given = ["CCO", "C" * 10, "C" * 11, "C" * 25]
    table = by_length(given, [*good("CCO", "CC"), BAD, *good("C" * 25)])
    assert table[["shortest", "longest"]].to_numpy().tolist() == [[1, 10], [11, 20], [21, 30]]
    assert table["exact_reconstruction"].tolist() == [0.5, 0.0, 1.0]
    assert table["n"].tolist() == [2, 1, 1]
    assert (table["low"] <= table["exact_reconstruction"]).all()


def test_repeated_decodes_are_a_share_of_a_thousand():
    merit = repeated([1000, 0, 500])
    assert (merit.name, merit.value, merit.n) == ("stochastic_reconstruction", 0.5, 3)
    assert merit.low == 0.0 and merit.high == 1.0
    assert "10 points" in merit.protocol and "100 decodes" in merit.protocol


def test_samples_as_moses_counts_them():
    drawn = [*good("CCO", "CCO", "CCN", "CCC"), BAD]
    merits = {merit.name: merit for merit in of_samples(drawn, {"CCO"}, "the set")}
    assert merits["validity"].value == 0.8
    assert merits["unique_at_5"].value == 0.75  # of the valid
    assert merits["novelty"].value == pytest.approx(2 / 3)  # of the distinct valid
    assert "the set" in merits["novelty"].protocol and "5 samples" in merits["validity"].protocol


def test_unique_at_1k_is_of_the_first_thousand():
    drawn = good(*[f"{'C' * (at % 1000 + 1)}" for at in range(1500)])
    merits = {merit.name: merit for merit in of_samples(drawn, (), "nothing")}
    assert merits["unique_at_1k"].value == 1.0
    assert "unique_at_10k" not in merits


def test_nothing_valid_leaves_uniqueness_and_novelty_unknown():
    merits = {merit.name: merit for merit in of_samples([BAD], (), "nothing")}
    assert merits["validity"].value == 0.0
    assert math.isnan(merits["unique_at_1"].value) and math.isnan(merits["novelty"].value)


def test_a_dead_dimension_is_not_active_and_kl_is_exact():
    mean = np.array([[1.0, 0.0], [-1.0, 0.0], [np.nan, np.nan]])
    std = np.array([[0.5, 1.0], [0.5, 1.0], [np.nan, np.nan]])
    active, kl = use_of_latent(Encoded(mean, std, [*good("C", "CC"), BAD]))
    assert (active.value, active.n) == (0.5, 2)
    assert kl.value == pytest.approx(0.5 * (1 + 0.25 - 1 - 2 * math.log(0.5)))
    assert kl.n == 2
    assert kl_of(Encoded(mean, std, [*good("C", "CC"), BAD])).shape == (2, 2)


def test_errors_leave_out_gaps_on_either_side():
    predicted = pd.DataFrame({"qed": [0.5, np.nan, 1.0], "sa": [1.0, 1.0, 1.0]})
    (merit,) = errors(predicted, {"qed": np.array([0.25, 1.0, np.nan])})
    assert (merit.name, merit.value, merit.n) == ("mae_qed", 0.25, 1)


def test_yes_or_no_is_judged_by_its_ranking():
    predicted = pd.DataFrame({"active": [0.9, 0.4, 0.4, 0.1, 0.7]})
    (merit,) = errors(predicted, {"active": np.array([1.0, 1.0, 0.0, 0.0, np.nan])})
    assert (merit.name, merit.value, merit.n) == ("auroc_active", 0.875, 4)
    assert "2 yes, 2 no" in merit.protocol
    assert merit.low < 0.875 < merit.high <= 1.0
    (alone,) = errors(predicted, {"active": np.ones(5)})
    assert alone.name == "mae_active"
