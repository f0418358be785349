"""The Fréchet distance of known Gaussians is known, and agrees with a matrix square root."""

import math

import numpy as np
import pytest
import scipy.linalg

from chemvae.chem.frechet import frechet_distance


def test_frechet_distance_of_numbers_is_known():
    a, b = np.array([[0.0], [2.0]]), np.array([[1.0], [7.0]])  # means 1 and 4, variances 2 and 18
    assert frechet_distance(a, b) == pytest.approx(9 + (math.sqrt(18) - math.sqrt(2)) ** 2)
    assert np.isnan(frechet_distance(a, b[:1]))


def test_frechet_distance_agrees_with_a_matrix_square_root():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(50, 4)), rng.normal(size=(60, 4)) @ rng.normal(size=(4, 4)) + 1
    left, right = np.cov(a.T), np.cov(b.T)
    root = scipy.linalg.sqrtm(left @ right).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(left + right - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
