"""The smallest scores: descriptors, counts, patterns, formulas and similarities, each against RDKit itself."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors

from chemvae.chem.oracles.isomers import Isomers, formula_of
from chemvae.chem.oracles.plogp import PenalisedLogP
from chemvae.chem.oracles.similarity import FINGERPRINTS, Similarity
from chemvae.chem.oracles.terms import DESCRIPTORS, AtomCount, Contains, Descriptor, Lacks, composition
from chemvae.chem.properties import compute
from chemvae.errors import InputError

MOLECULES = ["CCO", "c1ccccc1F", "FC(F)(F)c1ccc(Cl)cc1", "[Na+].CC(=O)[O-]", "[2H]C([2H])O", "[H][H]", "CC(N)=O"]


def test_descriptors_are_the_computed_properties():
    for name in ("logp", "tpsa", "qed", "heavy_atoms"):
        np.testing.assert_array_equal(Descriptor(name)(MOLECULES), compute(MOLECULES, [name])[name])
    assert np.isfinite(Descriptor("bertz")(MOLECULES)).all()


def test_a_descriptor_that_fails_says_which_and_why(monkeypatch):
    def fail(mol):
        raise RuntimeError("no rings here")

    monkeypatch.setitem(DESCRIPTORS, "rings", fail)
    scored = Descriptor("rings").scored(["CCO", "C1CC"])
    assert np.isnan(scored.values).all()
    assert scored.reasons[0] == "no rings: RuntimeError: no rings here"
    assert scored.reasons[1].startswith("RDKit cannot read it")


@pytest.mark.parametrize("smiles", [*MOLECULES, "C[Si](C)(C)C", "[NH4+]", "*CC", "O=C(O)c1cc[nH]c1"])
def test_composition_is_that_with_hydrogens_added(smiles):
    mol = Chem.MolFromSmiles(smiles)
    full = Chem.AddHs(mol)
    assert composition(mol).total() == full.GetNumAtoms()
    for element in ("C", "H", "O", "N", "F"):
        assert composition(mol)[element] == sum(atom.GetSymbol() == element for atom in full.GetAtoms())


def test_atoms_are_counted_by_element():
    assert AtomCount("F")(["CC", "CF", "FC(F)F", "x"]).tolist()[:3] == [0, 1, 3]
    assert AtomCount("Cl")(["CCl"]).tolist() == [1] and AtomCount("C")(["CCl"]).tolist() == [1]
    assert AtomCount("H")(["C", "[H]C"]).tolist() == [4, 4]


def test_patterns_are_there_or_not():
    acid, smiles = "C(=O)[OH]", ["CC(=O)O", "CC(=O)OC", "x"]
    np.testing.assert_array_equal(Contains(acid)(smiles), [1, 0, np.nan])
    np.testing.assert_array_equal(Lacks(acid)(smiles), [0, 1, np.nan])
    assert Contains(acid) != Lacks(acid)


def test_isomers_by_hand():
    # ethanol C2H6O against C2H6S: S is one short, O does not count, nine atoms as wanted
    assert Isomers("C2H6O")(["CCO", "COC"]).tolist() == [1, 1]
    np.testing.assert_allclose(Isomers("C2H6S")(["CCO"]), np.exp(-0.5) ** (1 / 4))
    # propanol C3H8O against C2H6O: one carbon, two hydrogens and three atoms too many
    np.testing.assert_allclose(Isomers("C2H6O")(["CCCO"]), np.exp(-0.5 * (1 + 4 + 0 + 1.5**2) / 4))


def test_formulas():
    assert formula_of("C9H10N2O2PF2Cl") == {"C": 9, "H": 10, "N": 2, "O": 2, "P": 1, "F": 2, "Cl": 1}
    assert formula_of("CH3CH2OH") == {"C": 2, "H": 6, "O": 1}


@pytest.mark.parametrize("name", ["ECFP4", "ECFP6", "AP", "TT"])
def test_similarity_is_tanimoto_on_counts(name):
    makers = {
        "ECFP4": rdFingerprintGenerator.GetMorganGenerator(radius=2),
        "ECFP6": rdFingerprintGenerator.GetMorganGenerator(radius=3),
        "AP": rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=10),
        "TT": rdFingerprintGenerator.GetTopologicalTorsionGenerator(),
    }
    counts = [makers[name].GetSparseCountFingerprint(Chem.MolFromSmiles(s)).GetNonzeroElements() for s in MOLECULES]
    many = [counts[2], *counts]
    keys = sorted({key for one in many for key in one})
    table = np.array([[one.get(key, 0) for key in keys] for one in many])
    largest = np.maximum(table[0], table[1:]).sum(axis=1)
    by_hand = np.minimum(table[0], table[1:]).sum(axis=1) / largest
    np.testing.assert_allclose(Similarity(MOLECULES[2], name)(MOLECULES), by_hand)


def test_features_see_what_atoms_do():
    pair = ["c1ccccc1Cl", "c1ccccc1Br"]
    assert Similarity(pair[0], "FCFP4")(pair).tolist() == [1, 1]
    assert Similarity(pair[0], "ECFP4")(pair)[1] < 1


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_a_molecule_is_like_itself_however_written(name):
    similar = Similarity("OC(=O)c1ccccc1OC(C)=O", name).scored(["CC(=O)Oc1ccccc1C(=O)O", "CCCCCCC", None])
    assert similar.values[0] == 1 and similar.values[1] < 0.5 and np.isnan(similar.values[2])


def test_a_target_too_large_for_its_fingerprint_is_told():
    with pytest.raises(InputError, match="that has AP"):
        Similarity("C" * 600, "AP")(["CC"])


@pytest.mark.parametrize(("n", "value"), [(38, 11.19)])
def test_an_alkane_at_the_cap(n, value):
    scored = PenalisedLogP().scored(["C" * n, "C" * (n + 1), "x"])
    assert scored.values[0] == pytest.approx(value, abs=0.006)
    assert scored.reasons[1] == "ValueError: 39 heavy atoms, and penalised log P is capped at 38"
    assert np.isnan(scored.values[1:]).all()


@pytest.mark.parametrize(("scales", "values"), [("gcpn", [-6.230, 2.095, 1.137]), ("lolbo", [-6.224, 2.092, 1.134])])
def test_penalised_logp_in_both_scales(scales, values):
    found = PenalisedLogP(scales=scales)(["C", "c1ccccc1", "CC(=O)Oc1ccccc1C(=O)O"])
    np.testing.assert_allclose(found, values, atol=6e-4)


@pytest.mark.parametrize(("n", "value"), [(60, 16.64), (100, 26.13), (200, 48.85)])
def test_without_a_cap_it_has_no_end(n, value):
    assert PenalisedLogP(most_atoms=None)(["C" * n])[0] == pytest.approx(value, abs=0.006)


@pytest.mark.parametrize(
    ("build", "hint"),
    [
        (lambda: Descriptor("lgp"), 'Did you mean "logp"'),
        (lambda: AtomCount("Xx"), "symbol of an element"),
        (lambda: AtomCount(""), "symbol of an element"),
        (lambda: Contains("c1cc"), "SMARTS"),
        (lambda: Isomers("C7H8n2"), "molecular formula"),
        (lambda: Isomers(""), "molecular formula"),
        (lambda: Isomers("Qq7"), "symbol of an element"),
        (lambda: Isomers("CH4", "tdc"), "Expected a version"),
        (lambda: Similarity("not smiles"), "molecule to resemble"),
        (lambda: Similarity("CC", "ECFP5"), 'Did you mean "ECFP'),
        (lambda: PenalisedLogP(scales="gcnp"), 'Did you mean "gcpn"'),
        (lambda: PenalisedLogP(most_atoms=0), "at least 1"),
    ],
)
def test_what_cannot_be_is_told(build, hint):
    with pytest.raises(InputError, match=hint):
        build()


def test_the_target_may_be_written_in_any_way_and_bits_agree_with_rdkit():
    a, b = (Chem.MolFromSmiles(s) for s in ("OCC", "CCCO"))
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2).GetSparseCountFingerprint
    assert Similarity("CCO")(["CCCO"])[0] == DataStructs.TanimotoSimilarity(make(a), make(b))
    assert AtomCount("O")(["O=C=O"])[0] == rdMolDescriptors.CalcNumHeteroatoms(Chem.MolFromSmiles("O=C=O"))
