"""Rows with their new columns: what is lost keeps its place, and a model is not asked about it."""

import numpy as np
import pandas as pd
import pytest

from chemvae.errors import InputError
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.scoring.asked import Scoring
from chemvae.scoring.rows import Scorer, check_share

LONG = "C" * 3900  # its longest ring takes RDKit and NetworkX most of a second


class Fake:
    """A model that remembers what it was asked."""

    property_names = ("logp",)

    def __init__(self) -> None:
        self.asked: list[object] = []

    def posterior(self, smiles) -> Encoded:
        self.asked += list(smiles)
        molecules = [Molecule("", text, Verdict.VALID) for text in smiles]
        return Encoded(np.ones((len(molecules), 2), np.float32), np.ones((len(molecules), 2), np.float32), molecules)

    def predict_z(self, z):
        return z[:, :1]


def walked(rows: list[str], **more: object) -> pd.DataFrame:
    frames = [pd.DataFrame({"smiles": rows[at : at + 2]}) for at in range(0, len(rows), 2)]
    scorer = Scorer(column="smiles", jobs=1, **more)
    found = list(scorer.walk(enumerate(frames)))
    assert [tag for tag, _ in found] == list(range(len(frames)))
    return pd.concat([frame for _, frame in found], ignore_index=True)


def test_a_molecule_that_takes_too_long_keeps_its_place_and_its_reason():
    model = Fake()
    scoring = Scoring(properties=("plogp",), predict=True, timeout=0.1)
    found = walked(["CCO", LONG, "oops", "CCN"], scoring=scoring, model=model)
    assert found["smiles"].tolist() == ["CCO", LONG, "oops", "CCN"]
    assert found["plogp"].notna().tolist() == [True, False, False, True]
    assert found["reason"][1] == "the toolkit gave up on it: took over 0.1 s"
    assert model.asked == ["CCO", None, None, "CCN"]


def test_processes_change_no_value():
    rows = ["CCO", "oops", "c1ccccc1", "", "CCN"]
    scoring = Scoring(properties=("logp", "qed"), filters=("PAINS",), oracles=("median1",))
    apart = walked(rows, scoring=scoring)
    pd.testing.assert_frame_equal(apart, walked(rows, scoring=scoring, guarded=False))
    assert list(apart.columns) == ["smiles", "logp", "qed", "median1", "passes_PAINS", "reason"]


@pytest.mark.parametrize(
    ("invalid", "most", "good"), [(5, 0.5, True), (6, 0.5, False), (10, 1.0, True), (1, 0.0, False)]
)
def test_the_share_of_rows_without_a_score(invalid, most, good):
    if good:
        check_share(invalid, 10, most)
    else:
        with pytest.raises(InputError, match="--max-invalid"):
            check_share(invalid, 10, most)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"max_invalid": 1.5}, "from 0 to 1"),
        ({"timeout": 0.0}, "above 0 seconds"),
        ({"nearest": True}, "--reference"),
        ({"filters": ("PAIN",)}, '"PAINS"'),
        ({"properties": ()}, "something to compute"),
    ],
)
def test_settings_that_cannot_be(wrong, hint):
    with pytest.raises(InputError, match=hint):
        Scoring(**wrong).check(None)
