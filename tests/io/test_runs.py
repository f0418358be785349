"""Run folders: what their manifest says, and how one is known."""

import json
from pathlib import Path

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
