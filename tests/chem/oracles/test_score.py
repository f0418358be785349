"""The score algebra: parts are worked out once, failures keep their place and reason, and means are means."""

import pickle

import numpy as np
import pytest

from chemvae.chem.oracles.modifiers import Clipped, Gaussian, Linear
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.oracles.score import Oracle, Score, geometric_mean, mean, product
from chemvae.chem.oracles.similarity import Similarity
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.oracles.terms import Descriptor
from chemvae.errors import InputError
from chemvae.search.objective import Objective

HOSTILE = ["CCO", None, "", "not smiles", "C1CC", "C" * 100_000, float("nan"), "é", "C\nC", "*", "c1ccccc1"]
READABLE = [0, 9, 10]


class Fixed(Score):
    """Given values, whatever the molecules."""

    def __init__(self, *values):
        self.given, self.calls = np.array(values, dtype=float), 0

    def work_out(self, subjects):
        self.calls += 1
        return self.given


def test_means_by_hand():
    a, b = Fixed(0.25, 0.0, 1.0), Fixed(1.0, 1.0, 0.5)
    three = ["C", "CC", "CCC"]
    np.testing.assert_allclose(mean(a, b)(three), [0.625, 0.5, 0.75])
    np.testing.assert_allclose(geometric_mean(a, b)(three), [0.5, 0.0, 0.5**0.5])
    np.testing.assert_allclose(product(a, b)(three), [0.25, 0.0, 0.5])
    np.testing.assert_allclose(mean(a, b, weights=[3, 1])(three), [0.4375, 0.25, 0.875])
    np.testing.assert_allclose(geometric_mean(a, b, weights=[2, 0])(three[:1] * 3), [0.25, 0.0, 1.0])


def test_many_small_factors_do_not_vanish():
    assert geometric_mean(*[Fixed(1e-200)] * 3)(["C"])[0] == pytest.approx(1e-200)


def test_a_failure_beats_a_zero_and_stays_nan():
    a, b = Fixed(np.nan, 0.0), Fixed(0.0, 0.0)
    for score in (mean(a, b), geometric_mean(a, b), product(a, b)):
        assert np.isnan(score(["C", "C"])).tolist() == [True, False]


def test_a_negative_term_has_no_geometric_mean_and_says_so():
    scored = geometric_mean(Fixed(-1.0), Fixed(1.0)).scored(["C"])
    assert np.isnan(scored.values[0])
    assert scored.reasons == ["GeometricMean is not a number"]


def test_infinity_is_a_failure_with_a_reason():
    scored = Fixed(1.0, np.inf).through(Linear(2)).scored(["C", "C"])
    assert scored.values[0] == 2 and np.isnan(scored.values[1])
    assert scored.reasons == ["", "Fixed is infinite"]


def test_modifiers_apply_in_their_order_and_functions_will_do():
    score = Fixed(0.0, 0.5, 2.0)
    np.testing.assert_allclose(score.through(Linear(2), Clipped(1))(["C"] * 3), [0, 1, 1])
    np.testing.assert_allclose(score.through(Clipped(1), Linear(2))(["C"] * 3), [0, 1, 2])
    np.testing.assert_allclose(score.through(lambda x: x**2)(["C"] * 3), [0, 0.25, 4])
    with pytest.raises(InputError, match="3 numbers from a modifier"):
        score.through(lambda x: x[:1])(["C"] * 3)


def test_a_shared_part_is_worked_out_once():
    part = Fixed(0.5)
    mean(part, geometric_mean(part, part), part.through(Gaussian(0, 1)))(["C"])
    assert part.calls == 1


def test_each_fingerprint_is_made_once_for_several_oracles(monkeypatch):
    made = []
    make = Subjects.made

    def counted(self, key, function):
        made.extend([key] * (self is subjects and key not in self._made))
        return make(self, key, function)

    subjects = Subjects(["CCO", "c1ccccc1"])
    monkeypatch.setattr(Subjects, "made", counted)
    for name in ("zaleplon_mpo", "sitagliptin_mpo", "median1", "perindopril_mpo", "isomers_c7h8n2o2"):
        oracle(name).scored_on(subjects)
    assert made.count("ECFP4") == 1
    assert len(made) == len(set(made))


@pytest.mark.parametrize("name", ["zaleplon_mpo", "mestranol_similarity", "deco_hop", "qed", "valsartan_smarts"])
def test_hostile_input_is_nan_with_a_reason_in_its_place(name):
    scored = oracle(name).scored(HOSTILE)
    assert scored.values.dtype == np.float64
    assert np.flatnonzero(np.isfinite(scored.values)).tolist() == READABLE
    assert [bool(reason) for reason in scored.reasons] == np.isnan(scored.values).tolist()
    assert scored.reasons[1] == "not text: a missing cell"
    assert "4000" in scored.reasons[5]


@pytest.mark.parametrize("name", ["mestranol_similarity", "deco_hop", "valsartan_smarts"])
def test_a_huge_molecule_is_refused_where_it_would_take_hours(name):
    scored = oracle(name).scored(["C" * 3000])
    assert np.isnan(scored.values[0])
    assert "3000 atoms, and distances are computed up to 500" in scored.reasons[0]
    assert np.isfinite(oracle("zaleplon_mpo")(["C" * 3000])[0])


def test_no_molecules():
    for name in ("deco_hop", "zaleplon_mpo", "osimertinib_mpo"):
        assert oracle(name)([]).shape == (0,)


def test_one_string_is_no_list():
    with pytest.raises(InputError, match="Expected a list of SMILES, but got 'CCO'"):
        Descriptor("qed")("CCO")


@pytest.mark.parametrize(
    ("build", "hint"),
    [
        (lambda: mean(), "got none"),
        (lambda: product(), "got none"),
        (lambda: mean(Fixed(1.0), weights=[1, 2]), "1 weights"),
        (lambda: geometric_mean(Fixed(1.0), weights=[0]), "1 weights"),
        (lambda: mean(Fixed(1.0), Fixed(1.0), weights=[-1, 2]), "2 weights"),
        (lambda: mean(Fixed(1.0), weights=[float("nan")]), "1 weights"),
    ],
)
def test_what_cannot_be_put_together_is_told(build, hint):
    with pytest.raises(InputError, match=hint):
        build()


def test_an_oracle_is_an_objective_under_its_name():
    mine = Oracle("druglike", geometric_mean(Descriptor("qed"), Similarity("CCO").through(Clipped(0.5))))
    objective = Objective(maximize=mine)
    assert objective.names == ("druglike",)
    scores = objective.score(["CCO", "c1ccccc1"], lambda smiles: {})
    np.testing.assert_allclose(scores.value, mine(["CCO", "c1ccccc1"]))


def test_scores_travel_to_other_processes():
    for name in ("osimertinib_mpo", "deco_hop"):
        copy = pickle.loads(pickle.dumps(oracle(name)))
        np.testing.assert_array_equal(copy(["CCO", "x"]), oracle(name)(["CCO", "x"]))
