"""Objectives on a model whose evidence is known: z ~ N(0, 1), x | z ~ N(z, 1), so x ~ N(0, 2)."""

import math

import torch
from torch.distributions import Normal

from chemvae.nn.objectives import kl_only, negative_elbo, negative_iwae, reconstruction_only
from chemvae.nn.parts import Terms
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob

X = torch.tensor([[0.3], [-1.2], [2.0]])
EVIDENCE = Normal(0.0, math.sqrt(2.0)).log_prob(X)[:, 0]


def terms(q: DiagonalGaussian, k: int) -> Terms:
    z = q.sample(torch.Generator().manual_seed(0), k)
    return Terms(Normal(z, 1.0).log_prob(X)[..., 0], standard_normal_log_prob(z), q.log_prob(z), q.kl())


def test_elbo_with_the_true_posterior_is_the_evidence() -> None:
    q = DiagonalGaussian(X / 2, torch.full_like(X, math.log(0.5)))
    torch.testing.assert_close(-negative_elbo(terms(q, 50_000)), EVIDENCE, atol=0.01, rtol=0)


def test_elbo_misses_the_evidence_by_the_kl_to_the_true_posterior() -> None:
    q = DiagonalGaussian(X, torch.zeros_like(X))
    gap = torch.distributions.kl_divergence(Normal(X, 1.0), Normal(X / 2, math.sqrt(0.5)))[:, 0]
    torch.testing.assert_close(-negative_elbo(terms(q, 100_000)) + gap, EVIDENCE, atol=0.02, rtol=0)


def test_iwae_rises_with_k_and_stays_below_the_evidence() -> None:
    runs = 4000
    x = X.repeat(runs, 1)  # many estimates at once, averaged below
    q = DiagonalGaussian(x, torch.zeros_like(x))
    bounds = []
    for k in (1, 5, 50):
        z = q.sample(torch.Generator().manual_seed(0), k)
        many = Terms(Normal(z, 1.0).log_prob(x)[..., 0], standard_normal_log_prob(z), q.log_prob(z), q.kl())
        bounds.append(-negative_iwae(many).view(runs, 3).mean(dim=0))
    assert (bounds[0] < bounds[1]).all()
    assert (bounds[1] < bounds[2]).all()
    assert (bounds[2] < EVIDENCE + 0.01).all()


def test_terms_are_sums_so_that_beta_means_what_the_literature_means() -> None:
    q = DiagonalGaussian(torch.ones(2, 7), torch.zeros(2, 7))
    t = Terms(torch.full((1, 2), -30.0), torch.zeros(1, 2), torch.zeros(1, 2), q.kl())
    torch.testing.assert_close(negative_elbo(t, beta=0.5), torch.full((2,), 30.0 + 0.5 * 7 * 0.5))
    torch.testing.assert_close(reconstruction_only(t), torch.full((2,), 30.0))
    torch.testing.assert_close(kl_only(t), torch.full((2,), 3.5))


def test_free_nats_stop_the_push_on_a_dimension_below_them() -> None:
    q = DiagonalGaussian(torch.tensor([[2.0, 0.1]]), torch.zeros(1, 2))
    t = Terms(torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(1, 1), q.kl())
    torch.testing.assert_close(negative_elbo(t, free_nats=0.5), torch.tensor([2.0 + 0.5]))
