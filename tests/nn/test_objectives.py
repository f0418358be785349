"""Objectives on a model whose evidence is known: z ~ N(0, 1), x | z ~ N(z, 1), so x ~ N(0, 2)."""

import math

import pytest
import torch
from torch.distributions import Normal

from chemvae.nn.objectives import kl_only, negative_elbo, negative_iwae, reconstruction_only, score_function
from chemvae.nn.parts import Terms
from chemvae.nn.posterior import DiagonalGaussian, Dirac, standard_normal_log_prob

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


def test_without_a_closed_form_the_samples_say_what_the_kl_is() -> None:
    q = DiagonalGaussian(X.double(), torch.full_like(X, -1.0).double())
    exact = terms(q, 200_000)
    sampled = Terms(exact.log_px, exact.log_pz, exact.log_qz)
    torch.testing.assert_close(sampled.kl_nats, q.kl().sum(dim=-1), atol=0.02, rtol=0)
    torch.testing.assert_close(negative_elbo(sampled, 0.5), negative_elbo(exact, 0.5), atol=0.02, rtol=0)
    assert negative_elbo(Terms(exact.log_px, exact.log_pz, exact.log_pz), free_nats=3.0).tolist() == pytest.approx(
        (3.0 - exact.log_px.mean(dim=0)).tolist()
    )


def test_shares_say_what_each_sample_counts() -> None:
    values, share = torch.tensor([[1.0], [5.0]]), torch.tensor([[0.25], [0.75]]).log()
    t = Terms(values, torch.zeros(2, 1), torch.zeros(2, 1), None, share)
    assert t.mean(values).item() == pytest.approx(4.0)
    assert t.log_mean_exp(values).item() == pytest.approx(math.log(0.25 * math.e + 0.75 * math.e**5))
    assert negative_iwae(t).item() == pytest.approx(-t.log_mean_exp(values).item())


@pytest.mark.parametrize("k", [1, 3])
def test_the_score_function_has_the_gradient_of_the_bound(k: int) -> None:
    mean, log_var = torch.tensor([[0.7]], requires_grad=True), torch.tensor([[-0.4]], requires_grad=True)
    x, runs = torch.tensor([[1.5]]), 200_000
    q = DiagonalGaussian(mean.expand(runs, 1), log_var.expand(runs, 1))
    z = q.sample(torch.Generator().manual_seed(0), k).detach()
    log_px, log_pz = Normal(z, 1.0).log_prob(x)[..., 0], standard_normal_log_prob(z)
    score_function(Terms(log_px, log_pz, q.log_prob(z)), beta=0.8).mean().backward()
    # E log p(x|z) = -((x - m)^2 + s^2) / 2 + const, KL = (m^2 + s^2 - 1 - log s^2) / 2
    by_mean = -(x - mean) + 0.8 * mean
    by_log_var = 0.5 * log_var.exp() + 0.8 * 0.5 * (log_var.exp() - 1)
    assert mean.grad.item() == pytest.approx(by_mean.item(), abs=0.02)
    assert log_var.grad.item() == pytest.approx(by_log_var.item(), abs=0.02)


def test_comparing_samples_with_each_other_lowers_the_variance_of_the_score_function() -> None:
    def gradients(k: int) -> torch.Tensor:
        found = []
        for seed in range(300):
            mean = torch.tensor([[0.7]], requires_grad=True)
            q = DiagonalGaussian(mean, torch.zeros(1, 1))
            z = q.sample(torch.Generator().manual_seed(seed), k).detach()
            t = Terms(Normal(z, 1.0).log_prob(X[2:])[..., 0], standard_normal_log_prob(z), q.log_prob(z))
            score_function(t).sum().backward()
            found.append(mean.grad)
        return torch.cat(found)

    assert gradients(2).var() < 0.5 * gradients(1).var() / 2


def test_a_point_mass_has_no_bound() -> None:
    drawn = Dirac(torch.ones(2, 3)).draw(k=2)
    t = Terms(torch.zeros(2, 2), standard_normal_log_prob(drawn.z), drawn.log_qz)
    assert negative_elbo(t).tolist() == negative_iwae(t).tolist() == [math.inf] * 2
    assert reconstruction_only(t).tolist() == [0.0, 0.0]
