"""Which rows stay and why the others go."""

import numpy as np
import pytest

from chemvae.chem.asked import Asked
from chemvae.chem.ready import Ready, Wanted, make_ready
from chemvae.chem.sieve import LACKING, count, cut_rows, divide, fit_tokenizer, kinds, token_ids, turn_away
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import InputError

TEXTS = ["OCC", "C1CC", None, "CC(=O)[O-].[Na+]", "ClCBr", "c1ccccc1", "CCO"]


def ready(texts=TEXTS, scaffold=False) -> Ready:
    wanted = Wanted(standardise=True, properties=(), tokenizer=Tokenizer("atoms", ()), scaffold=scaffold)
    return make_ready(texts, wanted)


def asked(split: str, **changes) -> Asked:
    return Asked(
        smiles_column=None,
        target_columns=(),
        properties=(),
        tokens=changes.get("tokens", "atoms"),
        merges=changes.get("merges"),
        standardise=True,
        split=split,
        split_sizes=(0.5, 0.25, 0.25),
        split_files=None,
        max_length=120,
        seed=0,
    )


def test_why_rows_go():
    found = ready([*TEXTS, "C" * 9])
    given = Tokenizer("atoms", ["C", "O", "c", "1", "=", "(", ")"])
    reasons = turn_away(found, 8, given)
    assert reasons[0] == "" and reasons[3] == ""
    assert reasons[1] == "RDKit cannot read it: not SMILES"
    assert reasons[2] == "not text: a missing cell"
    assert reasons[4] == "a token that the vocabulary lacks: Cl"  # the first one, though Br is lacking as well
    assert reasons[6] == "seen before: row 0"
    assert reasons[7] == "longer than the model's length cap: 9 tokens, and the cap is 8"
    assert sum(kinds(reasons).values()) == sum(map(bool, reasons))


def test_a_molecule_outside_the_split_files_goes():
    assert turn_away(ready(["CCO", "CC"]), 9, members={"CC": 1})[0].endswith("in none of the split's files")


def test_a_rejected_row_is_no_precedent():
    assert (
        turn_away(ready(["CCCC", "CCCC"]), 3) == ["longer than the model's length cap: 4 tokens, and the cap is 3"] * 2
    )


def test_the_vocabulary_is_that_of_the_rows_that_stay():
    found, rows = ready(), np.array([4])
    tokenizer = fit_tokenizer(found, rows, np.zeros(1, dtype=np.uint8), asked("random"))
    assert tokenizer.tokens[4:] == ("Br", "C", "Cl")
    ids, lengths = cut_rows(found, rows, tokenizer)
    assert ids.tolist() == tokenizer.encode("ClCBr") and lengths.tolist() == [3]
    assert (token_ids(found, tokenizer) == LACKING).any()


def test_merges_are_learnt_from_the_molecules_to_train_on():
    texts = ["CCO", "CCN", "x", "OCCO", "NCCN", "NCN", "NCN", "NCN"]
    found, rows = ready(texts), np.array([0, 1, 3, 4, 5])
    parts = np.array([0, 0, 1, 0, 2], dtype=np.uint8)
    tokenizer = fit_tokenizer(found, rows, parts, asked("random", tokens="pairs", merges=9))
    assert tokenizer.tokens[4:] == ("C", "N", "O", "CC", "CCN")
    ids, lengths = cut_rows(found, rows, tokenizer)
    assert lengths.tolist() == [2, 1, 3, 2, 3]
    assert ids.tolist() == [i for row in rows for i in tokenizer.encode(found.smiles[row])]


def test_more_tokens_than_a_table_can_hold_are_told():
    many = Tokenizer("characters", [chr(0x4E00 + i) for i in range(70_000)])
    with pytest.raises(InputError, match="at most 65535 different tokens, but got 70004"):
        cut_rows(ready(), np.array([0]), many)


def test_the_length_cap_counts_before_any_merge():
    given = Tokenizer.fit("pairs", ["CCCC", "CCCC"])
    assert given.merges and turn_away(ready(["CCCC"]), 3, given)[0].endswith("4 tokens, and the cap is 3")


def test_each_way_to_divide_gives_every_kept_row_a_part():
    found = ready(["C", "CC", "c1ccccc1", "Cc1ccccc1", "CO"], scaffold=True)
    rows = np.array([0, 2, 3, 4])
    given = np.array([2, 0, 0, 1, 1], dtype=np.uint8)
    assert divide(found, rows, given, asked("column:x"), None).tolist() == [2, 0, 1, 1]
    members = {"C": 1, "c1ccccc1": 0, "Cc1ccccc1": 2, "CO": 0}
    assert divide(found, rows, None, asked("jtvae"), members).tolist() == [1, 0, 2, 0]
    assert sorted(divide(found, rows, None, asked("random"), None).tolist()) == [0, 0, 1, 2]
    by_ring = divide(found, rows, None, asked("scaffold"), None)
    assert by_ring[1] == by_ring[2] and by_ring[0] == by_ring[3]


def test_nothing_to_train_on_is_told():
    with pytest.raises(InputError, match="leaves none in train"):
        divide(ready(["C"]), np.array([0]), np.array([2], dtype=np.uint8), asked("column:x"), None)


def test_counts_add_up():
    reasons = ["", "seen before: row 0", "empty", "", ""]
    assert count(reasons, np.array([0, 0, 2], dtype=np.uint8)) == {
        "rows": 5,
        "kept": 3,
        "rejected": 1,
        "duplicates": 1,
        "train": 2,
        "valid": 0,
        "test": 1,
    }
