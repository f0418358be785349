"""Named sets: the same molecules have the same hash, and what is no molecule is counted."""

import hashlib
from pathlib import Path

import pytest

from chemvae.errors import InputError
from chemvae.named import named_molecules


def test_a_table_is_known_by_its_bytes(tmp_path: Path):
    (tmp_path / "a.csv").write_text("id,smiles\n1,OCC\n2,junk\n3,C1=CC=CC=C1\n")
    found = named_molecules(tmp_path / "a.csv", jobs=1)
    assert found.smiles == ["CCO", "c1ccccc1"]
    assert found.table["id"].tolist() == ["1", "3"]
    digest = hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert found.as_dict() == {"name": "a.csv", "sha256": digest, "rows": 3, "molecules": 2}
    assert found.cited == f"a.csv (2 molecules, sha256 {digest[:12]})"


def test_a_list_is_known_by_its_lines():
    found = named_molecules(["CCO", "CC"], jobs=1)
    assert (found.name, found.sha256) == ("given", hashlib.sha256(b"CCO\nCC").hexdigest())


def test_no_molecule_is_told(tmp_path: Path):
    (tmp_path / "a.csv").write_text("smiles\njunk\n")
    with pytest.raises(InputError, match="none of its 1 rows is one"):
        named_molecules(tmp_path / "a.csv", "smiles", jobs=1)
