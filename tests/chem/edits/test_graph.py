import pytest
from rdkit import Chem

from chemvae.chem.edits.graph import USUAL, Limits, finish, graph_of, link, remove, unlink
from chemvae.errors import InputError


def edited(smiles, change, limits=USUAL):
    mol = Chem.RWMol(graph_of(smiles).mol)
    change(mol)
    return finish(mol, limits)


def test_a_graph_says_what_an_edit_needs():
    graph = graph_of("C[NH2+]c1ccccc1")
    assert graph.elements[:3] == ("C", "N", "C")
    assert graph.hydrogens[:3] == (3, 2, 0)
    assert graph.free[:3] == (True, False, True)
    assert (len(graph), len(graph.rings), sum(bond.ring for bond in graph.bonds)) == (8, 1, 6)
    assert sorted(bond.order for bond in graph.bonds) == [1] * 5 + [2] * 3
    assert graph.used[2] == 4


def test_of_several_parts_the_largest_counts():
    assert graph_of("CCO.[Na+].c1ccccc1").elements == ("C",) * 6


@pytest.mark.parametrize("text", ["", "C1CC", "no molecule", "é"])
def test_what_cannot_be_read_is_no_graph(text):
    assert graph_of(text) is None


def test_an_unedited_molecule_comes_back():
    for smiles in ("CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "F/C=C/Cl", "c1cc[nH]c1", "C[N+](C)(C)CC(=O)[O-]"):
        assert edited(smiles, lambda _: None) == smiles


def test_stereochemistry_stays_where_no_edit_is():
    assert edited("C[C@H](N)C(=O)OC", lambda mol: remove(mol, [6]) or None) == "C[C@H](N)C(=O)O"

    def longer(mol):
        link(mol, 6, mol.AddAtom(Chem.Atom("C")))

    assert edited("C[C@H](N)C(=O)OC", longer) == "CCOC(=O)[C@H](C)N"
    assert edited("CO/N=C/Cl", lambda mol: link(mol, 0, mol.AddAtom(Chem.Atom("C")))) == "CCO/N=C/Cl"


def test_stereochemistry_goes_where_an_edit_is():
    assert edited("C[C@H](N)C(=O)O", lambda mol: link(mol, 1, mol.AddAtom(Chem.Atom("F")))) == "CC(N)(F)C(=O)O"
    assert edited("F/C(Br)=C/Cl", lambda mol: unlink(mol, 1, 2) or remove(mol, [2])) == "FC=CCl"


@pytest.mark.parametrize(
    ("smiles", "limits"),
    [
        ("CCCC", Limits(most_atoms=3)),
        ("CC", Limits()),
        ("C1CCCCCCCC1", Limits()),
        ("[CH2]CC", Limits()),
        ("C1=CC1", Limits()),
        ("C1C#CCCCC1", Limits()),
        ("C1C=C=CCC1", Limits()),
    ],
)
def test_limits(smiles, limits):
    assert edited(smiles, lambda _: None, limits) is None


def test_too_many_bonds_are_no_molecule():
    assert edited("CC(C)(C)C", lambda mol: link(mol, 1, mol.AddAtom(Chem.Atom("C")))) is None


@pytest.mark.parametrize("wrong", [{"elements": ("C", "Xx")}, {"elements": ()}, {"least_atoms": 9, "most_atoms": 3}])
def test_limits_that_cannot_be(wrong):
    with pytest.raises(InputError, match="Expected"):
        Limits(**wrong)
