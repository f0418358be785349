"""Figures of merit: intervals against published values."""

import math

import numpy as np
import pytest

from chemvae.report.merit import Merit, average, merit_table, share, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, n: int, low: float, high: float):
    assert wilson(hits, n) == pytest.approx((low, high), abs=6e-5)


def test_share_of_nothing_is_unknown():
    merit = share("validity", 0, 0, "none")
    assert math.isnan(merit.value) and merit.as_dict()["value"] is None and merit.as_dict()["low"] is None


def test_average_leaves_out_what_is_missing():
    merit = average("mae", np.array([1.0, np.nan, 3.0]), "p")
    assert (merit.value, merit.n) == (2.0, 2)
    assert merit.high - merit.value == pytest.approx(1.96 * math.sqrt(2) / math.sqrt(2), rel=1e-3)


def test_average_of_one_has_no_interval():
    assert math.isnan(average("mae", [1.0], "p").low)


def test_table_states_n_interval_and_protocol():
    shown = merit_table([share("validity", 90, 100, "what was done"), Merit(name="x", value=1.0, n=2, protocol="else")])
    assert "0.900" in shown and "0.826 to 0.945" in shown and "100" in shown
    assert "validity: what was done" in shown
