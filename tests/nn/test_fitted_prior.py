"""The fitted Gaussian has the moments of its points, and covariance L L^T."""

import torch
from torch.distributions import MultivariateNormal

from chemvae.nn.fitted_prior import FittedGaussian


def test_it_is_the_standard_normal_until_it_is_fitted() -> None:
    z = torch.randn(4, 3)
    truth = MultivariateNormal(torch.zeros(3), torch.eye(3))
    torch.testing.assert_close(FittedGaussian(3).log_prob(z), truth.log_prob(z))


def test_it_takes_mean_and_covariance_of_points() -> None:
    mix = torch.tensor([[1.0, 0.0], [0.8, 0.5]])
    points = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(0)) @ mix.T + torch.tensor([1.0, -2.0])
    prior = FittedGaussian(2)
    prior.fit(points)
    truth = MultivariateNormal(torch.tensor([1.0, -2.0]), mix @ mix.T)
    torch.testing.assert_close(prior.factor @ prior.factor.T, mix @ mix.T, atol=0.03, rtol=0)
    torch.testing.assert_close(prior.log_prob(points[:9]), truth.log_prob(points[:9]), atol=0.1, rtol=0)
    drawn = prior.sample(20_000, torch.Generator().manual_seed(1))
    torch.testing.assert_close(torch.cov(drawn.T), mix @ mix.T, atol=0.04, rtol=0)


def test_one_dimension_has_a_covariance_too() -> None:
    prior = FittedGaussian(1)
    prior.fit(torch.tensor([[0.0], [2.0], [4.0]]))
    torch.testing.assert_close(prior.factor, torch.tensor([[2.0]]))
