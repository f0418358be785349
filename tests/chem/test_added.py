"""What RDKit adds to rows: every column in its place, gaps with a reason."""

import numpy as np
import pytest

from chemvae.chem.added import Added, Adding, joined, served
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.parcels import packed, unpacked
from chemvae.chem.properties import compute
from chemvae.chem.reference import Reference
from chemvae.errors import InputError

ROWS = ["CCO", "oops", "c1ccccc1O", None, "O=C1C=CC(=O)C=C1", "[Na+]"]  # phenol is clean, quinone a PAINS


@pytest.fixture
def adding() -> Adding:
    reference = Reference(["CCO", "CCCO"], nearest=True)
    return Adding(
        properties=("logp", "qed"),
        filters=("PAINS", "MOSES"),
        oracles=("albuterol_similarity",),
        reference=reference,
        nearest=True,
        canonical=True,
    )


def test_every_column_in_its_place(adding):
    added = adding(ROWS)
    assert added.names == (
        *("logp", "qed", "albuterol_similarity", "passes_PAINS", "passes_MOSES", "novel", "nearest_similarity"),
    )
    columns = dict(zip(added.names, added.numbers.T, strict=True))
    for name, values in compute(ROWS, ["logp", "qed"]).items():
        np.testing.assert_array_equal(columns[name], values)
    np.testing.assert_array_equal(columns["albuterol_similarity"], oracle("albuterol_similarity")(ROWS))
    nan = np.nan
    np.testing.assert_array_equal(columns["passes_PAINS"], [1, nan, 1, nan, 0, 1])
    np.testing.assert_array_equal(columns["passes_MOSES"], [1, nan, 1, nan, 0, 0])
    np.testing.assert_array_equal(columns["novel"], [0, nan, 1, nan, 1, 1])
    assert added.texts["nearest"][0] == "CCO" and added.texts["nearest"][1] == ""
    assert columns["nearest_similarity"][0] == 1.0
    assert [bool(reason) for reason in added.reasons] == [False, True, False, True, False, False]
    assert added.readable.tolist() == [True, False, True, False, True, True]


def test_parts_put_together_are_the_whole(adding):
    whole, parts = adding(ROWS), joined([adding(ROWS[:2]), adding(ROWS[2:])])
    np.testing.assert_array_equal(whole.numbers, parts.numbers)
    assert (whole.texts, whole.reasons) == (parts.texts, parts.reasons)


def test_it_travels_and_a_lost_row_has_its_width(adding):
    there = served(unpacked(packed(adding.plain())))
    parts = [Added.of(unpacked(packed(there(rows)))) for rows in (ROWS[:1], ROWS[2:])]
    whole = joined([parts[0], adding.lost("took over 1 s"), parts[1]])
    np.testing.assert_array_equal(parts[1].numbers, adding(ROWS[2:]).numbers)
    assert parts[1].texts == adding(ROWS[2:]).texts
    assert whole.numbers.shape == adding(ROWS).numbers.shape
    assert whole.reasons[1] == "the toolkit gave up on it: took over 1 s"
    assert not whole.readable[1]


def test_only_properties_read_a_string_once():
    added = Adding(properties=("qed",))(["CCO", "oops"])
    assert added.names == ("qed",)
    assert added.readable.tolist() == [True, False]
    assert Adding(properties=("qed",))([]).numbers.shape == (0, 1)


@pytest.mark.parametrize(
    ("wrong", "hint"), [({"filters": ("PAIN",)}, '"PAINS"'), ({"oracles": ("qde",)}, "oracle out of")]
)
def test_an_unknown_name(wrong, hint):
    with pytest.raises(InputError, match=hint):
        Adding(**wrong).check()
