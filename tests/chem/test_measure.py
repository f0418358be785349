"""Measuring strings: rows stay in line, each gap has a reason."""

import math

import numpy as np

from chemvae.chem.measure import measure
from chemvae.chem.properties import PROPERTIES


def test_rows_stay_in_line():
    measured = measure(["CCO", "C1CC", None, "c1ccccc1"], ("qed", "logp"))
    assert measured.values.shape == (4, 2)
    assert [bool(np.isnan(row).all()) for row in measured.values] == [False, True, True, False]
    assert [bool(reason) for reason in measured.reasons] == [False, True, True, False]


def test_nothing_in_nothing_out():
    measured = measure([], ("qed",))
    assert measured.values.shape == (0, 1) and measured.reasons == []


def test_a_property_that_fails_is_told_by_name(monkeypatch):
    monkeypatch.setitem(PROPERTIES, "qed", lambda mol: math.nan)
    measured = measure(["CCO"], ("logp", "qed"))
    assert measured.reasons == ["the toolkit gave up on it: no qed"]
    assert not np.isnan(measured.values[0, 0])
