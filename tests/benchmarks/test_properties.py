"""Predictors learn from the labels that are there; the table says how many; few labels stay few."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.few_labels import FewLabels
from benchmarks.peers.predictors import auroc, average, by_property, logistic, mae, prints, ridge
from benchmarks.predicted import Part, Row, table


def test_a_missing_label_is_not_learnt_from_and_not_measured() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    labels = pd.DataFrame({"a": x[:, 0], "b": np.where(np.arange(60) % 2, x[:, 1], np.nan)})
    found = by_property(ridge, x[:40], labels[:40], x[40:], labels[40:].reset_index(drop=True))
    assert max(found.values()) < 0.1
    assert mae(np.zeros(3), np.array([1.0, np.nan, -3.0])) == 2.0
    assert average(pd.DataFrame({"a": [1.0, 3.0]}), pd.DataFrame({"a": [2.0, 5.0]})) == {"a": 1.5}


def test_what_can_be_told_apart_is() -> None:
    x = np.random.default_rng(0).normal(size=(80, 4))
    test = np.arange(80) < 20
    assert auroc(logistic, x, (x[:, 0] > 0).astype(float), test) > 0.95


def test_fingerprints_count() -> None:
    found = prints(["CCO", "CCCCCO"])
    assert found.shape == (2, 2048)
    assert found[1].sum() > found[0].sum() > 0


@pytest.mark.parametrize(("labelled", "times"), [(10, 3), (None, 1)])
def test_labels_of_other_molecules_are_not_there(tiny_prepared: Path, labelled: int | None, times: int) -> None:
    data = FewLabels(tiny_prepared, labelled, times)
    known = ~np.isnan(data.labels(np.arange(len(data.lengths)))).all(axis=1)
    assert known.sum() == (labelled or 60)
    drawn, everything = data.rows("train"), set(range(60))
    assert set(drawn.tolist()) == everything
    assert (np.bincount(drawn)[known[:60]] == times).all()
    assert len(drawn) == 60 + (times - 1) * (labelled or 60)
    wanted = np.nanmean(data.labels(np.flatnonzero(known))[:, 1])
    assert data.manifest["targets"][1]["mean"] == pytest.approx(wanted, rel=1e-5)


def test_the_table_shows_labels_gaps_and_spreads() -> None:
    rows = (Row("head", 5000, {"a": 0.12345, "b": 1.0}), Row("paper", None, {"a": 0.15}, {"a": 0.01}))
    lines = table(Part(title="T", protocol="P", test=1234, rows=rows).as_dict()).splitlines()
    assert lines[0] == "**T** (n = 1,234). P."
    assert lines[2:] == [
        "| method | labels | a | b |",
        "|---|---|---|---|",
        "| head | 5,000 | 0.123 | 1.000 |",
        "| paper | - | 0.150 ± 0.010 | - |",
    ]
