import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.errors import ConfigError, InputError
from chemvae.search.minmax import within
from chemvae.search.process import LEAST_RATIO, Process, Scales, likely

WEIGHTS = np.random.default_rng(5).standard_normal(40) / 5


def molecules(n, seed=0):
    """Return relatives of ten families, as a search finds them."""
    rng, families = np.random.default_rng(seed), np.random.default_rng(9).poisson(1.0, size=(10, 40))
    return csr_array(families[rng.integers(10, size=n)] + rng.poisson(0.1, size=(n, 40)))


def value(counts):
    return counts @ WEIGHTS


def grown(counts, values, step, **more):
    process = Process(**more)
    for first in range(0, len(values), step):
        process.add(counts[first : first + step], values[first : first + step])
    return process


def by_hand(scales, counts, values, new):
    together = scales.amplitude * within(csr_array(np.concatenate([counts.toarray(), new.toarray()])))
    n = len(values)
    inverse = np.linalg.inv(together[:n, :n] + scales.ratio * scales.amplitude * np.eye(n))
    mean = scales.mean + together[n:, :n] @ inverse @ (values - scales.mean)
    return mean, together[n:, n:] - together[n:, :n] @ inverse @ together[:n, n:]


@pytest.mark.parametrize("step", [1, 7, 60])
def test_it_is_the_textbooks_process_however_it_grew(step):
    counts, new = molecules(60), molecules(20, seed=1)
    scales = Scales(mean=0.3, amplitude=2.0, noise=0.01)
    process = grown(counts, value(counts), step, scales=scales)
    mean, covariance = by_hand(scales, counts, value(counts), new)
    belief, joint = process.belief(new), process.joint(new)
    np.testing.assert_allclose(belief.mean, mean, atol=1e-4)
    np.testing.assert_allclose(belief.std, np.sqrt(np.diag(covariance)), atol=1e-4)
    np.testing.assert_allclose(joint.covariance, covariance, atol=1e-9)
    np.testing.assert_array_equal(process.mean(new), belief.mean)
    assert joint.noise == pytest.approx(0.01)


def test_before_anything_is_known():
    belief = Process(Scales(mean=2.0, amplitude=9.0)).belief(molecules(3))
    assert (belief.mean.tolist(), belief.std.tolist()) == ([2.0] * 3, [3.0] * 3)
    assert Process().belief(molecules(0)).mean.shape == (0,)


def test_it_learns_and_knows_how_well():
    counts = molecules(600)
    root = np.linalg.cholesky(within(counts) + 0.01 * np.eye(600))
    values = 7.0 + 3.0 * root @ np.random.default_rng(2).standard_normal(600)
    process = grown(counts[:400], values[:400], 100)
    process.fit()
    belief, truth = process.belief(counts[400:]), values[400:]
    assert np.corrcoef(belief.mean, truth)[0, 1] > 0.8
    assert 0.7 < ((truth - belief.mean) / belief.std).std() < 1.4


def test_equal_molecules_do_no_harm():
    counts = molecules(5)
    process = Process()
    for _ in range(4):
        process.add(counts, value(counts))
    np.testing.assert_allclose(process.belief(counts).mean, value(counts), atol=1e-3)


def test_beyond_the_most_it_keeps_the_best_and_the_latest():
    counts = molecules(100)
    values = value(counts)
    process = grown(counts, values, 10, most=40)
    assert 30 <= len(process) <= 40
    assert set(np.argsort(-values)[:15]) <= set(process.rows.tolist())
    assert set(range(90, 100)) <= set(process.rows.tolist())
    assert len(process.values) == 100
    rows = process.rows
    mean, _ = by_hand(process.scales, counts[rows], values[rows], counts)
    np.testing.assert_allclose(process.mean(counts), mean, atol=1e-3)


def test_likelihood_finds_the_noise():
    counts, rng = molecules(400), np.random.default_rng(2)
    root = np.linalg.cholesky(within(counts) + 1e-9 * np.eye(400))
    smooth = 3.0 * root @ rng.standard_normal(400)
    _, quiet = likely(within(counts), smooth + 5.0)
    _, loud = likely(within(counts), smooth + 5.0 + 2.0 * rng.standard_normal(400))
    assert quiet.ratio < 0.02
    assert loud.noise == pytest.approx(4.0, rel=0.3)
    assert 2.0 < quiet.mean < 8.0
    assert quiet.amplitude == pytest.approx(9.0, rel=0.5)


def test_values_that_are_all_alike_do_not_make_it_sure():
    assert likely(within(molecules(5)), np.full(5, 2.0))[1] == Scales(mean=2.0)
    values = np.random.default_rng(0).standard_normal(50) * 10
    assert likely(within(molecules(50)), values)[1].amplitude >= values.var()


def test_fitting_again_keeps_what_is_known():
    counts = molecules(50)
    process = grown(counts, value(counts) * 50, 25)
    scales = process.fit()
    mean, _ = by_hand(scales, counts, value(counts) * 50, counts[:5])
    np.testing.assert_allclose(process.mean(counts[:5]), mean, atol=1e-2)
    assert Process().fit() == Scales()


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan], [1.0, np.inf]])
def test_failures_are_left_out_by_the_caller(values):
    with pytest.raises(InputError, match="Leave failures out"):
        Process().add(molecules(2), np.array(values))


@pytest.mark.parametrize("wrong", [{"amplitude": 0.0}, {"noise": -1.0}, {"mean": np.nan}])
def test_scales_that_cannot_be(wrong):
    with pytest.raises(ConfigError, match="positive variances"):
        Scales(**wrong)


def test_the_least_to_reason_from():
    with pytest.raises(ConfigError, match="at least 4"):
        Process(most=3)
    assert Scales(noise=0.0).ratio == LEAST_RATIO
