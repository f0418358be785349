"""Likelihoods against torch.distributions, and what each begins at."""

import pytest
import torch
from torch import distributions as D  # noqa: N812

from chemvae.nn.images.likelihoods import Bernoulli, Categorical, Gaussian, Likelihood

CHANCE = torch.Generator().manual_seed(0)
GREY = torch.rand(3, 5, generator=CHANCE)
WHITE = (GREY > 0.5).float()
OUTPUTS = torch.randn(3, 5, 4, generator=CHANCE)


def test_bernoulli_is_the_one_of_torch() -> None:
    truth = D.Independent(D.Bernoulli(logits=OUTPUTS[..., 0]), 1).log_prob(WHITE)
    torch.testing.assert_close(Bernoulli().nll(OUTPUTS[..., :1], WHITE), -truth)


@pytest.mark.parametrize(("scale", "channels"), [(0.3, 1), ("learned", 1), ("pixel", 2)])
def test_gaussian_is_the_one_of_torch(scale, channels: int) -> None:
    likelihood = Gaussian(scale)
    outputs = OUTPUTS[..., :channels]
    std = {0.3: torch.tensor(0.3), "learned": torch.tensor(0.1), "pixel": OUTPUTS[..., 1].clamp(-5, 1).exp()}[scale]
    truth = D.Independent(D.Normal(outputs[..., 0], std.expand(3, 5)), 1).log_prob(GREY)
    assert likelihood.channels == channels
    torch.testing.assert_close(likelihood.nll(outputs, GREY), -truth)


def test_only_a_learned_scale_learns() -> None:
    assert Gaussian("learned").log_scale.requires_grad
    assert not Gaussian(0.3).log_scale.requires_grad


def test_categorical_is_the_one_of_torch() -> None:
    x = torch.tensor([[0.0, 1 / 3, 2 / 3, 1.0, 0.3]]).expand(3, 5)
    level = torch.tensor([[0, 1, 2, 3, 1]]).expand(3, 5)
    truth = D.Independent(D.Categorical(logits=OUTPUTS), 1).log_prob(level)
    torch.testing.assert_close(Categorical(4).nll(OUTPUTS, x), -truth)


@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian(0.1), Gaussian("pixel"), Categorical(17)], ids=str)
def test_each_begins_at_the_mean_image_and_draws_around_it(likelihood) -> None:
    mean = torch.tensor([0.0, 0.25, 0.5, 0.9])
    outputs = likelihood.start(mean).expand(4_000, -1, -1)
    assert isinstance(likelihood, Likelihood)
    assert outputs.shape == (4_000, 4, likelihood.channels)
    near = 0.1 if isinstance(likelihood, Categorical) else 0.02
    torch.testing.assert_close(likelihood.mean(outputs)[0], mean, atol=near, rtol=0)
    drawn = likelihood.sample(outputs, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.mean(dim=0), likelihood.mean(outputs)[0], atol=0.03, rtol=0)
