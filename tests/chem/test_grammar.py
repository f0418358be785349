"""The rules of SMILES: whatever is drawn under them ends and is a molecule, and no molecule is shut out."""

import random

import pytest
from rdkit import Chem, rdBase

from chemvae.chem.grammar import END, Draft, Grammar, bonds_of
from chemvae.chem.judge import read
from chemvae.chem.tokens import SPECIAL, Tokenizer

LONG = 200


def bits(atom: str) -> list[int]:
    """Return the sums of bonds that an atom may have."""
    may = bonds_of(atom)
    return [] if may is None else [n for n in range(9) if may >> n & 1]


def write(grammar: Grammar, tokenizer: Tokenizer, smiles: str) -> Draft:
    """Write a string token by token as it stands."""
    draft = grammar.begin(LONG)
    for token in tokenizer.split(smiles):
        assert draft.take(tokenizer.alphabet[token]), (smiles, token)
    return draft


@pytest.fixture(scope="module")
def tokenizer(small_molecules: list[str]) -> Tokenizer:
    """Merged tokens of Kekulé strings."""
    return Tokenizer.fit("kekule-pairs", small_molecules, merges=60)


@pytest.mark.parametrize(
    ("atom", "may"),
    [
        ("C", [0, 1, 2, 3, 4]),
        ("N", [0, 1, 2, 3]),
        ("Cl", [0, 1]),
        ("[C@@H]", [3]),
        ("[N+]", [4]),
        ("[O-]", [1]),
        ("[NH3+]", [1]),
        ("[nH]", [0, 1, 2]),
        ("[S@]", [2, 3, 4, 5, 6]),
        ("[Na+]", [0]),
        ("c", [0, 1, 2, 3, 4]),
        ("zz", []),
        ("[q]", []),
    ],
)
def test_bonds_of_an_atom_are_what_rdkit_grants_it(atom, may):
    assert bits(atom) == may


@pytest.mark.parametrize("length", [3, 5, 12, 30, 60])
def test_whatever_is_drawn_ends_in_time_and_is_a_molecule(tokenizer: Tokenizer, length: int):
    grammar, rng = Grammar(tokenizer), random.Random(length)
    ids = [END, *range(len(SPECIAL), len(tokenizer))]
    for _ in range(15):
        draft, taken = grammar.begin(length), list[int]()
        while END not in taken:
            rng.shuffle(ids)
            taken.append(next((token for token in ids if draft.take(token)), -1))
            assert taken[-1] >= 0, tokenizer.decode(taken)
        assert len(taken) <= length
        assert read(text := tokenizer.decode(taken)) is not None, text


@pytest.mark.parametrize("scheme", ["atoms", "kekule", "pairs", "kekule-pairs"])
def test_no_molecule_is_shut_out(scheme, small_molecules: list[str]):
    hard = ["C1CC2CC1CC2", "C%12CC%12", "F[P-](F)(F)(F)(F)F", "CS(=O)(=O)C", "[Na+].[Cl-]", "C[N+](=O)[O-]", "C/C=C/C"]
    some = [str(Chem.CanonSmiles(smiles)) for smiles in [*small_molecules, *hard]]
    tokenizer = Tokenizer.fit(scheme, some, merges=60)
    grammar = Grammar.of(tokenizer)
    assert grammar is not None
    for smiles in some:
        draft = grammar.begin(LONG)
        assert all(draft.take(token) for token in [*tokenizer.encode(smiles), END]), smiles


@pytest.mark.parametrize(
    ("begun", "token"),
    [
        ("", ")"),
        ("", "="),
        ("", "1"),
        ("", "."),
        ("C", ")"),
        ("C(", ")"),
        ("C(", "("),
        ("C(", "1"),
        ("C=", "="),
        ("C=", "("),
        ("C=", "Cl"),
        ("C(", "."),
        ("CCl", "C"),
        ("CCl", "("),
        ("C1", "1"),  # a bond to itself
        ("C1C", "1"),  # a second bond between the same atoms
        ("C1C", "Cl"),
        ("C1CC#", "1"),  # no ring is closed by a triple bond
        ("C[N+]", "C"),  # it lacks two bonds and would get none
        ("C[N+](C)", "C"),
        ("C1CCC(C)(C)", "Cl"),  # the ring could not be closed any more
        ("C(C)(C)(C)", "="),
    ],
)
def test_what_leads_to_no_molecule_is_turned_down(begun, token):
    tokenizer = Tokenizer("atoms", ["C", "Cl", "N", "(", ")", "=", "#", "1", "2", ".", "[N+]"])
    draft = write(Grammar(tokenizer), tokenizer, begun)
    before = draft.copy()
    assert not draft.take(tokenizer.alphabet[token])
    for slot in Draft.__slots__:
        assert getattr(draft, slot) == getattr(before, slot)


@pytest.mark.parametrize("begun", ["", "C(", "C=", "C1", "C(C", "C.", "C[N+]", "C1CC(C1)(", "C(=O)N1"])
def test_no_end_before_everything_is_closed(begun):
    tokenizer = Tokenizer("atoms", ["C", "O", "N", "(", ")", "=", "1", ".", "[N+]"])
    draft = write(Grammar(tokenizer), tokenizer, begun)
    assert not draft.take(END)


def test_special_tokens_and_rings_that_other_tokens_close():
    tokenizer = Tokenizer("pairs", ["C", "1", "(", ")", "C1", "C1("], merges=[(4, 5), (8, 6)])
    grammar = Grammar(tokenizer)
    draft = grammar.begin(LONG)
    assert not any(draft.take(token) for token in (0, 1, 3))
    for text in ("C1(", "C", "C1", ")", "C"):
        assert draft.take(tokenizer.tokens.index(text)), text
    assert draft.take(END)


def test_only_smiles_by_atoms_has_rules():
    assert [Grammar.of(Tokenizer(scheme, ["[C]"])) for scheme in ("selfies", "characters", "words")] == [None] * 3
    assert Grammar.of(Tokenizer("kekule", ["C"])) is not None


def test_aromatic_strings_are_closed_though_not_all_of_them_are_molecules(small_molecules: list[str]):
    tokenizer = Tokenizer.fit("atoms", small_molecules)
    grammar, rng = Grammar(tokenizer), random.Random(0)
    ids = [END, *range(len(SPECIAL), len(tokenizer))]
    with rdBase.BlockLogs():
        for _ in range(20):
            draft, taken = grammar.begin(20), list[int]()
            while END not in taken:
                rng.shuffle(ids)
                taken.append(next(token for token in ids if draft.take(token)))
            assert Chem.MolFromSmiles(tokenizer.decode(taken), sanitize=False) is not None
