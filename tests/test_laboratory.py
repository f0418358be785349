import json

import numpy as np
import pandas as pd
import pytest

import chemvae
from chemvae.chem.judge import judge
from chemvae.chem.properties import compute
from chemvae.errors import ExistsError, InputError, OracleError
from chemvae.laboratory import Optimizer

KNOWN = ["CCO", "CCN", "CCCO", "CC(C)O", "CCCCN", "Cc1ccccc1"]


@pytest.fixture(scope="module")
def model(tiny_bundle):
    return chemvae.load(tiny_bundle)


def assay(smiles):
    """Return what the laboratory would find, which is log P here."""
    return compute(smiles, ["logp"])["logp"].tolist()


def begun(model, method="structure-bayes", **more):
    optimizer = Optimizer(model, maximize="potency", method=method, settings=more.pop("settings", None), **more)
    optimizer.tell(KNOWN, assay(KNOWN))
    return optimizer


def week(optimizer):
    batch = optimizer.ask(3)
    optimizer.tell(batch[:2], assay(batch[:2]))
    return batch


def test_it_is_the_front_door():
    assert chemvae.Optimizer is Optimizer


@pytest.mark.parametrize("settings", [{"begin": 4, "generations": 2, "children": 20}, {}])
def test_monday_and_friday_in_two_processes_are_as_in_one(model, tmp_path, settings):
    whole = begun(model, settings=settings)
    asked = [week(whole) for _ in range(3)]
    apart, batches = begun(model, settings=settings), []
    batches.append(week(apart))
    apart.save(tmp_path / "lab")
    for _ in range(2):
        again = Optimizer.load(tmp_path / "lab", model)
        assert again.pending == tuple(one[2] for one in batches)
        batches.append(week(again))
    assert batches == asked
    pd.testing.assert_frame_equal(again.history, whole.history)
    assert Optimizer.load(tmp_path / "lab", model).ask(2) == whole.ask(2)


def test_what_is_asked_is_new_allowed_and_not_pending(model):
    optimizer = begun(model, constraints="heavy_atoms <= 6", avoid="[NX3]")
    first, second = optimizer.ask(4), optimizer.ask(4)
    assert optimizer.pending == (*first, *second)
    assert len({*first, *second, *KNOWN}) == len(KNOWN) + 8
    assert all("N" not in one for one in first + second)
    assert (compute(first + second, ["heavy_atoms"])["heavy_atoms"] <= 6).all()


def test_what_nobody_asked_for_is_welcome_in_any_spelling(model):
    optimizer = begun(model)
    batch = optimizer.ask(2)
    respelled = [one.text for one in judge(batch)]
    optimizer.tell(["OCCCCO", *respelled], [5.0, np.nan, 1.0])
    assert optimizer.pending == ()
    assert optimizer.best(1)["smiles"].tolist() == ["OCCCCO"]
    assert optimizer.history["objective"].isna().sum() == 1
    assert optimizer.history["how"].tolist()[: len(KNOWN) + 1] == ["told"] * (len(KNOWN) + 1)


def test_several_measurements_and_properties_make_one_objective(model, tmp_path):
    optimizer = Optimizer(model, "ic50 - 2*clearance + qed")
    assert optimizer.measured == ("ic50", "clearance")
    optimizer.save(tmp_path / "lab")
    optimizer.tell(["CCO", "CCN"], {"ic50": [3.0, 4.0], "clearance": [1.0, None]})
    optimizer.tell("CCCO", pd.DataFrame({"clearance": [0.5], "ic50": [2.0]}))
    table = Optimizer.load(tmp_path / "lab", model).history
    qed = compute(["CCO", "CCN", "CCCO"], ["qed"])["qed"]
    np.testing.assert_allclose(table["objective"], [1 + qed[0], np.nan, 1 + qed[2]])
    assert table["ic50"].tolist() == [3, 4, 2]


