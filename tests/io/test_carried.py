"""What the package carries is there, and is what it is said to be."""

import pandas as pd

from chemvae.chem.judge import canonical
from chemvae.chem.properties import compute
from chemvae.io.carried import bundle_names, druglike_path


def test_the_package_carries_a_model_and_molecules() -> None:
    assert "zinc250k" in bundle_names()
    table = pd.read_csv(druglike_path())
    assert list(table)[:4] == ["smiles", "logp", "qed", "sa"]
    assert len(table) == table["smiles"].nunique() == 10_000


def test_the_molecules_are_canonical_and_their_properties_true() -> None:
    some = pd.read_csv(druglike_path()).iloc[::500]
    assert [canonical(text) for text in some["smiles"]] == some["smiles"].tolist()
    for name, values in compute(some["smiles"].tolist(), ("logp", "qed", "sa")).items():
        assert abs(values - some[name]).max() < 1e-3
