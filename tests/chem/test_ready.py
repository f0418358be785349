"""What workers find out about strings, and that joining their chunks changes nothing."""

import numpy as np
import pytest

from chemvae.chem.ready import Ready, Wanted, join, make_ready
from chemvae.chem.tokens import Tokenizer

TEXTS = ["OCC", "C1CC", None, "CC(=O)[O-].[Na+]", "ClCBr", "c1ccccc1", "CCO"]


def ready(texts=TEXTS, scheme="atoms", standardise=True, scaffold=False) -> Ready:
    wanted = Wanted(standardise=standardise, properties=("mw",), tokenizer=Tokenizer(scheme, ()), scaffold=scaffold)
    return make_ready(texts, wanted)


def tokens(found: Ready) -> list[str]:
    ends = np.cumsum(found.cut.lengths)
    return ["".join(found.cut.vocabulary[i] for i in row) for row in np.split(found.cut.numbers, ends)[:-1]]


def test_every_row_has_a_molecule_or_a_reason():
    found = ready()
    assert found.smiles == ["CCO", "", "", "CC(=O)O", "ClCBr", "c1ccccc1", "CCO"]
    assert [bool(reason) for reason in found.reasons] == [not smiles for smiles in found.smiles]
    assert np.isnan(found.values[:, 0]).tolist() == [not smiles for smiles in found.smiles]
    assert tokens(found) == found.smiles


def test_joining_chunks_is_the_same_as_one_chunk():
    whole = ready()
    joined = join([ready(TEXTS[:2]), ready(TEXTS[2:3]), ready(TEXTS[3:])])
    assert (joined.smiles, joined.reasons, tokens(joined)) == (whole.smiles, whole.reasons, tokens(whole))
    np.testing.assert_array_equal(joined.values, whole.values)
    assert sorted(joined.cut.vocabulary) == sorted(whole.cut.vocabulary)


def test_scaffolds_only_when_wanted():
    assert ready().scaffolds == []
    assert ready(scaffold=True).scaffolds == ["", "", "", "", "", "c1ccccc1", ""]


def test_selfies_rejects_what_it_cannot_write():
    found = ready(["CCO", "C[N+](=O)[O-]", "[Si-3](C)(C)(C)(C)(C)(C)C"], scheme="selfies", standardise=False)
    assert found.smiles[:2] == ["CCO", "C[N+](=O)[O-]"] and found.reasons[2]
    assert tokens(found)[0] == "[C][C][O]"


@pytest.mark.parametrize("texts", [[], [None], ["x", "y"]])
def test_nothing_to_cut(texts):
    found = join([ready(texts)])
    assert found.cut.lengths.tolist() == [0] * len(texts) and len(found.values) == len(texts)
