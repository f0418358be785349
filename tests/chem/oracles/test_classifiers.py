"""Classifiers come from scikit-learn as plain arrays, go to a file and come back, and say what scikit-learn said."""

import json
import pickle
import struct

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from safetensors.numpy import save
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from chemvae.chem.oracles.classifier import activity, folded
from chemvae.chem.oracles.exported import from_sklearn
from chemvae.chem.oracles.models import Classifier, Forest, Inputs, Logistic
from chemvae.chem.oracles.retrained import RETRAINED, fit
from chemvae.errors import ExistsError, InputError
from chemvae.io.classifiers import read_classifier, write_classifier

INPUTS = Inputs(radius=2, bits=256)
ESTIMATORS = [
    RandomForestClassifier(7, random_state=0),
    RandomForestClassifier(5, random_state=0, class_weight="balanced", bootstrap=False),
    ExtraTreesClassifier(5, random_state=0),
    DecisionTreeClassifier(random_state=0, max_depth=3),
    LogisticRegression(C=10.0),
]


@pytest.fixture(scope="module")
def labels(small_molecules):
    return [int("N" in smiles) for smiles in small_molecules]


@pytest.fixture(scope="module")
def prints(small_molecules):
    return np.stack([folded(INPUTS)(Chem.MolFromSmiles(smiles)) for smiles in small_molecules]).astype(np.float32)


