"""What `prepare` is asked for is checked before any work is done."""

import dataclasses

import pytest

from chemvae.chem.asked import Asked, merges_of
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import InputError

FINE = Asked(
    smiles_column=None,
    target_columns=("y",),
    properties=("qed",),
    tokens="atoms",
    standardise=True,
    split="random",
    split_sizes=(0.9, 0.05, 0.05),
    split_files=None,
    max_length=120,
    seed=0,
)


@pytest.mark.parametrize("split", ["random", "scaffold", "column:anything"])
def test_what_can_be_passes(split):
    dataclasses.replace(FINE, split=split).check()
    dataclasses.replace(FINE, split="jtvae", split_files="folder").check()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"properties": ("sas",)}, r"got 'sas'.*Did you mean \"sa\"\?"),
        ({"target_columns": ("qed",)}, "'qed' is a column and a property"),
        ({"tokens": "bytes"}, "tokens out of atoms"),
        ({"merges": 9}, r"merges with tokens pairs or kekule-pairs or selfies-pairs, but got 9 with 'atoms'"),
        ({"tokens": "pairs", "merges": 0}, "Expected 1 to 30000 merges, but got 0"),
        ({"split": "randon"}, r"Did you mean \"random\"\?"),
        ({"split": "jtvae"}, "--split-files"),
        ({"split_files": "folder"}, "--split jtvae"),
        ({"split_sizes": (1.0,)}, "three split sizes"),
        ({"max_length": 0}, "at least 1 token"),
    ],
)
def test_what_cannot_be_is_told(changes, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(FINE, **changes).check()


def test_how_many_merges():
    assert merges_of("atoms", None, None) is None and merges_of("atoms", 7, None) == 7
    assert merges_of("pairs", None, None) == 500 and merges_of("pairs", 7, None) == 7
    assert merges_of("atoms", None, Tokenizer.fit("pairs", ["CC", "CC"])) == 1
    with pytest.raises(InputError, match="--merges or --tokenizer, but got both"):
        merges_of("pairs", 7, Tokenizer("atoms", ["C"]))
