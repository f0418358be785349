"""The mixture posterior against torch.distributions; its strata give the mixture back."""

import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from chemvae.nn.mixture_posterior import MixtureOfGaussians
from chemvae.nn.posterior import DiagonalGaussian, Posterior

CHANCE = torch.Generator().manual_seed(2)
LOG_WEIGHTS = torch.randn(3, 4, generator=CHANCE).log_softmax(dim=1)
MEANS, LOG_VARS = torch.randn(3, 4, 2, generator=CHANCE), torch.randn(3, 4, 2, generator=CHANCE)
Q = MixtureOfGaussians(LOG_WEIGHTS, MEANS, LOG_VARS)


def test_log_density_is_the_one_of_torch() -> None:
    inside = Independent(Normal(MEANS, (0.5 * LOG_VARS).exp()), 1)
    truth = MixtureSameFamily(Categorical(logits=LOG_WEIGHTS), inside)
    z = torch.randn(7, 3, 2)
    torch.testing.assert_close(Q.log_prob(z), truth.log_prob(z))


def test_a_draw_takes_each_component_and_weighs_it() -> None:
    drawn = Q.draw(torch.Generator().manual_seed(0), k=5_000)
    assert drawn.z.shape == (20_000, 3, 2)
    torch.testing.assert_close(drawn.log_share.exp().sum(dim=0), torch.ones(3))
    average = (drawn.log_share.exp()[..., None] * drawn.z).sum(dim=0)
    torch.testing.assert_close(average, (LOG_WEIGHTS.exp()[..., None] * MEANS).sum(dim=1), atol=0.05, rtol=0)


def test_one_component_is_the_gaussian() -> None:
    one = MixtureOfGaussians(torch.zeros(3, 1), MEANS[:, :1], LOG_VARS[:, :1])
    q = DiagonalGaussian(MEANS[:, 0], LOG_VARS[:, 0])
    ours, theirs = one.draw(torch.Generator().manual_seed(1), 6), q.draw(torch.Generator().manual_seed(1), 6)
    torch.testing.assert_close(ours.z, theirs.z)
    torch.testing.assert_close(ours.log_qz, theirs.log_qz)
    assert isinstance(one, Posterior)
    assert isinstance(q, Posterior)


def test_gradients_reach_the_weights() -> None:
    logits = torch.zeros(3, 4, requires_grad=True)
    drawn = MixtureOfGaussians(logits.log_softmax(dim=1), MEANS, LOG_VARS).draw(torch.Generator().manual_seed(0))
    (drawn.log_share.exp() * drawn.z.square().sum(dim=-1)).sum().backward()
    assert logits.grad.abs().sum() > 0


def test_the_point_that_stands_for_an_input_is_the_heaviest_centre() -> None:
    q = MixtureOfGaussians(torch.tensor([[0.2, 0.8]]).log(), torch.tensor([[[1.0], [-3.0]]]), torch.zeros(1, 2, 1))
    assert q.mean.tolist() == [[-3.0]]
