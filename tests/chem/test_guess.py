"""The column that holds SMILES is found, or the message says what there is."""

import pytest

from chemvae.chem.guess import better_column, parse_rate, smiles_column, spread
from chemvae.errors import InputError

SMILES = ["CCO", "c1ccccc1", "CC(=O)O", "CCN"]
NAMES = ["ethanol", "benzene", "acetic acid", "ethylamine"]


def test_a_name_is_enough_whatever_its_case():
    for name in ("smiles", "SMILES", "Canonical_SMILES", " mol "):
        assert smiles_column({"id": NAMES, name: SMILES}).column == name


def test_the_best_name_wins():
    assert smiles_column({"mol": SMILES, "smiles": SMILES}).column == "smiles"


def test_a_named_column_of_junk_is_passed_over():
    guess = smiles_column({"smiles": NAMES, "structure code": SMILES})
    assert guess.column == "structure code" and "100%" in guess.how


def test_single_letters_parse_but_real_molecules_win():
    assert smiles_column({"class": ["C", "N", "S", "C"], "text": SMILES}).column == "text"


def test_an_explicit_name_wins():
    guess = smiles_column({"smiles": SMILES, "other": NAMES}, asked="other")
    assert (guess.column, guess.rate) == ("other", 0.0)


def test_an_explicit_name_that_is_not_there():
    with pytest.raises(InputError, match=r"column 'smile'.*got smiles, id.*Did you mean \"smiles\"\?"):
        smiles_column({"smiles": SMILES, "id": NAMES}, asked="smile")


def test_no_column_says_what_there_is_and_how_much_parses():
    with pytest.raises(
        InputError, match=r"got id, name; the best guess is 'id', of which RDKit reads 25%.*--smiles-column"
    ):
        smiles_column({"id": ["C", "1", "2", "3"], "name": NAMES})


def test_a_file_without_header_loses_no_molecule():
    with pytest.raises(InputError, match="Expected a header line.*'CCO'"):
        smiles_column({"CCO": SMILES, "1.5": ["1", "2", "3", "4"]})


def test_empty_cells_do_not_count():
    assert parse_rate(["CCO", "", None, float("nan"), "x"]) == 0.5
    assert parse_rate(["", None]) == 0.0


def test_a_better_column_is_named_or_nothing_is():
    assert (
        better_column({"id": NAMES, "s": SMILES}, than="id") == ' Did you mean column "s", of which RDKit reads 100%?'
    )
    assert better_column({"id": NAMES, "s": SMILES}, than="s") == "" == better_column({"s": SMILES}, than="s")


def test_a_sample_is_spread_over_the_column():
    sample = spread(range(100_000))
    assert sample[0] == 0 and sample[-1] > 99_000 and len(sample) == 2000
