"""The pharmacophore fingerprint has the bits of RDKit's own, and does not choke on a chain."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

from chemvae.chem.oracles.pharmacophore import BINS, FAMILIES, features, in_order, pharmacophore
from chemvae.chem.oracles.tasks import CAMPHOR, CELECOXIB, FEXOFENADINE, HOPPED, PERINDOPRIL, ZALEPLON

MOLECULES = [CELECOXIB, FEXOFENADINE, PERINDOPRIL, ZALEPLON, CAMPHOR, HOPPED]
MOLECULES += ["C", "CC", "CCCCCCCCCC.CCCN", "[Na+].CC(=O)[O-]", "NCC(=O)NCC(=O)NCC(=O)O", "C[Si](C)(C)CCCP(=O)(O)O"]
MOLECULES += ["c1ccc(-c2ccc(-c3ccncc3)cc2)cc1", "OC(=O)CCCCCCCCC(O)=O", "C1CC2CCC1CC2", "O=C1NC(=O)c2ccccc21"]


def test_similarities_are_exactly_those_of_rdkit():
    mols = [Chem.MolFromSmiles(smiles) for smiles in MOLECULES]
    ours = [pharmacophore(mol) for mol in mols]
    theirs = [Generate.Gen2DFingerprint(mol, Gobbi_Pharm2D.factory) for mol in mols]
    assert [len(one.GetNonzeroElements()) for one in ours] == [one.GetNumOnBits() for one in theirs]
    for row in range(len(mols)):
        if theirs[row].GetNumOnBits():  # of two empty ones, a vector of bits says 1 and a sparse one 0
            expected = [DataStructs.TanimotoSimilarity(theirs[row], one) for one in theirs]
            assert DataStructs.BulkTanimotoSimilarity(ours[row], ours) == expected


def test_every_feature_is_one_atom_and_families_are_in_order():
    family, atom = features(Chem.MolFromSmiles(FEXOFENADINE))
    assert (np.diff(family) >= 0).all() and len(family) == len(atom) > 20
    assert list(FAMILIES) == sorted(FAMILIES)


def test_triples_of_one_family_do_not_depend_on_their_order():
    shuffled = [np.ravel_multi_index(one, (BINS,) * 3) for one in ((1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 3))]
    assert len(np.unique(in_order(np.array(shuffled)))) == 1


def test_a_long_chain_takes_a_moment():
    assert len(pharmacophore(Chem.MolFromSmiles("C" * 200)).GetNonzeroElements()) == 35
    with pytest.raises(ValueError, match="501 atoms"):
        pharmacophore(Chem.MolFromSmiles("C" * 501))
