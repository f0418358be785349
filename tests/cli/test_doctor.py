"""`chemvae doctor`: tells what is there, and fails when something that is needed is not."""

import shutil

import pytest


@pytest.fixture
def bundled(monkeypatch, tmp_path, tiny_bundle):
    """Let the package carry the tiny model and nothing else."""
    from chemvae.io import carried

    shutil.copytree(tiny_bundle, tmp_path / "bundles" / "tiny")
    monkeypatch.setattr(carried, "BUNDLES", tmp_path / "bundles")
    return tmp_path / "bundles" / "tiny"


def test_all_is_well(main, bundled, capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "FAIL" not in said
    for name in ("python", "torch", "rdkit", "device", "model tiny", "extra [ray]"):
        assert f"{name} " in said
    assert "predicts logp, qed; its first sample: " in said


def test_quiet_leaves_the_result(main, bundled, capsys):
    assert main(["doctor", "-q"]) == 0
    said = capsys.readouterr()
    assert "model tiny" in said.out and said.err == ""
    assert main(["doctor", "--print-config"]) == 0
    assert capsys.readouterr().out == "[doctor]\n"


def test_rdkit_that_cannot_be_imported_is_a_finding(main, bundled, capsys, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "chemvae.chem.messages", None)
    assert main(["doctor", "-v"]) in (0, 1)
    assert "rdkit" in capsys.readouterr().out


def test_a_damaged_model_is_found(main, bundled, capsys):
    (bundled / "model.safetensors").write_bytes(b"junk")
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "FAIL  model tiny" in said.out
    assert said.err.startswith("error: ")


def test_a_missing_library_is_found(main, bundled, capsys, monkeypatch):
    from chemvae.cli import doctor

    monkeypatch.setattr(doctor, "CORE", ("torch", "no-such-library"))
    assert main(["doctor"]) == 1
    assert "FAIL  no-such-library" in capsys.readouterr().out


def test_objectives_of_installed_packages_are_listed_and_tried(monkeypatch, plugged):
    from importlib.metadata import EntryPoint

    from chemvae import plugins
    from chemvae.cli.doctor import objectives

    found = [
        EntryPoint("dock", "tiny_oracles:length", plugins.GROUP),
        EntryPoint("bad", "raises_at_import:x", plugins.GROUP),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda group: found)
    bad, dock = objectives()
    assert (dock.name, dock.said, dock.failed) == ("objective dock", "tiny_oracles:length", False)
    assert bad.failed
    assert "no licence" in bad.said
