"""Text to tokens to ids and back, and nothing unknown ever a KeyError."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.chem.tokens import SPECIAL, Tokenizer, atoms, selfies_constraints, selfies_tokens
from chemvae.errors import InputError, UnknownTokenError

ZINC = Path(os.environ.get("CHEMVAE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "zinc250k/zinc250k.csv.gz"
MOLECULES = ["CCO", "ClCCBr", "c1cc[nH]c1", "C[C@@H](N)C(=O)O", "C/C=C\\C", "C%12CCCC%12", "[NH3+]CC([O-])=O"]


def unknown(tokenizer: Tokenizer, text: str) -> str | None:
    """Return the first token of a text that the vocabulary lacks, or None."""
    tokens = tokenizer.split(text)
    at = tokenizer.first_unknown(tokens)
    return None if at is None else tokens[at]


@pytest.mark.parametrize(
    ("smiles", "tokens"),
    [
        ("ClCBr", ["Cl", "C", "Br"]),
        ("c1cc[nH]c1", ["c", "1", "c", "c", "[nH]", "c", "1"]),
        ("C%12C%12", ["C", "%12", "C", "%12"]),
        ("C%(123)C", ["C", "%(123)", "C"]),
        ("C[C@@H](N)O", ["C", "[C@@H]", "(", "N", ")", "O"]),
        ("[13C][Na+].[Cl-]", ["[13C]", "[Na+]", ".", "[Cl-]"]),
        ("F/C=C\\F", ["F", "/", "C", "=", "C", "\\", "F"]),
        ("Cn", ["C", "n"]),  # carbon and aromatic nitrogen, not copernicium
        ("[C", ["[", "C"]),  # broken brackets fall apart but are kept
        ("", []),
    ],
)
def test_atoms(smiles, tokens):
    assert atoms(smiles) == tokens


@given(st.text())
def test_no_letter_is_lost_or_added(text):
    assert "".join(atoms(text)) == text
    assert "".join(selfies_tokens(text)) == text


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=10), min_size=1, max_size=5))
def test_any_text_of_the_vocabulary_round_trips(texts):
    for scheme in ("atoms", "characters"):
        tokenizer = Tokenizer.fit(scheme, texts)
        assert [tokenizer.decode(tokenizer.encode(text)) for text in texts] == texts


@given(st.text(max_size=20))
def test_what_is_unknown_is_never_a_key_error(text):
    tokenizer = Tokenizer("atoms", ["C", "O"])
    if unknown(tokenizer, text) is None:
        assert tokenizer.decode(tokenizer.encode(text)) == text
    else:
        with pytest.raises(UnknownTokenError):
            tokenizer.encode(text)


def test_an_unknown_token_is_named_with_its_place():
    tokenizer = Tokenizer.fit("atoms", ["CCO"])
    assert unknown(tokenizer, "CC[Si]C") == "[Si]" and unknown(tokenizer, "CCO") is None
    with pytest.raises(UnknownTokenError, match=r"got '\[Si\]' at token 2 of 'CC\[Si\]C'"):
        tokenizer.encode("CC[Si]C")


def test_a_text_cannot_smuggle_special_tokens_in():
    tokenizer = Tokenizer("words", ["the", "cat"])
    assert unknown(tokenizer, "the <eos> cat") == "<eos>"
    with pytest.raises(UnknownTokenError):
        tokenizer.encode("the <pad> cat")
    assert len(Tokenizer.fit("characters", ["<pad>"])) == len(SPECIAL) + len(set("<pad>"))


def test_decoding_stops_at_the_end_mark_and_skips_padding():
    tokenizer = Tokenizer("atoms", ["C", "O"])
    assert tokenizer.decode([1, 4, 5, 2, 4, 4]) == "CO"
    assert tokenizer.decode([4, 0, 0]) == "C"
    assert tokenizer.decode([]) == ""


def test_characters_split_chlorine_and_atoms_do_not():
    assert len(Tokenizer.fit("characters", ["Cl"])) == len(SPECIAL) + 2
    assert len(Tokenizer.fit("atoms", ["Cl"])) == len(SPECIAL) + 1


def test_words_are_joined_with_spaces():
    tokenizer = Tokenizer.fit("words", ["the cat sat"])
    assert tokenizer.decode(tokenizer.encode("sat the cat")) == "sat the cat"


@pytest.mark.parametrize(
    "scheme", ["atoms", "kekule", "characters", "selfies", "words", "pairs", "kekule-pairs", "selfies-pairs"]
)
def test_a_stored_tokenizer_is_the_same(scheme):
    tokenizer = Tokenizer.fit(scheme, MOLECULES)
    again = Tokenizer.from_dict(tokenizer.to_dict())
    assert again.to_dict() == tokenizer.to_dict()
    assert [again.encode(smiles) for smiles in MOLECULES] == [tokenizer.encode(smiles) for smiles in MOLECULES]


def test_merges_shorten_strings_and_give_them_back():
    plain, tokenizer = Tokenizer.fit("atoms", MOLECULES), Tokenizer.fit("pairs", MOLECULES * 2, merges=9)
    assert tokenizer.tokens[: tokenizer.first_merged] == plain.tokens and len(tokenizer) == len(plain) + 9
    assert [tokenizer.decode(tokenizer.encode(smiles)) for smiles in MOLECULES] == MOLECULES
    assert sum(len(tokenizer.encode(s)) for s in MOLECULES) < sum(len(plain.encode(s)) for s in MOLECULES)
    assert tokenizer.encode("CCO") == [tokenizer.tokens.index("CC"), tokenizer.alphabet["O"]]


def test_one_text_and_many_are_merged_alike():
    tokenizer = Tokenizer.fit("pairs", MOLECULES * 2, merges=9)
    plain = Tokenizer("atoms", tokenizer.tokens[len(SPECIAL) : tokenizer.first_merged])
    ids = np.array([i for smiles in MOLECULES for i in plain.encode(smiles)])
    merged, lengths = tokenizer.merge(ids, np.array([len(plain.encode(smiles)) for smiles in MOLECULES]))
    assert np.split(merged.tolist(), np.cumsum(lengths)[:-1])[-1].tolist() == tokenizer.encode(MOLECULES[-1])
    assert merged.tolist() == [i for smiles in MOLECULES for i in tokenizer.encode(smiles)]


def test_an_unknown_token_is_named_before_any_merge():
    tokenizer = Tokenizer.fit("pairs", ["CCO", "CCO"])
    assert unknown(tokenizer, "CCOCC[Si]C") == "[Si]"
    with pytest.raises(UnknownTokenError, match=r"got '\[Si\]' at token 5"):
        tokenizer.encode("CCOCC[Si]C")


def test_merged_selfies_give_the_molecule_back():
    from chemvae.chem.judge import canonical

    molecules = [str(canonical(smiles)) for smiles in MOLECULES]
    tokenizer = Tokenizer.fit("selfies-pairs", molecules * 2, merges=5)
    assert len(tokenizer.merges) == 5
    assert [canonical(tokenizer.decode(tokenizer.encode(smiles))) for smiles in molecules] == molecules


def test_kekule_strings_have_no_aromatic_atom_and_give_the_molecule_back():
    from chemvae.chem.judge import canonical

    molecules = [str(canonical(smiles)) for smiles in MOLECULES]
    plain = Tokenizer.fit("kekule", molecules)
    assert not [token for token in plain.tokens[len(SPECIAL) :] if token[0].islower()]
    assert plain.decode(plain.encode("c1ccccc1")) == "C1=CC=CC=C1"
    tokenizer = Tokenizer.fit("kekule-pairs", molecules * 2, merges=5)
    assert len(tokenizer.merges) == 5
    for cut in (plain, tokenizer):
        assert [canonical(cut.decode(cut.encode(smiles))) for smiles in molecules] == molecules
    with pytest.raises(UnknownTokenError, match="without aromatic bonds, but got 'not'"):
        plain.split("not")


def test_a_scheme_without_merges_is_stored_as_ever():
    assert set(Tokenizer("atoms", ["C"]).to_dict()) == {"format_version", "scheme", "tokens", "constraints"}
    assert Tokenizer.fit("pairs", ["CC", "CC"]).to_dict()["merges"] == [[4, 4]]


def test_the_vocabulary_does_not_depend_on_the_order():
    assert Tokenizer.fit("atoms", MOLECULES).tokens == Tokenizer.fit("atoms", MOLECULES[::-1]).tokens


def test_selfies_give_the_molecule_back():
    from chemvae.chem.judge import canonical

    molecules = [str(canonical(smiles)) for smiles in MOLECULES]
    tokenizer = Tokenizer.fit("selfies", molecules)
    assert [canonical(tokenizer.decode(tokenizer.encode(smiles))) for smiles in molecules] == molecules


def test_selfies_constraints_are_saved_and_obeyed():
    loose = selfies_constraints() | {"S": 6, "N": 5}
    tokenizer = Tokenizer("selfies", [], loose)
    stored = tokenizer.to_dict()
    assert stored["constraints"]["N"] == 5
    assert Tokenizer("selfies", []).constraints == selfies_constraints()
    fitted = Tokenizer("selfies", sorted(set(tokenizer.split("O=N(=O)C"))), loose)
    assert Tokenizer.from_dict(fitted.to_dict()).decode(fitted.encode("O=N(=O)C")) == "O=N(=O)C"
    with pytest.raises(UnknownTokenError, match="SELFIES can write"):
        Tokenizer("selfies", []).encode("O=N(=O)C")  # nitrogen with five bonds


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"format_version": 1, "scheme": "atoms"},
        {"format_version": 2, "scheme": "atoms", "tokens": []},
        {"format_version": 1, "scheme": "atoms", "tokens": "CO"},
        {"format_version": 1, "scheme": "atoms", "tokens": [1]},
        {"format_version": 1, "scheme": "atoms", "tokens": ["C", "C"]},
        {"format_version": 1, "scheme": "atoms", "tokens": ["C", "CC"], "merges": [[4, 4]]},
        {"format_version": 1, "scheme": "selfies", "tokens": ["[C]"], "constraints": "C4"},
        {"format_version": 1, "scheme": "selfies", "tokens": ["[C]"], "constraints": {"C": "4"}},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "CC"], "merges": [[4]]},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "CC"], "merges": [["4", 4]]},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "CC"], "merges": [[4, 10**30]]},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "CC"], "merges": {"4": 4}},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "CC"], "merges": [[4, 5]]},
        {"format_version": 1, "scheme": "pairs", "tokens": ["C", "OO"], "merges": [[4, 4]]},
    ],
)
def test_a_damaged_tokenizer_is_told_in_one_line(stored):
    with pytest.raises(InputError, match="^Expected"):
        Tokenizer.from_dict(stored)


@pytest.mark.slow
@pytest.mark.skipif(not ZINC.is_file(), reason="needs ZINC250k: set CHEMVAE_DATA to the folder of zinc250k/")
def test_every_molecule_of_zinc250k_round_trips():
    with gzip.open(ZINC, "rt", encoding="utf-8", newline="") as file:
        smiles = [row["smiles"] for row in csv.DictReader(file)]
    assert len(smiles) == 249_455
    tokenizer = Tokenizer.fit("atoms", smiles)
    assert [text for text in smiles if tokenizer.decode(tokenizer.encode(text)) != text] == []
