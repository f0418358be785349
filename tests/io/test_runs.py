"""Run folders and what the package carries."""

import json
from pathlib import Path

import pandas as pd

from chemvae.io.carried import bundle_names, druglike_path
from chemvae.io.runs import is_run, manifest, versions


def test_a_manifest_says_what_can_change_a_figure() -> None:
    said = manifest(seed=3)
    assert said["seed"] == 3
    assert {"python", "torch", "rdkit"} <= set(said["versions"]) == set(versions())
    assert json.loads(json.dumps(said)) == said


def test_a_run_is_known_by_its_recipe(tmp_path: Path) -> None:
    assert not is_run(tmp_path)
    (tmp_path / "run.toml").write_text("")
    assert is_run(tmp_path)


def test_the_package_carries_a_model_and_molecules() -> None:
    assert "zinc250k" in bundle_names()
    table = pd.read_csv(druglike_path())
    assert list(table)[:4] == ["smiles", "logp", "qed", "sa"]
    assert len(table) == table["smiles"].nunique() == 10_000
