"""Filters by name and by comparison: the grammar of constraints, a column each, gaps stay gaps."""

import numpy as np
import pandas as pd
import pytest

from chemvae.chem.properties import compute
from chemvae.errors import InputError
from chemvae.score import score
from chemvae.scoring.asked import Scoring
from chemvae.scoring.filters import comparisons_in, lists_in, one_form, passed, split_filters


def test_commas_part_filters_but_not_arguments():
    assert split_filters("qed>=0.6, min(logp,sa) < 4 ,pains,") == ["qed>=0.6", "min(logp,sa) < 4", "pains"]


def test_one_form_names_a_column_once():
    given = ["pains", "PAINS", "qed >= 0.6", "qed>=0.6", "200 <= mw <= 500"]
    assert one_form(given) == ("PAINS", "qed>=0.6", "200<=mw<=500")
    assert lists_in(one_form(given)) == ("PAINS",)
    assert [one.names for one in comparisons_in(one_form(given))] == [("qed",), ("mw",)]


def test_met_not_met_and_unknown():
    values = {"a": np.array([1.0, 2.0, np.nan, -1.0]), "b": np.array([1.0, np.nan, 1.0, 1.0])}
    found = passed(comparisons_in(["a<2", "a+b>=2", "log(a)>=0"]), values)
    np.testing.assert_array_equal(found["passes_a<2"], [1, 0, np.nan, 1])
    np.testing.assert_array_equal(found["passes_a+b>=2"], [1, np.nan, np.nan, 0])
    np.testing.assert_array_equal(found["passes_log(a)>=0"], [1, 1, np.nan, 0])


def test_a_table_has_a_column_for_each_and_no_other(tmp_path):
    smiles = ["CCO", "oops", "CC(=O)Nc1ccc(O)cc1", "C" * 40, "O=C1C=CC(=O)C=C1"]
    (tmp_path / "in.smi").write_text("\n".join(smiles) + "\n")
    filters = ("qed >= 0.5", "mw<500", "pains")
    score(tmp_path / "in.smi", tmp_path / "out.csv", properties=("qed",), filters=filters, progress=False)
    out = pd.read_csv(tmp_path / "out.csv")
    added = ["qed", "passes_PAINS", "passes_qed>=0.5", "passes_mw<500", "reason"]
    assert list(out.columns) == ["smiles", "name", *added]
    known = compute(smiles, ["qed", "mw"])
    valid = [0, 2, 3, 4]
    for name, met in (("qed>=0.5", known["qed"] >= 0.5), ("mw<500", known["mw"] < 500)):
        np.testing.assert_array_equal(out[f"passes_{name}"][valid], met[valid])
        assert np.isnan(out.loc[1, f"passes_{name}"])
    assert out["passes_PAINS"][valid].tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("filters", "hint"),
    [
        (("mww<500",), 'Did you mean "mw"'),
        (("predicted_qed>0.5",), "--predict"),
        (("qed>=",), "does not read as a formula"),
        (("qed>__import__('os')",), "outside its grammar|none of its functions"),
        (("1<2",), "names no property"),
        (("nearest_similarity<0.4",), "nearest_similarity"),
    ],
)
def test_what_cannot_be_compared(filters, hint):
    with pytest.raises(InputError, match=hint):
        Scoring(filters=filters).check(None)
