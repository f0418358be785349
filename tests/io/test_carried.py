"""What the package carries is there, and is what it is said to be."""

from pathlib import Path

import pandas as pd
import pytest

from chemvae.chem.judge import canonical
from chemvae.chem.properties import compute
from chemvae.errors import BundleError, MissingFileError
from chemvae.io.carried import bundle_names, druglike_path, find_bundle


def test_the_package_carries_a_model_and_molecules() -> None:
    assert bundle_names() == ["cep", "zinc250k"]
    table = pd.read_csv(druglike_path())
    assert list(table)[:4] == ["smiles", "logp", "qed", "sa"]
    assert len(table) == table["smiles"].nunique() == 10_000


def test_the_molecules_are_canonical_and_their_properties_true() -> None:
    some = pd.read_csv(druglike_path()).iloc[::500]
    assert [canonical(text) for text in some["smiles"]] == some["smiles"].tolist()
    for name, values in compute(some["smiles"].tolist(), ("logp", "qed", "sa")).items():
        assert abs(values - some[name]).max() < 1e-3


def test_models_are_found_by_folder_run_or_name(tiny_bundle: Path, tmp_path: Path) -> None:
    assert find_bundle(tiny_bundle) == tiny_bundle
    assert find_bundle("zinc250k").name == "zinc250k"
    (tmp_path / "run.toml").write_text("")
    with pytest.raises(BundleError, match="--resume"):
        find_bundle(tmp_path)
    (tmp_path / "model").mkdir()
    assert find_bundle(tmp_path) == tmp_path / "model"
    with pytest.raises(MissingFileError, match="Bundled: .*zinc250k"):
        find_bundle("zink250k")