def test_each_ask_and_tell_is_on_disk_before_it_returns(model, tmp_path):
    optimizer = begun(model)
    optimizer.save(tmp_path / "lab")
    batch = optimizer.ask(2)
    events = [json.loads(line) for line in (tmp_path / "lab" / "events.jsonl").read_text().splitlines()]
    assert events[-1] == {"ask": 2, "smiles": batch}
    with (tmp_path / "lab" / "events.jsonl").open("a") as file:
        file.write('{"tell": ["CC')
    again = Optimizer.load(tmp_path / "lab", model)
    assert again.pending == tuple(batch)
    again.tell(batch, [1.0, 2.0])
    assert Optimizer.load(tmp_path / "lab", model).pending == ()


def test_what_another_version_asked_for_stays_asked_for(model, tmp_path, capsys):
    optimizer = begun(model)
    optimizer.ask(2)
    optimizer.save(tmp_path / "lab")
    path = tmp_path / "lab" / "events.jsonl"
    *before, last = path.read_text().splitlines()
    path.write_text("\n".join([*before, '{"ask": 2, "smiles": ["CCOCCO", "CCF"]}', ""]))
    again = Optimizer.load(tmp_path / "lab", model)
    assert "going on with those that were asked for" in capsys.readouterr().err
    assert again.pending == ("CCOCCO", "CCF")
    again.tell(["CCF"], [1.0])
    assert not {"CCOCCO", "CCF"} & set(again.ask(5))
    assert last


@pytest.mark.parametrize(
    ("smiles", "values", "match"),
    [
        (["CCO"], [1.0], "that nobody told of yet, but got CCO again"),
        (["CCC", "C(C)C"], [1.0, 2.0], "each molecule once"),
        (["CCC", "C1CC"], [1.0, 2.0], "molecule to tell of as SMILES, but got 'C1CC' as number 2"),
        ([], [], "molecules to tell of, but got none"),
        (["CCC"], {"potensy": [1.0]}, "Expected values of potency, but got potensy"),
    ],
)
def test_what_cannot_be_told_is_refused_and_changes_nothing(model, smiles, values, match):
    optimizer = begun(model)
    with pytest.raises(InputError, match=match):
        optimizer.tell(smiles, values)
    assert len(optimizer.history) == len(KNOWN)


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], ["good", "bad"], 1.0])
def test_a_value_for_each_molecule(model, values):
    with pytest.raises(OracleError, match="Expected 2 numbers from 'potency'"):
        begun(model).tell(["CCC", "CCCC"], values)


def test_several_measurements_want_names(model):
    with pytest.raises(InputError, match="a table or mapping of a, b"):
        Optimizer(model, "a - b").tell(["CCC"], [1.0])


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"objective": "5*qed - sa"}, "something that you measure"),
        ({"objective": "potency"}, "a direction"),
        ({"maximize": "potency", "seed": -1}, "seed of at least 0"),
        ({"maximize": "potency", "constraints": "lopg<4"}, 'Did you mean "logp"'),
    ],
)
def test_what_cannot_begin_is_refused(model, more, match):
    with pytest.raises((InputError, OracleError), match=match):
        Optimizer(model, more.pop("objective", None), **more)


def test_a_folder_of_something_else_is_neither_overwritten_nor_read(model, tmp_path):
    (tmp_path / "manifest.json").write_text('{"kind": "search"}')
    with pytest.raises(ExistsError):
        begun(model).save(tmp_path)
    with pytest.raises(InputError, match="Expected a saved Optimizer in .* but got a search"):
        Optimizer.load(tmp_path, model)


def test_another_model_is_refused(model, tmp_path):
    begun(model).save(tmp_path / "lab")
    with pytest.raises(InputError, match=r"Expected the model 'tiny', .* hand it in"):
        Optimizer.load(tmp_path / "lab")
    with pytest.raises(InputError, match="Expected the model that"):
        Optimizer.load(tmp_path / "lab", chemvae.load("cep"))
