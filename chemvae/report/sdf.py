"""Molecules and their values as an SDF: structures with coordinates, which drawing and docking programs read."""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd
from rdkit import Chem, rdBase
from rdkit.Chem import rdDepictor

from chemvae.chem.judge import read
from chemvae.report.numbers import missing

SMILES = "smiles"
NAME = "_Name"  # what stands in the first line of a record


def as_sdf(table: pd.DataFrame, smiles: str = SMILES, name: str | None = None) -> str:
    """Return the rows that hold a molecule as SDF records, in order, every column of a row as a data field.

    Args:
        table: a row per molecule; rows whose SMILES cannot be read have no record.
        smiles: the column with the structures.
        name: the column with the names, if there is one.
    """
    columns = [str(column) for column in table.columns]
    rows = table.set_axis(columns, axis=1).to_dict("records")
    return "".join(record(str(row[smiles]), row, columns, name) for row in rows if not missing(row[smiles]))


def record(smiles: str, row: Mapping[Hashable, object], columns: Sequence[str], name: str | None) -> str:
    """Return one record, or nothing if there is no molecule."""
    mol = read(smiles)
    if mol is None or not mol.GetNumAtoms():
        return ""
    with rdBase.BlockLogs():
        rdDepictor.Compute2DCoords(mol)
        mol.SetProp(NAME, "" if name is None or missing(row[name]) else field(row[name]))
        block = Chem.MolToMolBlock(mol, forceV3000=mol.GetNumAtoms() > 999)  # noqa: PLR2004 - V2000 ends there
    told = [f">  <{field(column)}>\n{field(row[column])}\n\n" for column in columns if not missing(row[column])]
    return "".join([block, *told, "$$$$\n"])


def field(value: object) -> str:
    """Return a value as the text of a data field, where a line break or a bracket of its own would end it."""
    return " ".join(str(value).split()).replace("<", "(").replace(">", ")")
