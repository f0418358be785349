from importlib.metadata import EntryPoint

import numpy as np
import pytest

from chemvae import plugins
from chemvae.chem.oracles.models import Classifier, Inputs, Logistic
from chemvae.errors import ChemvaeError, InputError, OracleError
from chemvae.io.classifiers import write_classifier
from chemvae.plugins import objective_from, plugin, resolved
from chemvae.search.objective import Objective

pytestmark = pytest.mark.usefixtures("plugged")


@pytest.fixture
def entries(monkeypatch):
    """Entry points as installed packages would announce them."""
    announced = {
        "tiny-length": "tiny_oracles:length",
        "whole": "tiny_scores:whole",
        "broken": "raises_at_import:score",
    }
    found = [EntryPoint(name, value, plugins.GROUP) for name, value in announced.items()]
    monkeypatch.setattr(plugins, "entry_points", lambda group: found if group == plugins.GROUP else [])


@pytest.fixture
def classifier(tmp_path):
    inputs = Inputs(radius=1, bits=64)
    path = tmp_path / "activity.safetensors"
    write_classifier(Classifier("jnk3-retrained", inputs, Logistic(np.linspace(-1, 1, 64), 0.1)), path)
    return path


def test_a_function_by_its_module():
    found = plugin("tiny_oracles:length")
    assert (found.name, found.source) == ("length", "tiny_oracles:length")
    assert found.value(["CC", "C"]) == [2, 1]
    assert plugin("dock=tiny_oracles:length").name == "dock"


def test_a_module_of_this_folder(tmp_path, monkeypatch):
    (tmp_path / "lying_here.py").write_text("def score(smiles):\n    return [1.0 for _ in smiles]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [path for path in __import__("sys").path if path])
    assert plugin("lying_here:score").value(["C"]) == [1.0]


def test_a_score_of_the_algebra():
    found = objective_from(["tiny_scores:lipophilic"], maximize=["lipophilic - 1"])
    assert found.score(["CCO", "CO"], lambda _: {}).value == pytest.approx([-1.0014, -1.3915], abs=1e-4)


def test_a_classifier_is_known_by_what_is_in_it(classifier, tmp_path):
    one, other = plugin(str(classifier)), plugin(f"mine={classifier.rename(tmp_path / 'moved.safetensors')}")
    assert (one.name, other.name) == ("jnk3_retrained", "mine")
    assert one.source == other.source
    assert 0 < one.value(["CCO"])[0] < 1


def test_an_entry_point_by_its_name(entries):
    assert plugin("tiny-length").value(["CC"]) == [2]
    assert plugin("tiny_length").source == "tiny_oracles:length"
    goal = resolved(Objective("qed - tiny_length"), ["qed"])
    assert list(goal.functions) == ["tiny_length"]
    assert goal.sources == {"tiny_length": "tiny_oracles:length"}
    assert resolved(Objective("qed - sa"), ["qed", "sa"]).functions == {}


def test_what_is_known_already_is_no_entry_point(entries):
    assert resolved(Objective("tiny_length - qed"), ["qed", "tiny_length"]).functions == {}


def test_a_name_that_is_nowhere_is_told_with_the_nearest(entries):
    with pytest.raises(InputError, match='Did you mean "tiny_length"'):
        resolved(Objective("qed - tiny_lenght"), ["qed"])


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "length"),
        ({"minimize": ["length"]}, "-length"),
        ({"maximize": ["qed - 0.1*length"]}, "qed - 0.1*length"),
        ({"minimize": ["sa"]}, "length - sa"),
        ({"maximize": ["qed"], "constraints": ["length <= 9"]}, "qed"),
    ],
)
def test_a_plugin_that_no_formula_names_is_maximised(asked, text):
    found = objective_from(["tiny_oracles:length"], **asked)
    assert found.text == text
    assert found.sources == {"length": "tiny_oracles:length"}


def test_a_whole_objective_stands_alone(entries):
    assert objective_from(["tiny_scores:whole"]).text == "qed - sa"
    assert objective_from(["whole"]).sources == {"whole": "tiny_scores:whole"}
    with pytest.raises(InputError, match="by itself"):
        objective_from(["tiny_scores:whole"], minimize=["sa"])
    with pytest.raises(InputError, match="a whole Objective. Use it alone"):
        resolved(Objective("whole - sa"), ["sa"])


@pytest.mark.parametrize(
    ("reference", "match"),
    [
        ("nowhere_at_all:score", "no 'nowhere_at_all' in this folder or installed"),
        ("wants_another:score", "raised ModuleNotFoundError: No module named 'a_docking_program_that_nobody_has'"),
        ("raises_at_import:score", "raised RuntimeError: no licence"),
        ("broken", "raised RuntimeError: no licence"),
        ("tiny_oracles:lenght", 'no such name. Did you mean "length"'),
        ("tiny_oracles:NUMBER", "but got float 5.0, which cannot be called"),
        ("tiny_oracles:Scale", "but got the class Scale"),
        ("tiny_oracles.py:length", "Leave out the folder and .py"),
        ("tiny_oracles:", "such as mypackage:score"),
        ("tiny_oracles", r"entry point, but got 'tiny_oracles' \(entry points here: broken, tiny_length, whole"),
        ("model.pkl", "pickled model, which is never loaded"),
        ("missing.safetensors", "no file is there"),
        ("log=tiny_oracles:length", "a name that a formula can use, but got 'log'"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(entries, reference, match):
    with pytest.raises(InputError, match=match) as caught:
        plugin(reference)
    assert "\n" not in str(caught.value)


def test_two_of_one_name_are_refused():
    with pytest.raises(InputError, match="one objective a name"):
        objective_from(["tiny_oracles:length", "length=tiny_oracles:process"])


def test_a_file_that_is_no_classifier_is_refused(tmp_path):
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(ChemvaeError, match="something else or damaged"):
        plugin(str(tmp_path / "junk.safetensors"))


def test_nothing_at_all_is_refused():
    with pytest.raises(OracleError, match="Say"):
        objective_from([])
