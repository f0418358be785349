"""LatentEncoder: SMILES to z as a transformer of scikit-learn, for pipelines and searches over their settings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from chemvae.chem.judge import Text
from chemvae.codec import as_list
from chemvae.errors import BundleError, ConfigError, InputError
from chemvae.model import DEFAULT, MoleculeModel, load
from chemvae.settings import did_you_mean

WAYS = ("keep", "error")


class LatentEncoder(TransformerMixin, BaseEstimator):
    """Turn a column of molecules into latent points `z_0 ... z_n`, row for row.

    `fit` loads the model and learns nothing from the molecules. A pickled encoder carries the name or folder of its
    model and not the weights; where it is used again it asks for the very same weights.
    """

    def __init__(self, model: Any = DEFAULT, on_invalid: Any = "keep"):
        """Store the settings.

        Args:
            model: name of a bundled model, folder of a bundle or run, or what `chemvae.load` returned.
            on_invalid: `keep` gives a molecule that cannot be read a row of NaN, `error` stops at it.
        """
        self.model = model
        self.on_invalid = on_invalid

    def fit(self, X: Any, y: object = None) -> "LatentEncoder":  # noqa: ARG002, N803 - scikit-learn's
        """Load the model.

        Raises:
            ConfigError: `on_invalid` is neither `keep` nor `error`.
            InputError: X is no column of molecules.
        """
        if self.on_invalid not in WAYS:
            raise ConfigError(
                f"Expected on_invalid to be keep or error, but got {self.on_invalid!r}."
                f"{did_you_mean(str(self.on_invalid), WAYS)}"
            )
        column_of(X)
        self._model = self._loaded()
        self.fingerprint_ = self._model.fingerprint
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """Return the mean of each molecule's posterior, row for row.

        Raises:
            InputError: a molecule cannot be read, and `on_invalid` is `error`.
        """
        encoded = self.model_.posterior(column_of(X))
        bad = [(row, one) for row, one in enumerate(encoded.molecules) if not one.valid]
        if bad and self.on_invalid == "error":
            row, first = bad[0]
            raise InputError(
                f"Expected a molecule in every row, but got {first.text[:80]!r} in row {row}: {first.reason} "
                f"({len(bad)} of {len(encoded.molecules)} cannot be read). Mend it, or use on_invalid='keep'."
            )
        return encoded.mean

    def inverse_transform(self, X: Any) -> ndarray:  # noqa: N803
        """Return the SMILES that the decoder writes at each point, None where it is no molecule."""
        written = self.model_.decode(np.asarray(X, dtype=np.float32))
        return np.array([molecule.smiles for molecule in written], dtype=object)

    def get_feature_names_out(self, input_features: object = None) -> ndarray:  # noqa: ARG002 - scikit-learn's
        """Return `z_0`, `z_1` ..., as `chemvae encode` names them."""
        return np.array([f"z_{at}" for at in range(self.model_.latent)], dtype=object)

    @property
    def model_(self) -> MoleculeModel:
        """The loaded model.

        Raises:
            BundleError: the name or folder now holds another model than the one that was fitted with.
        """
        check_is_fitted(self)
        if "_model" not in self.__dict__:  # pickled, and used for the first time here
            model = self._loaded()
            if model.fingerprint != self.fingerprint_:
                raise BundleError(
                    f"Expected the model that this encoder was fitted with in {self.model!r}, but got another. "
                    "Fit it again."
                )
            self._model = model
        return self._model

    def _loaded(self) -> MoleculeModel:
        return self.model if isinstance(self.model, MoleculeModel) else load(self.model)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the networks."""
        return {name: value for name, value in super().__getstate__().items() if name != "_model"}

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that the input is a column of text."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags


def column_of(X: Any) -> list[Text]:  # noqa: N803 - scikit-learn's
    """Return the molecules of a list, a column, or a table of one column.

    Raises:
        InputError: the table has another number of columns.
    """
    shape: Sequence[int] = getattr(X, "shape", (0,))
    if len(shape) < 2:  # noqa: PLR2004
        return as_list(X)
    if len(shape) > 2 or shape[1] != 1:  # noqa: PLR2004
        raise InputError(
            f"Expected one column of SMILES, but got a table of shape {' x '.join(map(str, shape))}. "
            "Choose the column, or use a ColumnTransformer."
        )
    return as_list(np.asarray(X, dtype=object)[:, 0])
