"""The diagonal Gaussian against torch.distributions."""

import torch
from torch.distributions import Independent, Normal, kl_divergence

from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob


def some(batch: int = 5, latent: int = 3) -> DiagonalGaussian:
    chance = torch.Generator().manual_seed(1)
    return DiagonalGaussian(torch.randn(batch, latent, generator=chance), torch.randn(batch, latent, generator=chance))


def test_kl_is_the_one_of_torch() -> None:
    q = some()
    expected = kl_divergence(Normal(q.mean, q.std), Normal(0.0, 1.0))
    torch.testing.assert_close(q.kl(), expected)


def test_log_densities_are_those_of_torch() -> None:
    q = some()
    z = q.sample(torch.Generator().manual_seed(0), k=4)
    torch.testing.assert_close(q.log_prob(z), Independent(Normal(q.mean, q.std), 1).log_prob(z))
    torch.testing.assert_close(
        standard_normal_log_prob(z), Independent(Normal(torch.zeros(3), torch.ones(3)), 1).log_prob(z)
    )


def test_every_call_draws_afresh_and_a_seed_repeats_it() -> None:
    q, chance = some(), torch.Generator().manual_seed(3)
    first, second = q.sample(chance), q.sample(chance)
    assert not torch.equal(first, second)
    torch.testing.assert_close(q.sample(torch.Generator().manual_seed(3)), first)


def test_samples_have_the_moments_they_should() -> None:
    q = some()
    z = q.sample(torch.Generator().manual_seed(0), k=40_000)
    torch.testing.assert_close(z.mean(dim=0), q.mean, atol=0.05, rtol=0)
    torch.testing.assert_close(z.std(dim=0), q.std, atol=0.05, rtol=0.03)