@pytest.fixture(scope="module")
def forest(prints, labels):
    return from_sklearn(RandomForestClassifier(5, random_state=0).fit(prints, labels), INPUTS, "mine", {"of": "test"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
def test_says_what_scikit_learn_says_after_a_trip_through_a_file(estimator, small_molecules, prints, labels, path):
    estimator.fit(prints, labels)
    write_classifier(from_sklearn(estimator, INPUTS, "mine", {"of": "test"}), path)
    oracle = activity(read_classifier(path))
    assert oracle.name == "mine"
    expected = estimator.predict_proba(prints.astype(np.float64))[:, 1]
    np.testing.assert_allclose(oracle(small_molecules), expected, atol=1e-12)
    scored = oracle.scored([None, small_molecules[0], "x", ""])
    assert scored.values[1] == pytest.approx(expected[0], abs=1e-12)
    assert np.isnan(scored.values).tolist() == [bool(reason) for reason in scored.reasons] == [True, False, True, True]


def test_what_a_file_holds_comes_back(forest, path):
    write_classifier(forest, path)
    back = read_classifier(path)
    assert (back.name, back.inputs, back.notes) == (forest.name, INPUTS, {"of": "test"})
    np.testing.assert_array_equal(back.model.threshold, forest.model.threshold)
    with pytest.raises(ExistsError):
        write_classifier(forest, path)
    write_classifier(forest, path, overwrite=True)


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("features", [False, True])
def test_fingerprints_are_folded_by_their_remainder(counts, features):
    mol = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
    invariants = rdFingerprintGenerator.GetMorganFeatureAtomInvGen() if features else None
    make = rdFingerprintGenerator.GetMorganGenerator(radius=3, atomInvariantsGenerator=invariants)
    expected = np.zeros(2048)
    for environment, count in make.GetSparseCountFingerprint(mol).GetNonzeroElements().items():
        expected[environment % 2048] += count
    found = folded(Inputs(radius=3, counts=counts, features=features))(mol)
    np.testing.assert_array_equal(found, expected if counts else expected > 0)


def test_no_molecules(forest):
    assert activity(forest)([]).shape == (0,)
    assert np.isnan(activity(forest)(["x"])).all()


@pytest.mark.parametrize(
    ("estimator", "hint"),
    [
        (RandomForestClassifier(), "fitted"),
        (object(), "fitted"),
        (SVC(kernel="rbf"), "fitted"),
    ],
)
def test_what_is_not_fitted_is_refused(estimator, hint):
    with pytest.raises(InputError, match=hint):
        from_sklearn(estimator, INPUTS)


def test_what_cannot_be_written_as_arrays_is_refused(prints, labels):
    with pytest.raises(InputError, match="CalibratedClassifierCV"):
        from_sklearn(CalibratedClassifierCV(LogisticRegression(), cv=2).fit(prints, labels), INPUTS)
    with pytest.raises(InputError, match="two classes"):
        from_sklearn(DecisionTreeClassifier().fit(prints, np.arange(len(prints)) % 3), INPUTS)
    with pytest.raises(InputError, match="2048 inputs"):
        from_sklearn(DecisionTreeClassifier().fit(prints, labels), Inputs())

    class Louder(LogisticRegression):
        def predict_proba(self, x):
            return super().predict_proba(x) ** 2

    with pytest.raises(InputError, match="other chances than its own parts"):
        from_sklearn(Louder().fit(prints, labels), INPUTS)


def tree(**changed):
    """A stump with one question and two leaves, some of it changed."""
    arrays = {
        "roots": np.array([0], dtype=np.int32),
        "column": np.array([3, 0, 0], dtype=np.int32),
        "threshold": np.array([0.5, 0.0, 0.0]),
        "left": np.array([1, -1, -1], dtype=np.int32),
        "right": np.array([2, -1, -1], dtype=np.int32),
        "value": np.array([0.5, 0.25, 1.0]),
    }
    return arrays | changed


def test_a_stump_by_hand():
    x = np.zeros((3, 8), dtype=np.float32)
    x[1, 3], x[2, 3] = 1, 0.5
    assert Forest(**tree()).chance(x).tolist() == [0.25, 1.0, 0.25]


@pytest.mark.parametrize(
    "changed",
    [
        {"left": np.array([0, -1, -1], dtype=np.int32)},  # a walk in a circle
        {"right": np.array([7, -1, -1], dtype=np.int32)},
        {"left": np.array([-5, -1, -1], dtype=np.int32)},
        {"right": np.array([2, 2, -1], dtype=np.int32)},  # half a leaf
        {"roots": np.array([3], dtype=np.int32)},
        {"roots": np.array([], dtype=np.int32)},
        {"column": np.array([256, 0, 0], dtype=np.int32)},
        {"column": np.array([-1, 0, 0], dtype=np.int32)},
        {"threshold": np.array([np.nan, 0.0, 0.0])},
        {"value": np.array([0.5, 1.25, 1.0])},
        {"value": np.array([0.5, np.nan, 1.0])},
        {"value": np.array([0.5, 0.25])},
        {"value": np.array([0.5, 0.25, 1.0], dtype=np.float32)},
        {"value": np.array([[0.5, 0.25, 1.0]])},
        {"roots": None},
    ],
)
def test_hostile_arrays_are_refused_when_read(path, changed):
    said = {"format": "chemvae-classifier", "format_version": 1, "kind": "forest", "name": "x", "notes": {}}
    said["inputs"] = {"radius": 2, "bits": 256, "counts": False, "features": False}
    path.write_bytes(save({k: v for k, v in tree(**changed).items() if v is not None}, {"chemvae": json.dumps(said)}))
    with pytest.raises(InputError, match=str(path)):
        read_classifier(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "other"},
        {"format_version": 2},
        {"kind": "oracle"},
        {"kind": "logistic"},
        {"inputs": {"radius": 2}, "kind": "forest", "notes": 3},
        {"inputs": {"radius": 2, "bits": 10**9}},
        {"inputs": {"radius": True, "bits": 256}},
        {"inputs": {"radius": 2, "bits": 256, "code": "print()"}},
        {"inputs": None},
        {"name": None, "notes": None},
    ],
)
def test_hostile_settings_are_refused_when_read(path, changed):
    said = {"format": "chemvae-classifier", "format_version": 1, "kind": "forest", "name": "x", "notes": {}}
    said["inputs"] = {"radius": 2, "bits": 256, "counts": False, "features": False}
    path.write_bytes(save(tree(), {"chemvae": json.dumps(said | changed)}))
    with pytest.raises(InputError, match=str(path)):
        read_classifier(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"short",
        struct.pack("<Q", 10**18) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4000) + b"[" * 4000,
        pickle.dumps({"a": 1}),
        save({"a": np.zeros(3)}),
        save({"a": np.zeros(3)}, {"chemvae": "[1]"}),
        save({"a": np.zeros(3)}, {"chemvae": "[" * 100_000}),
    ],
)
def test_what_is_no_classifier_is_refused(path, raw):
    path.write_bytes(raw)
    with pytest.raises(InputError, match="pickled model is never loaded"):
        read_classifier(path)


