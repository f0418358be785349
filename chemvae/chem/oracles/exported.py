"""Exported: a fitted scikit-learn classifier as plain arrays, which can be written to a file without pickle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chemvae.chem.oracles.models import LEAF, Classifier, Forest, Inputs, Logistic
from chemvae.errors import InputError

KNOWN = "a random forest, extra trees, a decision tree or a logistic regression"
PROBES = 64
CLOSE = 1e-9
"""How far the arrays may be from what scikit-learn itself says."""


def from_sklearn(
    estimator: Any, inputs: Inputs, name: str = "activity", notes: Mapping[str, str] | None = None
) -> Classifier:
    """Return a fitted binary classifier as arrays; the second of its classes is the active one.

    What comes out is compared with the estimator on random fingerprints before it is handed over.

    Args:
        estimator: a random forest, extra trees, a decision tree or a logistic regression of scikit-learn.
        inputs: the fingerprint that it was fitted on.
        name: what the oracle is called.
        notes: what to remember of it.

    Raises:
        InputError: it is no such estimator, is not fitted, has not two classes, or took other inputs.
    """
    check_estimator(estimator, inputs)
    if hasattr(estimator, "estimators_"):
        model: Forest | Logistic = forest_of([one.tree_ for one in np.ravel(estimator.estimators_)])
    elif hasattr(estimator, "tree_"):
        model = forest_of([estimator.tree_])
    else:
        weights = np.asarray(estimator.coef_, dtype=np.float64)[0]
        model = Logistic(weights, float(np.ravel(estimator.intercept_)[0]))
    found = Classifier(name, inputs, model, dict(notes or {})).check()
    compare(found, estimator)
    return found


def check_estimator(estimator: Any, inputs: Inputs) -> None:
    """Raise unless it is a fitted binary classifier of a kind that can be written as arrays.

    Raises:
        InputError: it is not.
    """
    kind = type(estimator).__name__
    if not hasattr(estimator, "predict_proba") or not hasattr(estimator, "classes_"):
        raise InputError(f"Expected {KNOWN} of scikit-learn, fitted, but got {kind}. Fit it first.")
    trees = hasattr(estimator, "tree_") or all(
        hasattr(one, "tree_") for one in np.ravel(getattr(estimator, "estimators_", [None]))
    )
    if not trees and not (hasattr(estimator, "coef_") and hasattr(estimator, "intercept_")):
        raise InputError(f"Expected {KNOWN}, but got {kind}. Fit one of those instead.")
    if np.shape(estimator.classes_) != (2,):
        raise InputError(f"Expected two classes, but {kind} has {list(estimator.classes_)}. Fit inactive and active.")
    if estimator.n_features_in_ != inputs.bits:
        raise InputError(f"Expected a model of {inputs.bits} inputs, but {kind} takes {estimator.n_features_in_}.")


def forest_of(trees: Sequence[Any]) -> Forest:
    """Return scikit-learn's trees, one after the other in the same arrays."""
    sizes = [tree.node_count for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    children = [
        np.concatenate(
            [
                np.where(side == LEAF, LEAF, side + root)
                for side, root in zip((getattr(tree, f"children_{way}") for tree in trees), roots, strict=True)
            ]
        )
        for way in ("left", "right")
    ]
    shares = [tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1) for tree in trees]  # counts in older scikit-learn
    return Forest(
        roots=roots.astype(np.int32),
        column=np.concatenate([np.maximum(tree.feature, 0) for tree in trees]).astype(np.int32),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=children[0].astype(np.int32),
        right=children[1].astype(np.int32),
        value=np.concatenate(shares),
    )


def compare(found: Classifier, estimator: Any) -> None:
    """Raise unless the arrays say what the estimator says.

    Raises:
        InputError: they do not.
    """
    chance = np.random.default_rng(0)
    most = 4 if found.inputs.counts else 2
    x = chance.integers(0, most, (PROBES, found.inputs.bits)).astype(np.float32)
    x[: PROBES // 2] *= chance.random((PROBES // 2, found.inputs.bits)) < 0.05  # noqa: PLR2004 - as sparse as molecules
    off = float(np.abs(found.model.chance(x) - estimator.predict_proba(x.astype(np.float64))[:, 1]).max())
    if not off <= CLOSE:
        kind = type(estimator).__name__
        raise InputError(f"Expected {KNOWN}, but {kind} says other chances than its own parts do (off by {off:.2g}).")
