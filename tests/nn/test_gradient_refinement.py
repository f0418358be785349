"""A Gaussian per input: started at the encoder's it never lowers the bound, and reaches the best one."""

import math

import pytest
import torch

from chemvae.nn.gradient_refinement import GradientRefinement, bound
from chemvae.nn.mixture_posterior import MixtureOfGaussians
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob

X = torch.tensor([[1.0, -2.0], [0.3, 0.7], [0.0, 3.0]])
NOISE = 0.5
VARIANCE = NOISE**2 / (1 + NOISE**2)
"""Of the exact posterior, whose mean is X / (1 + NOISE^2)."""


def log_joint(z: torch.Tensor) -> torch.Tensor:
    return standard_normal_log_prob(z) + standard_normal_log_prob((X - z) / NOISE) - 2 * math.log(NOISE)


def exact() -> DiagonalGaussian:
    return DiagonalGaussian(X / (1 + NOISE**2), torch.full_like(X, math.log(VARIANCE)))


def gap(posterior: DiagonalGaussian) -> torch.Tensor:
    """KL(q || p(z|x)): by so much the bound is below log p(x)."""
    ratio = posterior.log_var.exp() / VARIANCE
    away = (posterior.mean - exact().mean).square() / VARIANCE
    return 0.5 * (ratio + away - 1 - ratio.log()).sum(dim=-1)


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@torch.no_grad()
def test_it_comes_to_the_exact_posterior_from_far_away() -> None:
    start = DiagonalGaussian(torch.zeros_like(X), torch.zeros_like(X))
    end = GradientRefinement(300, 0.05, 8, 16)(start, log_joint, chance())
    assert (gap(start) > 0.5).all()
    assert (gap(end) < 0.01).all()


@pytest.mark.parametrize("rate", [0.01, 30.0], ids=["gentle", "ruinous"])
def test_it_never_lowers_the_bound(rate: float) -> None:
    steps = 20
    for start in (exact(), DiagonalGaussian(torch.zeros_like(X), torch.zeros_like(X))):
        end = GradientRefinement(steps, rate, 2, 8)(start, log_joint, chance())
        again = chance()
        for _ in range(steps):
            torch.randn(2, *X.shape, generator=again)
        noise = torch.randn(8, *X.shape, generator=again)  # what start and end were compared on
        assert (bound(end, noise, log_joint) >= bound(start, noise, log_joint)).all()
        assert (gap(end) < gap(start) + 0.02).all()


def test_no_gradient_passes_to_the_encoder_and_none_is_left_behind() -> None:
    weight = torch.ones((), requires_grad=True)
    end = GradientRefinement(3, 0.1, 2, 4)(DiagonalGaussian(weight * X, weight * X), log_joint, chance())
    assert not end.mean.requires_grad and weight.grad is None


def test_only_a_gaussian_is_refined() -> None:
    mixture = MixtureOfGaussians(torch.zeros(3, 1), X[:, None], X[:, None])
    with pytest.raises(ValueError, match="Expected a Gaussian to refine, but got MixtureOfGaussians"):
        GradientRefinement(1, 0.1, 1, 1)(mixture, log_joint)
