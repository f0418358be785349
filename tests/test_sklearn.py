"""LatentEncoder: scikit-learn's own checks, pipelines, pandas in and out, and a molecule that is none."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from chemvae.errors import BundleError, ConfigError, InputError
from chemvae.model import load
from chemvae.sklearn import LatentEncoder


@pytest.fixture
def encoder(tiny_bundle: Path) -> LatentEncoder:
    return LatentEncoder(str(tiny_bundle))


@pytest.mark.parametrize(
    "name",
    [
        "estimator_cloneable", "estimator_repr", "valid_tag_types", "mixin_order", "set_params",
        "get_params_invariance", "no_attributes_set_in_init", "parameters_default_constructible",
        "do_not_raise_errors_in_init_or_set_params",
    ],
)  # fmt: skip
def test_scikit_learns_own_checks(encoder: LatentEncoder, name: str) -> None:
    """Those of `check_estimator` that need no table of numbers; the others have none to offer but tables of numbers."""
    getattr(estimator_checks, f"check_{name}")("LatentEncoder", encoder)


def test_points_are_the_models_row_for_row(encoder: LatentEncoder, tiny_bundle: Path) -> None:
    texts = ["CCO", "junk", "CCN"]
    frame = pd.DataFrame({"smiles": texts}, index=[5, 6, 7])
    z = load(tiny_bundle).encode(texts)
    for column in (texts, frame["smiles"], frame, frame.to_numpy(), [Chem.MolFromSmiles(text) for text in texts]):
        np.testing.assert_array_equal(encoder.fit_transform(column), z)
    for column in (frame["smiles"], frame):
        named = clone(encoder).set_output(transform="pandas").fit_transform(column)
        assert named.columns.tolist() == [f"z_{at}" for at in range(z.shape[1])]
        assert named.index.tolist() == [5, 6, 7]
    assert encoder.inverse_transform(z)[1] is None
    assert encoder.inverse_transform(z)[2] == "CCN"


def test_a_pipeline_predicts_and_its_settings_can_be_searched(
    encoder: LatentEncoder, small_molecules: list[str]
) -> None:
    frame = pd.DataFrame({"smiles": small_molecules, "carbons": [text.count("C") for text in small_molecules]})
    columns = make_column_transformer((encoder, "smiles"), verbose_feature_names_out=False)
    search = GridSearchCV(make_pipeline(columns, SimpleImputer(), Ridge()), {"ridge__alpha": [0.1, 10.0]}, cv=2)
    search.fit(frame, frame["carbons"])
    assert search.best_score_ > 0.5
    names = search.best_estimator_[0].get_feature_names_out()
    assert names.tolist() == [f"z_{at}" for at in range(6)]


def test_what_cannot_be_read_is_told_where_that_was_asked_for(tiny_bundle: Path) -> None:
    strict = LatentEncoder(load(tiny_bundle), on_invalid="error").fit(["CCO"])
    with pytest.raises(InputError, match="got 'junk' in row 1: RDKit cannot read it"):
        strict.transform(["CCO", "junk"])
    with pytest.raises(ConfigError, match='Did you mean "keep"'):
        LatentEncoder(on_invalid="kep").fit(["CCO"])
    with pytest.raises(InputError, match="Expected one column of SMILES, but got a table of shape 1 x 2"):
        strict.transform(pd.DataFrame({"a": ["C"], "b": ["C"]}))


def test_a_pickle_asks_for_the_same_weights(tiny_bundle: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_bundle, tmp_path / "model")
    fitted = LatentEncoder(str(folder)).fit(["CCO"])
    stored = pickle.dumps(fitted)
    assert len(stored) < 1000
    np.testing.assert_array_equal(pickle.loads(stored).transform(["CCN"]), fitted.transform(["CCN"]))
    fitted.fingerprint_ = "0"
    with pytest.raises(BundleError, match="got another"):
        pickle.loads(pickle.dumps(fitted)).transform(["CCN"])
