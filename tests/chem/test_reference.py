"""A reference set: what it holds, and what of it is nearest."""

import pickle

import numpy as np
import pytest
from rdkit import Chem, DataStructs

from chemvae.chem.judge import canonical
from chemvae.chem.reference import Reference, generator


@pytest.fixture(scope="module")
def molecules(small_molecules) -> list[str]:
    return [str(canonical(one)) for one in small_molecules]


def test_what_it_holds(molecules):
    reference = Reference([*molecules, molecules[0]], nearest=False)
    assert molecules[3] in reference
    assert "CCCCCCCCCCCCC" not in reference
    assert len(reference.smiles) == len(set(molecules))


def test_the_nearest_is_the_one_that_a_full_search_finds(molecules):
    known = molecules[::2]
    reference = Reference(known, nearest=True)
    prints = [generator().GetFingerprint(Chem.MolFromSmiles(one)) for one in known]
    for smiles in [*molecules, "C", "[Na+].[Cl-]", "c1ccc2ccccc2c1"]:
        own = generator().GetFingerprint(Chem.MolFromSmiles(smiles))
        every = np.array(DataStructs.BulkTanimotoSimilarity(own, prints))
        found = reference.nearest(Chem.MolFromSmiles(smiles))
        assert found.similarity == every.max()
        assert found.smiles == known[int(every.argmax())]  # the first of equals


def test_it_travels(molecules):
    reference = pickle.loads(pickle.dumps(Reference(molecules, nearest=True)))
    assert reference.nearest(Chem.MolFromSmiles(molecules[5])).similarity == 1.0
    assert reference.fingerprint == Reference(molecules, nearest=False).fingerprint
    assert reference.fingerprint != Reference(molecules[1:], nearest=False).fingerprint
