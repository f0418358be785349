"""Descriptors of many molecules at once: RDKit's own values, for every kind of molecule."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED, Crippen

from chemvae.chem import properties, surroundings
from chemvae.chem.accessibility import sascorer
from chemvae.chem.judge import read
from chemvae.chem.properties import plogp, value, values

DRUGLIKE = Path(__file__).parents[2] / "data" / "druglike.csv.gz"
DATA = Path(os.environ.get("CHEMVAE_DATA", Path(__file__).parents[3] / "shared" / "data"))
TABLE = Path(os.environ.get("CHEMVAE_TABLE", DATA / "zinc250k" / "zinc250k.csv.gz"))
"""ZINC250k, or another table with a column smiles."""
LINES = """
[2H]C([2H])O [H][H] [Na+].[Cl-] CC[N+](C)(C)[O-] [NH4+] [O-]Cl(=O)(=O)=O F[P-](F)(F)(F)(F)F S(F)(F)(F)(F)(F)F
O=C1c2ccccc2C(=O)c2ccccc12 O=S1(=O)c2ccccc2-c2ccccc21 C1CCc2ccccc2C1 N1C2=CC=CC=C2SC3=C1C=CC4=C3C=CC=C4
CC(C)C1=CC2=C(C)C=CC2=C(C)C=C1 OB(O)c1ccccc1 C[Si](C)(C)C [SeH]CC CC[Se]CC [Fe+2] [NH3]->[Cu+2]<-[NH3] C~C *CC
[13CH4] [15NH2]CC OC(=O)C(=O)O OS(=O)(=O)[O-] OO CSSC CN=[N+]=[N-] [N-]=[N+]=NC C=C=O C#C C1CC1 C1OC1 N=NC NNC(=O)C
c1ccc2c(c1)ccc1ccccc12 C[C@H](N)C(=O)O CC(N)C(=O)O CC1CC(C)C1 C/C=C/C CC=CC O=[N+]([O-])c1ccccc1 C[S@](=O)CC ON=CC
O=C(O)c1ccccc1OC(C)=O Oc1ccc2ncccc2c1 [O-][n+]1ccccc1
C12C3C4C1C5C2C3C45 C1CCC2(CC1)CCCC2 C1CC2CCC1C2 C C=O O N [O-2]
C1CCCCCCCCCCC1 c1cc[nH]c1 c1ccsc1 c1ccoc1 [nH]1c2ccccc2c2ccccc12 CP(=O)(O)O CI CBr FC(F)(F)c1ccccc1
[CH3] [CH2]C [C-]#[O+] O=S(=O)(c1ccccc1)c1ccccc1 NC(=O)c1ccccc1 CC(=O)N[OH] C=CC=CC=O O=c1cc[nH]cc1 S=C(N)N
[O-][Cl+3]([O-])([O-])[O-]
[Zn+2] N#N
"""
ODD = LINES.split()
NAMES = ("logp", "qed", "sa", "plogp")


def druglike(step: int) -> list[str]:
    with gzip.open(DRUGLIKE, "rt", encoding="utf-8") as file:
        return [row["smiles"] for row in csv.DictReader(file)][::step]


def one_by_one(smiles: str) -> list[float]:
    """RDKit's own functions, each on a molecule of its own."""
    functions = (Crippen.MolLogP, QED.qed, sascorer().calculateScore)
    return [float(function(Chem.MolFromSmiles(smiles))) for function in functions]


def test_the_values_are_those_of_rdkit_to_the_last_bit():
    smiles = druglike(33)
    assert len(smiles) > 300
    np.testing.assert_array_equal(values(map(read, smiles), NAMES[:3]), [one_by_one(text) for text in smiles])


def test_odd_molecules_are_no_exception():
    mols = [read(text) for text in ODD]
    assert sum(mol is None for mol in mols) == 0
    expected = [[value(mol, name) for name in NAMES] for mol in map(read, ODD)]
    np.testing.assert_array_equal(values(mols, NAMES), expected)
    usual = [text for text in ODD if read(text).GetNumHeavyAtoms() == read(text).GetNumAtoms()]
    np.testing.assert_array_equal(values(map(read, usual), NAMES[:3]), [one_by_one(text) for text in usual])


def test_large_molecules_are_no_exception():
    smiles = ["C" * n + "(=O)O" for n in (140, 149, 150, 151, 300)] + ["N" + "C(C)C(=O)N" * 40, "O" * 2 + "C" * 500]
    mols = [read(text) for text in smiles if read(text) is not None]
    expected = [[value(mol, name) for name in ("logp", "sa", "qed")] for mol in mols]
    np.testing.assert_array_equal(values(mols, ("logp", "sa", "qed")), expected)


def test_company_and_what_was_seen_before_change_nothing(monkeypatch):
    smiles = druglike(500)
    together = values(map(read, smiles), NAMES)
    np.testing.assert_array_equal(values(map(read, smiles[::-1]), NAMES)[::-1], together)
    monkeypatch.setattr(surroundings, "MOST_KNOWN", 10)  # everything is forgotten again and again
    monkeypatch.setattr(properties, "GROUP", 7)
    np.testing.assert_array_equal(values(map(read, smiles), NAMES), together)


def test_gaps_stay_where_they_are():
    mols = [read(text) for text in ("CCO", "bad", "CCN", "CCC", "", "CCS", "c1ccccc1")]
    found = values(mols, ("qed", "plogp"))
    assert np.isnan(found).all(axis=1).tolist() == [mol is None for mol in mols]
    assert found[6, 1] == plogp(mols[6])


def test_a_function_that_fails_for_all_is_tried_one_by_one(monkeypatch):
    def fails(known):
        raise ValueError("no")

    monkeypatch.setitem(properties.TOGETHER, properties.logp, fails)
    mols = [read(text) for text in ("CCO", "CCN", "CCC", "CCS", "CCCl")]
    np.testing.assert_array_equal(values(mols, ("logp",))[:, 0], [properties.logp(mol) for mol in mols])


@pytest.mark.slow
@pytest.mark.skipif(not TABLE.is_file(), reason="needs ZINC250k: set CHEMVAE_DATA to the folder of zinc250k/")
def test_a_whole_table_has_the_values_of_rdkit():
    with gzip.open(TABLE, "rt", encoding="utf-8") as file:
        smiles = [row["smiles"].strip() for row in csv.DictReader(file)][:: int(os.environ.get("CHEMVAE_STEP", "1"))]
    worst = 0.0
    for begin in range(0, len(smiles), 1000):
        some = smiles[begin : begin + 1000]
        found = values(map(read, some), NAMES[:3])
        worst = max(worst, float(np.abs(found - [one_by_one(text) for text in some]).max()))
    assert worst <= 1e-9
