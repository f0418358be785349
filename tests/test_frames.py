"""score_frame: what `chemvae score` writes, on the index of the frame, from SMILES or molecules of RDKit."""

from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

from chemvae.errors import InputError
from chemvae.frames import score_frame
from chemvae.io.tables import read_table
from chemvae.model import load
from chemvae.score import score


def test_a_frame_gets_the_columns_of_the_command(tiny_bundle: Path, tmp_path: Path) -> None:
    texts = ["CCO", "C(", "CC(=O)Nc1ccccc1"]
    asked = {"properties": ("logp", "qed"), "predict": True, "model": load(tiny_bundle), "filters": ("BRENK",)}
    frame = pd.DataFrame({"name": ["a", "b", "c"], "smiles": texts}, index=[3, 1, 2])
    found = score_frame(frame, **asked)
    frame.to_csv(tmp_path / "in.csv", index=False)
    score(tmp_path / "in.csv", tmp_path / "out.csv", progress=False, **asked)
    written = read_table(tmp_path / "out.csv")
    assert found.index.tolist() == [3, 1, 2]
    assert found.columns.tolist() == written.columns.tolist()
    assert found["logp"].isna().tolist() == [False, True, False]
    assert found["reason"].tolist() == written["reason"].tolist()
    assert [f"{value:.6g}" for value in found["logp"].dropna()] == [
        f"{float(value):.6g}" for value in written["logp"] if value
    ]
    assert frame.columns.tolist() == ["name", "smiles"]


def test_a_column_of_molecules_is_found() -> None:
    frame = pd.DataFrame({"id": [1, 2], "ROMol": [Chem.MolFromSmiles("CCO"), Chem.MolFromSmiles("CCN")]})
    found = score_frame(frame, properties=("heavy_atoms",))
    assert found["heavy_atoms"].tolist() == [3, 3]
    assert found["ROMol"].tolist() == frame["ROMol"].tolist()


def test_rows_that_are_none_are_kept_left_out_or_refused() -> None:
    frame = pd.DataFrame({"smiles": ["CCO", "CCN", "C("]})
    assert len(score_frame(frame, on_invalid="skip")) == 2
    for asked in ({"on_invalid": "error"}, {"max_invalid": 0.1}, {"smiles_column": "smile"}, {"properties": ("lopg",)}):
        with pytest.raises(InputError, match="Expected"):
            score_frame(frame, **asked)


@pytest.mark.parametrize(("columns", "named"), [([0, "note"], "got 0"), (["smiles", "smiles"], "got 'smiles'")])
def test_names_that_no_table_could_have_are_told(columns: list, named: str) -> None:
    with pytest.raises(InputError, match=named):
        score_frame(pd.DataFrame([["CCO", "x"]], columns=columns), jobs=1)
