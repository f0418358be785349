"""Numbers as people read them."""

import numpy as np
import pandas as pd
import pytest

from chemvae.report.numbers import missing, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8, "0.800"),
        (3.0, "3"),
        (-1.23456, "-1.235"),
        (0.00012, "1.2e-04"),
        (0.0, "0"),
        (12345.6, "12,346"),
        (7, "7"),
        (1234567, "1,234,567"),
        (np.int64(12), "12"),
        (np.float32(0.5), "0.500"),
        (float("inf"), "inf"),
        (True, "True"),
        ("CCO", "CCO"),
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
    ],
)
def test_reads_well(value: object, text: str):
    assert number(value) == text


def test_text_is_never_missing():
    assert not missing("") and not missing("nan")
