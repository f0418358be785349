"""Plain ways to predict a property of a molecule: scikit-learn on Morgan fingerprints, or on z."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray
from scipy.sparse import csr_matrix, vstack
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from chemvae.chem.fingerprints import counts

SEED = 0
ALPHAS = (0.3, 3.0, 30.0, 300.0)
BINS = 32  # of a feature in a tree: counts are small, and 256 bins of 2,048 features cost more than the molecules do
HELD = 0.1
"""Share of the labels that a penalty is chosen on."""
PRINTS = "Morgan counts (radius 2, 2,048)"

Predictor = Callable[[ndarray | csr_matrix, ndarray, ndarray | csr_matrix], ndarray]
"""Features and labels to learn from, features to predict; returns what is predicted."""


def prints(smiles: Sequence[str]) -> csr_matrix:
    """Return Morgan count fingerprints, most of them zeros."""
    return vstack([csr_matrix(counts(smiles[first : first + 2_000])) for first in range(0, len(smiles), 2_000)]).tocsr()


def ridge(x: ndarray | csr_matrix, y: ndarray, new: ndarray | csr_matrix) -> ndarray:
    """Predict by ridge regression, its penalty chosen on a tenth of the labels."""
    held = np.random.default_rng(SEED).random(len(y)) < HELD

    def error(alpha: float) -> float:
        fitted = Ridge(alpha, solver="lsqr", tol=1e-4).fit(x[~held], y[~held])
        return float(np.abs(fitted.predict(x[held]) - y[held]).mean())

    return Ridge(min(ALPHAS, key=error), solver="lsqr", tol=1e-5).fit(x, y).predict(new)


def forest(x: ndarray | csr_matrix, y: ndarray, new: ndarray | csr_matrix) -> ndarray:
    """Predict by a random forest."""
    return RandomForestRegressor(200, max_features=0.2, random_state=SEED).fit(x, y).predict(new)


def boosting(x: ndarray | csr_matrix, y: ndarray, new: ndarray | csr_matrix) -> ndarray:
    """Predict by boosted trees."""
    dense = [rows.toarray() if isinstance(rows, csr_matrix) else rows for rows in (x, new)]
    return (
        HistGradientBoostingRegressor(max_iter=300, max_features=0.2, max_bins=BINS, random_state=SEED)
        .fit(dense[0], y)
        .predict(dense[1])
    )


def logistic(x: ndarray | csr_matrix, y: ndarray, new: ndarray | csr_matrix) -> ndarray:
    """Return the probability of yes by logistic regression."""
    scaler = StandardScaler(with_mean=False).fit(x)
    model = LogisticRegression(C=0.01, max_iter=1_000).fit(scaler.transform(x), y)
    return model.predict_proba(scaler.transform(new))[:, 1]


def vote(x: ndarray | csr_matrix, y: ndarray, new: ndarray | csr_matrix) -> ndarray:
    """Return the probability of yes by a random forest."""
    return RandomForestClassifier(500, random_state=SEED).fit(x, y).predict_proba(new)[:, 1]


def mae(predicted: ndarray, truth: ndarray) -> float:
    """Return the mean absolute error over the labels that are there."""
    return float(np.nanmean(np.abs(np.asarray(predicted, dtype=np.float64) - truth)))


def by_property(predict: Predictor, x: Any, labels: pd.DataFrame, new: Any, truth: pd.DataFrame) -> dict[str, float]:
    """Return the error of a predictor that learns one property after the other, each from the labels it has."""
    figures = {}
    for name in labels:
        known = np.flatnonzero(labels[name].notna())
        figures[str(name)] = mae(predict(x[known], labels[name].to_numpy()[known], new), truth[name].to_numpy())
    return figures


def average(labels: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Return the error of the mean of the labels: what every way to predict has to beat."""
    return {
        str(name): mae(np.full(len(truth), labels[name].mean()), truth[name].to_numpy(np.float64)) for name in labels
    }


def auroc(predict: Predictor, x: Any, y: ndarray, test: ndarray) -> float:
    """Return the AUROC of a predictor on what it did not see."""
    known, new = np.flatnonzero(~test), np.flatnonzero(test)
    return float(roc_auc_score(y[new], predict(x[known], y[known], x[new])))
