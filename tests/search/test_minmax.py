import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.search import minmax
from chemvae.search.minmax import MinMax, joined, sets_of, within


def rows(n, width=30, seed=0):
    rng = np.random.default_rng(seed)
    return rng.poisson(0.4, size=(n, width)) * rng.integers(1, 4, size=(n, width))


def by_hand(a, b):
    low, high = np.minimum(a[:, None], b[None]).sum(-1), np.maximum(a[:, None], b[None]).sum(-1)
    return low / np.maximum(high, 1)


def test_a_count_is_a_set_of_levels():
    sets = sets_of(csr_array(np.array([[0, 3, 1], [0, 0, 0], [2, 0, 0]])))
    assert sets.sizes.tolist() == [4, 0, 2]
    assert sets.members.tolist() == [256, 257, 258, 512, 0, 1]
    assert sets.take(np.array([2, 0])).members.tolist() == [0, 1, 256, 257, 258, 512]
    assert joined([sets, sets]).sizes.tolist() == [4, 0, 2] * 2


@pytest.mark.parametrize("block", [3, 8, 1024])
def test_similarity_is_minima_over_maxima(monkeypatch, block):
    monkeypatch.setattr(minmax, "BLOCK", block)
    a, b = rows(20), rows(7, seed=1)
    kernel = MinMax()
    for part in np.array_split(a, [5, 6, 15]):
        kernel.add(csr_array(part))
    assert len(kernel) == 20
    np.testing.assert_allclose(kernel.against(csr_array(b), np.float64), by_hand(b, a))
    np.testing.assert_allclose(kernel.against(csr_array(b)), by_hand(b, a), rtol=1e-6)
    np.testing.assert_allclose(within(csr_array(a)), by_hand(a, a))


def test_what_nobody_has_seen_counts_in_the_union():
    kernel = MinMax()
    kernel.add(csr_array([[2, 0, 0]]))
    np.testing.assert_allclose(kernel.against(csr_array([[1, 0, 5], [0, 1, 0], [0, 0, 0]])), [[1 / 7], [0], [0]])


def test_nothing_is_like_nothing():
    assert MinMax().against(csr_array(rows(3))).shape == (3, 0)
    kernel = MinMax()
    kernel.add(csr_array(np.zeros((2, 4), dtype=int)))
    assert kernel.against(csr_array(np.zeros((1, 4), dtype=int))).tolist() == [[0.0, 0.0]]


def test_counts_beyond_the_levels_are_one():
    many = csr_array([[300, 1]])
    assert within(many)[0, 0] == 1.0
    assert sets_of(many).sizes.tolist() == [257]


def test_bits_may_be_as_many_as_a_hash_has():
    wide = csr_array(([2, 1], [7, 2**32 - 1], [0, 1, 2]), shape=(2, 2**32))
    kernel = MinMax()
    kernel.add(wide)
    np.testing.assert_array_equal(kernel.against(wide), np.eye(2))
