import numpy as np
import pytest

from chemvae.search import cholesky
from chemvae.search.cholesky import Cholesky


def matrix(n, seed=0):
    x = np.random.default_rng(seed).standard_normal((n, n))
    return x @ x.T + 0.1 * np.eye(n)


@pytest.mark.parametrize("tile", [1, 7, 256])
def test_grown_in_parts_is_factored_at_once(monkeypatch, tile):
    monkeypatch.setattr(cholesky, "TILE", tile)
    a, factor = matrix(30), Cholesky()
    for first, last in [(0, 4), (4, 5), (5, 12), (12, 13), (13, 30)]:
        factor.grow(a[:first, first:last], a[first:last, first:last])
    assert len(factor) == 30
    right = np.random.default_rng(1).standard_normal((30, 3))
    whole = np.linalg.cholesky(a)
    np.testing.assert_allclose(factor.solve(right), np.linalg.solve(whole, right))
    np.testing.assert_allclose(factor.solve_back(right), np.linalg.solve(whole.T, right))
    np.testing.assert_allclose(factor.solve(right[:, 0]), np.linalg.solve(whole, right[:, 0]))
    np.testing.assert_allclose(factor.log_determinant, np.linalg.slogdet(a)[1])


def test_it_answers_in_the_precision_of_the_question():
    factor = Cholesky()
    factor.grow(np.empty((0, 6)), matrix(6))
    right = np.ones((6, 2))
    single = factor.solve(right.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, factor.solve(right), rtol=1e-3)
    assert right.sum() == 12  # the question is left as it was


def test_what_is_not_positive_definite_is_refused_and_nothing_changes():
    factor = Cholesky()
    factor.grow(np.empty((0, 2)), np.eye(2))
    with pytest.raises(np.linalg.LinAlgError):
        factor.grow(np.ones((2, 1)), np.eye(1))
    assert len(factor) == 2
