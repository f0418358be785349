"""Transformed noise: the figures of the closed forms, and densities that sum to one over what is drawn."""

import math

import pytest
import torch

from chemvae.nn.toy.noise import Affine, Correlated, Exponential, Ring

N = 100_000


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_ring_has_the_radius_that_a_rayleigh_variable_gives() -> None:
    ring = Ring()
    assert ring.moments == (pytest.approx(1.1253, abs=5e-5), pytest.approx(0.0655, abs=5e-5))
    radius = ring.sample(N, chance()).norm(dim=1)
    assert (float(radius.mean()), float(radius.std())) == pytest.approx(ring.moments, abs=1e-3)
    assert radius.min() > 1
    r = torch.linspace(1.0, 2.0, 20001, dtype=torch.float64)
    assert float(torch.trapezoid(ring.log_prob_radius(r).exp(), r)) == pytest.approx(1.0, abs=1e-4)
    x = torch.tensor([[1.1, 0.0], [0.0, 0.9]], dtype=torch.float64)
    assert float(ring.log_prob(x)[0]) == pytest.approx(
        float(ring.log_prob_radius(x[0, :1])) - math.log(2 * math.pi * 1.1)
    )
    assert ring.log_prob(x)[1] == -math.inf


def test_a_stretched_normal_is_that_of_the_closed_form() -> None:
    y = torch.tensor([1.5, -2.0], dtype=torch.float64)
    assert float(Affine(2.0, 1.0).log_prob(y)[0]) == pytest.approx(-1.6433, abs=5e-5)
    torch.testing.assert_close(Affine(-2.0, 1.0).log_prob(y), torch.distributions.Normal(1.0, 2.0).log_prob(y))
    drawn = Affine(2.0, 1.0).sample(N, chance())
    assert (float(drawn.mean()), float(drawn.std())) == pytest.approx((1.0, 2.0), abs=0.02)


def test_cholesky_gives_the_covariance_l_l_transposed() -> None:
    wanted = torch.tensor([[2.0, 1.2], [1.2, 1.0]], dtype=torch.float64)
    cloud = Correlated(torch.linalg.cholesky(wanted))
    x = cloud.sample(N, chance())
    torch.testing.assert_close(x.mT.cov(), wanted, atol=0.03, rtol=0)
    exact = torch.distributions.MultivariateNormal(torch.zeros(2, dtype=torch.float64), wanted)
    torch.testing.assert_close(cloud.log_prob(x[:9]), exact.log_prob(x[:9]))


def test_an_inverse_distribution_function_gives_an_exponential() -> None:
    kind = Exponential(1.5)
    x = kind.sample(N, chance())
    assert (float(x.mean()), float(x.std())) == pytest.approx((1 / 1.5, 1 / 1.5), abs=0.01)
    at = torch.tensor([0.3, -1.0], dtype=torch.float64)
    assert float(kind.log_prob(at)[0]) == pytest.approx(float(torch.distributions.Exponential(1.5).log_prob(at[0])))
    assert kind.log_prob(at)[1] == -math.inf
