"""Retrained: activity oracles for GSK3-beta and JNK3 fitted from labelled data; they are not PMO's models.

PMO's `gsk3b` and `jnk3` are pickled random forests on Morgan fingerprints of radius 2 with 2,048 bits. A forest fitted
anew may take the same inputs and rank molecules much alike, but no value of it is a value of PMO.
"""

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.chem.judge import Text, canonical, read
from chemvae.chem.oracles.classifier import folded
from chemvae.chem.oracles.exported import from_sklearn
from chemvae.chem.oracles.models import Classifier, Inputs
from chemvae.chem.oracles.names import NAMES, TRAINED
from chemvae.errors import InputError

RETRAINED: dict[str, Inputs] = {"gsk3b-retrained": Inputs(), "jnk3-retrained": Inputs()}
"""The names that we give to such models, with the fingerprint each takes."""

TREES = 100


def fit(  # noqa: PLR0913 - the settings of a forest
    name: str,
    smiles: Sequence[Text],
    labels: Sequence[float | bool | None],
    *,
    inputs: Inputs | None = None,
    trees: int = TREES,
    seed: int = 0,
    jobs: int = 1,
) -> Classifier:
    """Fit a random forest on labelled molecules; it remembers what it was fitted on and how well it ranks.

    Rows without a molecule or a label are left out, a molecule that comes twice counts once, and one with both labels
    does not count; `notes` say how many. `oob_roc_auc` there is measured on the molecules that a tree did not see;
    their close relatives it did, so molecules of another series are ranked worse.

    Args:
        name: `gsk3b-retrained`, `jnk3-retrained` or your own, but none of a benchmark's.
        smiles: molecules.
        labels: 1 for active, 0 for inactive, None or NaN for unknown.
        inputs: the fingerprint; Morgan, radius 2, 2,048 bits unless the name or you say otherwise.
        trees: how many.
        seed: of everything drawn.
        jobs: threads.

    Raises:
        InputError: the name is a benchmark's, a label is neither 0 nor 1, or one of the two is missing.
    """
    from sklearn import __version__ as sklearn_version
    from sklearn.ensemble import RandomForestClassifier

    check_own_name(name)
    inputs = inputs or RETRAINED.get(name, Inputs())
    known, notes = labelled(smiles, labels)
    texts = list(known)
    x = sparse_prints(texts, inputs)  # seven times as fast as dense ones
    y = np.array([known[text] for text in texts])
    forest = RandomForestClassifier(trees, random_state=seed, n_jobs=jobs, oob_score=True)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Some inputs do not have OOB scores", UserWarning)  # told apart below
        forest.fit(x, y)
    lines = "".join(f"{text} {known[text]}\n" for text in sorted(known))
    notes |= {
        "source": f"{name}: random forest fitted from labelled data; not a model of PMO or TDC",
        "trees": str(trees),
        "seed": str(seed),
        **ranking(y, forest.oob_decision_function_),
        "data_sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "scikit_learn": sklearn_version,
    }
    return from_sklearn(forest, inputs, name, notes)


def sparse_prints(smiles: Sequence[str], inputs: Inputs) -> Any:
    """Return the fingerprints of canonical molecules as a sparse matrix, n x bits."""
    from scipy.sparse import csr_matrix

    make = folded(inputs)
    columns, values = [], []
    for mol in map(read, smiles):
        row = make(mol) if mol is not None else np.zeros(inputs.bits)
        columns.append(np.flatnonzero(row))
        values.append(row[columns[-1]].astype(np.float32))
    starts = np.cumsum([0, *map(len, columns)])
    return csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape=(len(columns), inputs.bits))


def ranking(y: Int[ndarray, " n"], chances: Float[ndarray, "n 2"]) -> dict[str, str]:
    """Return how well chances that trees gave to molecules they had not seen rank the actives first."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    given, chance = chances.sum(axis=1) > 0, chances[:, 1]  # a molecule that every tree drew has none
    if len(set(y[given].tolist())) < 2:  # noqa: PLR2004 - both labels
        return {}
    return {
        "oob_roc_auc": f"{roc_auc_score(y[given], chance[given]):.4f}",
        "oob_average_precision": f"{average_precision_score(y[given], chance[given]):.4f}",
    }


def labelled(smiles: Sequence[Text], labels: Sequence[float | bool | None]) -> tuple[dict[str, int], dict[str, str]]:
    """Return the label of each canonical molecule, and how many rows were left out.

    Raises:
        InputError: there are not as many labels as molecules, one is neither 0 nor 1, or one of the two is missing.
    """
    if len(smiles) != len(labels):
        raise InputError(f"Expected a label for each of {len(smiles)} molecules, but got {len(labels)}.")
    found: dict[str, set[int]] = {}
    unreadable = unlabelled = 0
    for row, (text, label) in enumerate(zip(smiles, labels, strict=True), 1):
        if label is None or label != label:  # NaN
            unlabelled += 1
            continue
        if label not in (0, 1):
            raise InputError(f"Expected labels 0 and 1, but got {label!r} in row {row}. Say above what it is active.")
        form = canonical(text)
        unreadable += form is None
        if form is not None:
            found.setdefault(form, set()).add(int(label))
    known = {form: min(both) for form, both in found.items() if len(both) == 1}
    active = sum(known.values())
    if not 0 < active < len(known):
        raise InputError(f"Expected active and inactive molecules, but {active} of {len(known)} are active.")
    counts = {
        "molecules": len(known),
        "active": active,
        "unreadable": unreadable,
        "unlabelled": unlabelled,
        "contradictory": len(found) - len(known),
    }
    return known, {name: str(count) for name, count in counts.items()}


def check_own_name(name: str) -> None:
    """Raise for a name that belongs to a benchmark.

    Raises:
        InputError: it does.
    """
    if name in (*NAMES, *TRAINED):
        raise InputError(
            f"Expected a name that no benchmark has, but got {name!r}: a model fitted anew is not the benchmark's. "
            f"Call it {name}-retrained."
        )
