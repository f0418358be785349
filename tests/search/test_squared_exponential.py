import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.search.process import Process
from chemvae.search.squared_exponential import KERNELS, LENGTHS, SquaredExponential


def points(n, seed=0, d=3):
    return np.random.default_rng(seed).standard_normal((n, d))


def by_hand(a, b, length):
    return np.exp(-((a[:, None] - b[None]) ** 2).sum(-1) / (2 * a.shape[1] * length**2))


def test_similarity_falls_with_distance():
    a, b = points(9), points(4, seed=1)
    kernel = SquaredExponential(0.5)
    for part in np.array_split(a, [2, 3]):
        kernel.add(csr_array(part))
    assert len(kernel) == 9
    np.testing.assert_allclose(kernel.against(csr_array(b), np.float64), by_hand(b, a, 0.5))
    assert kernel.against(csr_array(b)).dtype == np.float32
    np.testing.assert_allclose(kernel.within(csr_array(a)), by_hand(a, a, 0.5))


def test_before_anything_is_remembered():
    assert SquaredExponential(1.0).against(csr_array(points(3))).shape == (3, 0)


def test_without_a_place_nothing_is_alike():
    lost = np.full((2, 3), np.nan)
    kernel = SquaredExponential(1.0)
    kernel.add(csr_array(np.concatenate([points(1), lost])))
    assert kernel.against(csr_array(lost)).tolist() == [[0.0] * 3] * 2
    np.testing.assert_array_equal(kernel.within(csr_array(lost)), np.eye(2))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_process_finds_how_far_a_property_reaches(length):
    at = points(500, d=2)
    root = np.linalg.cholesky(by_hand(at, at, length) + 1e-6 * np.eye(500))
    values = root @ np.random.default_rng(3).standard_normal(500)
    process = Process(kernels=KERNELS)
    process.add(csr_array(at[:400]), values[:400])
    process.fit()
    assert process._kernel.length == length
    belief = process.belief(csr_array(at[400:]))
    assert np.corrcoef(belief.mean, values[400:])[0, 1] > 0.9
