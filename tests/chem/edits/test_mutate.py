import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from chemvae.chem.edits.graph import USUAL, Limits, finish, graph_of
from chemvae.chem.edits.mutate import MUTATIONS, draw_element, mutate
from chemvae.chem.judge import canonical

PARENTS = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)O",
    "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1",
    "C/C=C/C(=O)N1CC[NH+](C)CC1",
    "O=[N+]([O-])c1ccc2[nH]ccc2c1",
    "CC1(C)C2CCC1(C)C(=O)C2",
]


def children(name, smiles, n=60, limits=USUAL, seed=0):
    rng = np.random.default_rng(seed)
    found = set()
    for _ in range(n):
        graph = graph_of(smiles)
        mol = Chem.RWMol(graph.mol)
        if MUTATIONS[name][0](mol, graph, rng, limits):
            found.add(finish(mol, limits))
    return found - {None}


def test_children_are_new_canonical_molecules_and_repeat_with_the_seed():
    for parent in PARENTS:
        one, two = (
            [mutate(parent, rng) for rng in [np.random.default_rng(seed)] for _ in range(30)] for seed in (0, 0)
        )
        assert one == two
        some = [child for child in one if child is not None]
        assert len(some) > 20
        assert parent not in some
        assert [canonical(child) for child in some] == some


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("append", {"CCCO", "CC(C)O", "COCC", "CC(O)Cl"}),
        ("insert", {"CCCO", "COCO", "CCOO"}),
        ("delete", {"CCCC", "CCCO", "CCOC"}),
        ("replace", {"CCC", "CCN", "OCO", "CCS", "CCF"}),
        ("bond", {"C=CO", "CC=O", "C#CO"}),
        ("close", {"C1CO1"}),
    ],
)
def test_each_kind_of_change_on_a_small_molecule(name, expected):
    parent = "CCCOC" if name == "delete" else "CCO"
    assert children(name, parent, 200) >= {canonical(one) for one in expected}


@pytest.mark.parametrize(
    ("name", "parent", "expected"),
    [
        ("move", "CC(C)CO", {"CCCCO", "CCC(C)O", "CC(C)(C)O", "CC(C)OC"}),
        ("exchange", "CC(N)CCO", {"CC(O)CCN", "CCCC(N)O"}),
        ("swap", "CCOC", {"CCCO", "COCC"}),
    ],
)
def test_places_change_and_nothing_else(name, parent, expected):
    found = children(name, parent, 300)
    assert found >= {canonical(one) for one in expected} - {canonical(parent)}
    formula = CalcMolFormula(Chem.MolFromSmiles(parent))
    assert {CalcMolFormula(Chem.MolFromSmiles(one)) for one in found} == {formula}


def test_two_groups_of_a_ring_change_places():
    other = "Cc1ccc(-c2cc(C(F)(F)F)n(-c3ccc(S(N)(=O)=O)cc3)n2)cc1"
    assert "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1" in children("exchange", other, 400)


def test_nothing_to_change_places():
    for name in ("move", "exchange", "swap"):
        assert children(name, "C1CC1") == set()


def test_rings_open_and_close():
    assert children("open", "C1CCCCC1C") >= {"CCCCCCC"}
    assert "CC1CCCCC1" in children("close", "CCCCCCC", 200)
    assert children("close", "CCCCCCC", 100, Limits(largest_ring=3)) <= {"CCCCC1CC1", "CCCC1CC1C", "CCC1CC1CC"}


def test_sulphur_takes_oxygen_and_gives_it_back():
    assert "CS(C)=O" in children("append", "CSC")
    assert "CS(C)(=O)=O" in children("append", "CS(C)=O")
    assert "CSC" in children("delete", "CS(C)=O")


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_cannot_be_changed_is_left(name):
    assert children(name, "[Xe]") == set()
    assert children(name, "FC(F)(F)F", limits=Limits(least_atoms=5, most_atoms=5, elements=("F",))) <= {None}


@pytest.mark.parametrize("text", ["", "C1CC", "junk", "[Xe]", "[H][H]"])
def test_nothing_comes_of_nothing(text):
    assert mutate(text, np.random.default_rng(0)) is None


def test_limits_hold_over_many_generations():
    rng, limits = np.random.default_rng(0), Limits(most_atoms=12, largest_ring=6, elements=("C", "N"))
    smiles = "CCO"
    for _ in range(300):
        smiles = mutate(smiles, rng, limits) or smiles
        mol = Chem.MolFromSmiles(smiles)
        assert 3 <= mol.GetNumAtoms() <= 12
        assert {atom.GetSymbol() for atom in mol.GetAtoms()} <= {"C", "N", "O"}
        assert all(len(ring) <= 6 for ring in mol.GetRingInfo().AtomRings())


def test_elements_are_drawn_by_how_many_bonds_they_make():
    rng, limits = np.random.default_rng(0), Limits()
    assert {draw_element(rng, limits, least=4) for _ in range(20)} == {"C"}
    assert {draw_element(rng, limits, least=3, other="C") for _ in range(200)} == {"N", "P"}
    assert draw_element(rng, limits, least=4, other="C") is None
