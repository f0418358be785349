"""The VampPrior is the average of the encoder's posteriors at its inputs, and learns both."""

import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from chemvae.nn.images.inference import GaussianHead, InferenceNetwork, MixtureHead
from chemvae.nn.images.networks import MLPEncoder
from chemvae.nn.vampprior import VampPrior
from chemvae.systems.latent import MLPConfig


def encoder(mixture: bool = False) -> InferenceNetwork:
    torch.manual_seed(0)
    features = MLPEncoder(torch.full((6,), 0.5), 0, MLPConfig(hidden=(8,)))
    return InferenceNetwork(features, MixtureHead(8, 2, 3) if mixture else GaussianHead(8, 2))


INPUTS = torch.rand(5, 6, generator=torch.Generator().manual_seed(1))


def test_log_density_is_the_average_of_the_posteriors() -> None:
    prior = VampPrior(net := encoder(), INPUTS)
    q = net(prior.inputs)
    truth = MixtureSameFamily(Categorical(logits=torch.zeros(5)), Independent(Normal(q.mean, q.std), 1))
    z = torch.randn(9, 2)
    torch.testing.assert_close(prior.log_prob(z), truth.log_prob(z))


def test_it_begins_at_its_inputs_and_saves_the_encoder_once() -> None:
    prior = VampPrior(encoder(), INPUTS)
    torch.testing.assert_close(prior.inputs, INPUTS.clamp(0.01, 0.99))
    assert list(prior.state_dict()) == ["logits"]


def test_gradients_reach_inputs_and_encoder() -> None:
    prior = VampPrior(net := encoder(), INPUTS)
    prior.log_prob(torch.randn(3, 2)).sum().backward()
    assert prior.logits.grad.abs().sum() > 0
    assert all(p.grad is not None for p in net.parameters())


def test_samples_come_from_it() -> None:
    for mixture in (False, True):
        prior = VampPrior(net := encoder(mixture), INPUTS)
        z = prior.sample(20_000, torch.Generator().manual_seed(0))
        drawn = net(prior.inputs).draw(torch.Generator().manual_seed(1), 4_000)
        share = torch.full(drawn.z.shape[:2], 1 / 4_000) if drawn.log_share is None else drawn.log_share.exp()
        mean = (share[..., None] * drawn.z).sum(dim=0).mean(dim=0)
        torch.testing.assert_close(z.mean(dim=0), mean, atol=0.03, rtol=0)