def test_a_missing_and_a_truncated_file(forest, path):
    with pytest.raises(InputError, match="no file is there"):
        read_classifier(path)
    write_classifier(forest, path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="damaged"):
        read_classifier(path)


def test_a_logistic_regression_by_hand():
    model = Classifier("mine", Inputs(bits=2), Logistic(np.array([2.0, -1.0]), 0.5)).check()
    x = np.array([[0, 0], [1, 1], [0, 1e9]], dtype=np.float32)
    np.testing.assert_allclose(model.model.chance(x), [1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(-1.5)), 0])
    with pytest.raises(InputError, match="2 finite weights"):
        Classifier("mine", Inputs(bits=2), Logistic(np.array([2.0, np.inf]), 0.5)).check()


def test_retraining_counts_what_it_leaves_out_and_ranks(small_molecules, labels):
    texts = [*small_molecules, small_molecules[0], "x", None, "CCO", "OCC", "CBr"]
    known = [*labels, labels[0], 0, 1, 0, 1, None]
    model = fit("gsk3b-retrained", texts, known, trees=20)
    assert model.name == "gsk3b-retrained" and model.inputs == RETRAINED["gsk3b-retrained"]
    counts = {
        key: int(model.notes[key]) for key in ("molecules", "active", "unreadable", "unlabelled", "contradictory")
    }
    lost = int("CCO" in small_molecules)
    assert counts == {
        "molecules": len(small_molecules) - lost,
        "active": sum(labels),
        "unreadable": 2,
        "unlabelled": 1,
        "contradictory": 1,
    }
    assert float(model.notes["oob_roc_auc"]) > 0.8
    assert "not a model of PMO" in activity(model).source
    chances = activity(model)(["CCCN", "CCCO"])
    assert chances[0] > 0.5 > chances[1]
    again = fit("gsk3b-retrained", texts, known, trees=20)
    np.testing.assert_array_equal(again.model.value, model.model.value)
    assert again.notes == model.notes


def test_a_handful_of_molecules_fits_without_a_figure():
    model = fit("mine", ["CCN", "CCO"], [1, 0], trees=1)
    assert "oob_roc_auc" not in model.notes


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("gsk3b", ["C", "CC"], [0, 1]), "Call it gsk3b-retrained"),
        (("zaleplon_mpo", ["C", "CC"], [0, 1]), "no benchmark has"),
        (("mine", ["C"], [0, 1]), "a label for each of 1"),
        (("mine", ["C", "CC"], [0, 2]), "got 2 in row 2"),
        (("mine", ["C", "CC"], [0, 0.5]), "got 0.5 in row 2"),
        (("mine", ["C", "CC"], [float("nan"), -1.0]), "got -1.0 in row 2"),
        (("mine", ["C", "CC"], [0, 0]), "0 of 2 are active"),
        (("mine", [], []), "0 of 0 are active"),
        (("mine", ["x", None], [0, 1]), "0 of 0 are active"),
    ],
)
def test_data_that_cannot_be_fitted_is_told(arguments, hint):
    with pytest.raises(InputError, match=hint):
        fit(*arguments)
