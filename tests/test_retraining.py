"""A model is retrained inside a search on a copy, which is kept only if it is no worse."""

import json

import numpy as np
import pytest
import torch

from chemvae.model import load
from chemvae.optimize import optimize
from chemvae.retraining import Health, Retrainer, Retraining, opened
from chemvae.search.objective import Objective
from chemvae.searchable import space_of
from chemvae.training.retrain import Course


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer samples and steps than a search takes."""
    monkeypatch.setattr("chemvae.retraining.REPLAY", 60)
    monkeypatch.setattr("chemvae.retraining.SAMPLES", 30)
    monkeypatch.setattr("chemvae.retraining.Course", lambda: Course(steps=2, batch=8))


@pytest.fixture(scope="module")
def model(tiny_bundle):
    return load(tiny_bundle)


@pytest.fixture(scope="module")
def bundled():
    """The model that the package carries: new molecules are not far."""
    return load()


GOOD = Health(exact=0.9, valid=0.95, varied=0.8)


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (GOOD, True),
        (Health(1.0, 1.0, 0.5), True),
        (Health(0.9, 0.945, 0.8), True),
        (Health(0.89, 0.95, 0.8), False),
        (Health(0.9, 0.93, 0.8), False),
        (Health(1.0, 1.0, 0.3), False),
    ],
)
def test_a_copy_is_kept_only_if_it_is_no_worse(after, kept):
    outcome = Retraining(120, GOOD, after)
    assert outcome.kept is kept
    assert str(outcome).endswith("kept" if kept else "rolled back")
    assert "120 molecules: reconstruction of the best 90.0% to" in str(outcome)


def test_teaching_returns_a_copy_or_the_model(model, small_molecules):
    weights = np.full(len(small_molecules), 1.0 / len(small_molecules))
    gentle = Retrainer(model, Course(steps=5, batch=16, learning_rate=1e-5))
    other, outcome = gentle.teach(model, small_molecules, weights, 0)
    assert outcome.kept
    assert other is not model
    assert other.bundle is model.bundle
    assert not torch.equal(other.vae.decoder.embed.weight, model.vae.decoder.embed.weight)
    harsh = Retrainer(model, Course(steps=5, batch=16, learning_rate=3.0))
    same, outcome = harsh.teach(model, small_molecules, weights, 0)
    assert not outcome.kept
    assert same is model


def test_molecules_that_cannot_be_read_are_left_out(model, small_molecules):
    teach = Retrainer(model, Course(steps=1, batch=8)).teach
    assert teach(model, ["[U]", "C" * 99], np.array([0.5, 0.5]), 0) == (model, None)
    assert teach(model, ["[U]", "CCO"], np.array([0.5, 0.5]), 0)[1].molecules == 1


def test_the_space_knows_density_surprise_and_its_own_heirs(model):
    said = []
    objective = Objective(maximize="qed")
    space = space_of(model, objective, None, said.append)
    z = torch.tensor(model.encode(["CCO", "c1ccccc1"]))
    torch.testing.assert_close(space.density(z), model.vae.prior.log_prob(z))
    right, wrong = space.surprise(z, ["CCO", "c1ccccc1"]), space.surprise(z, ["c1ccccc1", "CCO"])
    assert (right < wrong - 1.0).all()
    heir = space.retrain(["CCO", "CCN", "CCC"], np.array([0.5, 0.3, 0.2]), 0)
    assert heir.retrain is not None
    assert len(said) == 1
    heir.retrain(["CCO", "CCN", "CCC"], np.array([0.5, 0.3, 0.2]), 1)
    assert len(said) == 2
    assert "retrained on 3 molecules" in said[0]


def test_what_is_no_codec_is_left_as_it_is(model):
    space = space_of(model, Objective(maximize="qed"))
    assert opened(space, object(), lambda _: space, None, print) is space


@pytest.mark.parametrize("method", ["bayes", "structure-bayes"])
def test_a_search_with_retraining_is_repeated_to_the_byte_and_leaves_the_model_alone(bundled, tmp_path, capsys, method):
    before = {name: value.clone() for name, value in bundled.vae.state_dict().items()}
    for name in "ab":
        optimize(
            bundled,
            Objective(maximize="logp"),
            method=method,
            settings={"retrain": 10, "begin": 20} if method == "structure-bayes" else {"retrain": 10},
            budget=40,
            batch=20,
            out=tmp_path / name,
        )
    files = [(tmp_path / name / "candidates.csv").read_bytes() for name in "ab"]
    assert files[0] == files[1]
    assert capsys.readouterr().err.count("retrained on") == 4
    figures = json.loads((tmp_path / "a" / "manifest.json").read_text())["figures"]
    assert len(figures["retrainings"]) == 2
    assert all(torch.equal(value, before[name]) for name, value in bundled.vae.state_dict().items())


def test_a_search_with_retraining_is_resumed_as_if_it_had_never_stopped(bundled, tmp_path):
    def settings(out):
        return {"method": "bayes", "settings": {"retrain": 10}, "budget": 45, "batch": 15, "out": out}

    optimize(bundled, Objective(maximize="logp"), **settings(tmp_path / "whole"))
    optimize(bundled, Objective(maximize="logp"), **settings(tmp_path / "half"))
    calls = tmp_path / "half" / "oracle.jsonl"
    calls.write_text("".join(calls.read_text().splitlines(keepends=True)[:31]))
    (tmp_path / "half" / "candidates.csv").unlink()
    manifest = json.loads((tmp_path / "half" / "manifest.json").read_text())
    (tmp_path / "half" / "manifest.json").write_text(json.dumps(manifest | {"status": "running"}))
    optimize(bundled, Objective(maximize="logp"), **settings(tmp_path / "half"), resume=True)
    files = [(tmp_path / name / "candidates.csv").read_bytes() for name in ("whole", "half")]
    assert files[0] == files[1]


@pytest.mark.parametrize("method", ["bayes", "cmaes", "gradient"])
def test_every_latent_method_runs_on_a_real_model(bundled, method):
    found = optimize(bundled, Objective(maximize="logp"), method=method, start=["CCOc1ccccc1"], budget=30, batch=10)
    assert len(found.history) == 30
    assert found.candidates["objective"].iloc[0] > found.start["objective"].max()


def test_with_a_lead_a_real_climb_keeps_the_similarity(bundled):
    found = optimize(
        bundled,
        Objective(maximize="logp"),
        method="gradient",
        similar_to="CCOc1ccc(C(=O)NC2CC2)cc1",
        min_similarity=0.3,
        budget=6,
        batch=3,
    )
    assert (found.candidates["similarity"] >= 0.3).all()
    assert len(found.candidates) == 5
