"""Modifiers have the shapes that GuacaMol gives them."""

import numpy as np
import pytest

from chemvae.chem.oracles.modifiers import (
    Absolute,
    Clipped,
    Gaussian,
    Linear,
    MaxGaussian,
    MinGaussian,
    SmoothClipped,
    Squared,
    Thresholded,
)
from chemvae.errors import InputError

BELL = np.exp(-0.5)
X = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("modifier", "expected"),
    [
        (Gaussian(1, 1), [np.exp(-2), BELL, 1, BELL, np.exp(-2)]),
        (Gaussian(1, 2), [BELL, np.exp(-0.125), 1, np.exp(-0.125), BELL]),
        (MinGaussian(1, 1), [1, 1, 1, BELL, np.exp(-2)]),
        (MaxGaussian(1, 1), [np.exp(-2), BELL, 1, 1, 1]),
        (Clipped(2), [0, 0, 0.5, 1, 1]),
        (Clipped(upper=0, lower=2), [1, 1, 0.5, 0, 0]),
        (Clipped(upper=2, lower=1, high=5, low=-5), [-5, -5, -5, 5, 5]),
        (Thresholded(2), [-0.5, 0, 0.5, 1, 1]),
        (Linear(2, 1), [-1, 1, 3, 5, 7]),
        (Squared(1, 0.5), [-1, 0.5, 1, 0.5, -1]),
        (Absolute(1), [-1, 0, 1, 0, -1]),
        (SmoothClipped(2), 1 / (1 + np.exp(-2 * (X - 1)))),
    ],
)
def test_shapes(modifier, expected):
    np.testing.assert_allclose(modifier(X), expected, atol=1e-15)


def test_the_smooth_line_is_as_steep_in_the_middle():
    near = np.array([0.999, 1.001])
    np.testing.assert_allclose(np.diff(SmoothClipped(2)(near)), np.diff(Clipped(2)(near)), rtol=1e-5)


def test_nan_stays_nan():
    for modifier in (
        Gaussian(1, 1),
        MinGaussian(1, 1),
        MaxGaussian(1, 1),
        Clipped(2),
        SmoothClipped(2),
        Thresholded(2),
    ):
        assert np.isnan(modifier(np.array([np.nan]))).all()


@pytest.mark.parametrize(
    ("build", "hint"),
    [
        (lambda: Gaussian(0, 0), "std above 0"),
        (lambda: MinGaussian(0, -1), "std above 0"),
        (lambda: Clipped(0), "upper unlike lower"),
        (lambda: Clipped(1, high=0), "low below high"),
        (lambda: Thresholded(0), "above 0"),
        (lambda: Linear(float("nan")), "a number as slope"),
    ],
)
def test_settings_that_cannot_be_are_told(build, hint):
    with pytest.raises(InputError, match=hint):
        build()
