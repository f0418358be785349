import io

import pandas as pd
import pytest
from rdkit import Chem


def read_back(text: str) -> list[Chem.Mol]:
    return [mol for mol in Chem.ForwardSDMolSupplier(io.BytesIO(text.encode()))]


def test_molecules_come_back_with_coordinates_names_and_values():
    from chemvae.report.sdf import as_sdf

    table = pd.DataFrame(
        {
            "smiles": ["C[C@H](N)C(=O)O", "junk", None, "c1ccccc1"],
            "qed": [0.5, 0.1, 0.2, float("nan")],
            "who": ["alanine", "x", "y", "two\nlines $$$$"],
        }
    )
    first, last = read_back(as_sdf(table, name="who"))
    assert Chem.MolToSmiles(first) == "C[C@H](N)C(=O)O"
    assert first.GetConformer().GetAtomPosition(0).x != first.GetConformer().GetAtomPosition(1).x
    assert (first.GetProp("_Name"), first.GetProp("qed"), first.GetProp("smiles")) == (
        "alanine",
        "0.5",
        "C[C@H](N)C(=O)O",
    )
    assert Chem.MolToSmiles(last) == "c1ccccc1"
    assert last.GetProp("_Name") == "two lines $$$$"
    assert not last.HasProp("qed")


@pytest.mark.parametrize("value", ["a\n$$$$\nb", "a\n\n>  <forged>\nyes", ">  <forged>\nyes"])
def test_a_value_cannot_forge_a_record_or_a_field(value):
    from chemvae.report.sdf import as_sdf

    (only,) = read_back(as_sdf(pd.DataFrame({"smiles": ["CCO"], "note": [value]})))
    assert list(only.GetPropNames()) == ["smiles", "note"]


def test_no_molecule_is_an_empty_file():
    from chemvae.report.sdf import as_sdf

    assert as_sdf(pd.DataFrame({"smiles": ["junk", None]})) == ""
