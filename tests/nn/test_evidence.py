"""The linear-Gaussian VAE (probabilistic PCA), whose evidence and posterior are known: every bound against them."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, kl_divergence

from chemvae.nn.evidence import importance_nll
from chemvae.nn.mixture_posterior import MixtureOfGaussians
from chemvae.nn.model import LatentModel
from chemvae.nn.objectives import negative_elbo, negative_iwae
from chemvae.nn.posterior import DiagonalGaussian
from chemvae.nn.prior import StandardNormal

LATENT, PIXELS, NOISE = 2, 5, 0.6
CHANCE = torch.Generator().manual_seed(0)
W, B = torch.randn(PIXELS, LATENT, generator=CHANCE), torch.randn(PIXELS, generator=CHANCE)
X = torch.randn(4, PIXELS, generator=CHANCE)
COVARIANCE = W @ W.T + NOISE**2 * torch.eye(PIXELS)
EVIDENCE = MultivariateNormal(B, COVARIANCE).log_prob(X)
PRECISION = torch.eye(LATENT) + W.T @ W / NOISE**2
TRUE_MEAN = torch.linalg.solve(PRECISION, W.T @ (X - B).T / NOISE**2).T


class Linear(nn.Module):
    """x = W z + b + noise."""

    def nll(self, z, x, generator=None):
        squared = ((x - z @ W.T - B) / NOISE).square().sum(dim=1)
        return 0.5 * (squared + PIXELS * math.log(2 * math.pi * NOISE**2))

    def sample(self, z, temperature=0.0, generator=None):
        return z @ W.T + B


def believing(x):
    """Return a diagonal Gaussian that is off the truth, as an encoder's is."""
    at = [int((row == X).all(dim=1).nonzero()[0]) for row in x]
    return DiagonalGaussian(TRUE_MEAN[at] + 0.2, torch.full((len(x), LATENT), -2.0))


def two_modes(x):
    """Return a mixture that covers the truth from two sides."""
    q = believing(x)
    means = torch.stack([q.mean - 0.4, q.mean], dim=1)
    weights = torch.tensor([0.3, 0.7]).log().expand(len(x), 2)
    return MixtureOfGaussians(weights, means, torch.stack([q.log_var] * 2, dim=1))


def model(encoder=believing) -> LatentModel:
    return LatentModel(encoder, Linear(), StandardNormal(LATENT))


def test_the_bound_and_the_kl_to_the_true_posterior_make_the_evidence() -> None:
    terms, _ = model()(X, torch.Generator().manual_seed(0), k=100_000)
    q = believing(X)
    mine = MultivariateNormal(q.mean, torch.diag_embed(q.std.square()))
    gap = kl_divergence(mine, MultivariateNormal(TRUE_MEAN, precision_matrix=PRECISION.expand(4, -1, -1)))
    torch.testing.assert_close(gap - negative_elbo(terms), EVIDENCE, atol=0.03, rtol=0)


@pytest.mark.parametrize("encoder", [believing, two_modes])
def test_iwae_rises_with_k_to_the_evidence_and_never_over_it(encoder) -> None:
    runs, bounds = 2000, []
    for k in (1, 4, 32):
        terms, _ = model(encoder)(X.repeat(runs, 1), torch.Generator().manual_seed(0), k=k)
        bounds.append(-negative_iwae(terms).view(runs, 4).mean(dim=0))
    assert (bounds[0] < bounds[1]).all()
    assert (bounds[1] < bounds[2]).all()
    assert (bounds[2] < EVIDENCE + 0.01).all()
    assert (bounds[2] > EVIDENCE - 0.1).all()


@pytest.mark.parametrize("encoder", [believing, two_modes])
def test_many_samples_give_the_evidence_in_chunks_too(encoder) -> None:
    found = importance_nll(model(encoder), X, 30_000, torch.Generator().manual_seed(0), chunk=7_000)
    torch.testing.assert_close(-found, EVIDENCE, atol=0.02, rtol=0)
    again = importance_nll(model(encoder), X, 30_000, torch.Generator().manual_seed(0), chunk=7_000)
    assert torch.equal(found, again)


def test_one_chunk_is_the_iwae_bound_itself() -> None:
    terms, _ = model()(X, torch.Generator().manual_seed(3), k=10)
    found = importance_nll(model(), X, 10, torch.Generator().manual_seed(3), chunk=10)
    torch.testing.assert_close(found, negative_iwae(terms))
