"""The screen of patterns: it never rules out what is there, and rules out most of what is not."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import QED

from chemvae.chem.alerts import pains
from chemvae.chem.judge import read
from chemvae.chem.screen import Screen, may_be_atom, read_condition
from chemvae.chem.surroundings import Kind, ordinary, surroundings

DRUGLIKE = Path(__file__).parents[2] / "data" / "druglike.csv.gz"
MORE = ["[!C;!N]Cl", "[N+0X3R0,nX3R0]", "[$([CH]),$(CC)]#C", "C-,=C", "C=!@C", "*~[D3;!H0]", "[#6;!R]", "A~a", "[2H]C"]


def molecules() -> list[Chem.Mol]:
    with gzip.open(DRUGLIKE, "rt", encoding="utf-8") as file:
        some = [row["smiles"] for row in csv.DictReader(file)][::250]
    return [mol for mol in map(read, [*some, "C", "O", "[O-][n+]1ccccc1", "C#CC(=O)C", "FF"]) if mol and ordinary(mol)]


def test_what_is_there_is_never_ruled_out():
    smarts = [*QED.StructuralAlertSmarts, *pains()[::6], *MORE]
    patterns, mols = [Chem.MolFromSmarts(text) for text in smarts], molecules()
    may = Screen(patterns).may_contain(surroundings(mols))
    there = np.array([[mol.HasSubstructMatch(pattern) for pattern in patterns] for mol in mols])
    assert there.sum() > len(mols) / 2
    lost = [(Chem.MolToSmiles(mols[row]), smarts[column]) for row, column in np.argwhere(there & ~may)]
    assert lost == []
    assert may.mean() < 0.1


@pytest.mark.parametrize(
    ("smarts", "carbon"),
    [("C", True), ("c", False), ("[N,C]", True), ("[!C]", False), ("[C+]", False), ("[CH3]", True), ("[CX3]", False),
     ("[C;R]", False), ("[C;R0]", True), ("[C;!R]", True), ("[$(CC)]", True), ("[13C]", False), ("*", True),
     ("[D1]", True), ("A", True), ("a", False), ("[C;r5]", True), ("[#6&!H0]", True)],
)  # fmt: skip
def test_a_condition_is_read(smarts, carbon):
    methyl = Kind(element=6, aromatic=False, charge=0, hydrogens=3, bonds=1, ring=False)
    condition = read_condition(Chem.MolFromSmarts(smarts).GetAtomWithIdx(0).DescribeQuery())
    assert condition.may_hold(lambda words: may_be_atom(methyl, words)) is carbon


def test_words_that_are_new_rule_nothing_out():
    assert read_condition("AtomAnd\n  AtomType 6 = val\n  AtomNovelty 7 = val\n").may_hold(
        lambda words: may_be_atom(Kind(6, False, 0, 3, 1, False), words)
    )


def test_as_many_atoms_are_asked_for_as_the_pattern_has():
    screen = Screen([Chem.MolFromSmarts("F.F.F.F")])
    may = screen.may_contain(surroundings([read("FC(F)F"), read("FC(F)(F)F")]))
    assert may[:, 0].tolist() == [False, True]
