import math

import pytest
import torch

from chemvae.config import PriorConfig
from chemvae.nn.prior import Coupling, Flow, GaussianMixture, StandardNormal, build_prior


def stirred(latent: int, layers: int = 4) -> Flow:
    """Return a flow that is no longer the identity."""
    torch.manual_seed(0)
    flow = Flow(latent, layers, width=16)
    for value in flow.parameters():
        torch.nn.init.normal_(value, std=0.3)
    flow.centre_on(torch.randn(100, latent) * 3.0 + 1.0)
    return flow


@pytest.mark.parametrize("latent", [2, 3, 8, 13])
def test_a_flow_carries_noise_there_and_back(latent: int):
    flow, noise = stirred(latent), torch.randn(5, latent)
    z = flow.inverse(noise)
    back = (z - flow.centre) / flow.spread
    for coupling, order in zip(flow.couplings, flow.orders, strict=True):
        back, _ = coupling(back[:, order])
    assert torch.allclose(back, noise, atol=1e-4)


def test_the_density_of_a_flow_is_that_of_the_noise_times_the_jacobian():
    flow = stirred(4).double()
    noise = torch.randn(4, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda u: flow.inverse(u[None])[0], noise)
    expected = -0.5 * (noise.square() + math.log(2 * math.pi)).sum() - torch.linalg.slogdet(jacobian).logabsdet
    assert flow.log_prob(flow.inverse(noise[None]))[0].item() == pytest.approx(expected.item(), abs=1e-6)


def test_an_unfitted_flow_is_the_standard_normal():
    z = torch.randn(7, 6)
    assert torch.allclose(Flow(6, 3, 8).log_prob(z), StandardNormal(6).log_prob(z), atol=1e-5)


def test_a_coupling_keeps_the_half_that_decides():
    torch.manual_seed(0)
    coupling = Coupling(6, 8)
    torch.nn.init.normal_(coupling.net[-1].weight)
    z = torch.randn(4, 6)
    moved, _ = coupling(z)
    assert torch.equal(moved[:, :3], z[:, :3])
    assert not torch.allclose(moved[:, 3:], z[:, 3:])


@pytest.mark.parametrize("n", [2, 3, 7, 48, 56, 64, 129])
def test_four_couplings_let_every_dimension_be_moved_and_decide(n: int):
    decided, moved = set[int](), set[int]()
    where = torch.arange(n)
    for order in Flow(n, 4, 2).orders:
        where = where[order]
        decided |= set(where[: n // 2].tolist())
        moved |= set(where[n // 2 :].tolist())
    assert decided == moved == set(range(n))


def test_the_density_of_a_mixture_is_the_weighted_sum_of_its_parts():
    mixture = GaussianMixture(2, 3)
    with torch.no_grad():
        mixture.log_weights.copy_(torch.tensor([0.1, 0.2, 0.7]).log())
        mixture.log_std.copy_(torch.randn(3, 2))
    z = torch.randn(5, 2)
    parts = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.tensor([0.1, 0.2, 0.7])),
        torch.distributions.Independent(torch.distributions.Normal(mixture.means, mixture.log_std.exp()), 1),
    )
    assert torch.allclose(mixture.log_prob(z), parts.log_prob(z), atol=1e-5)


def test_a_mixture_samples_its_components_by_weight():
    mixture = GaussianMixture(2, 2)
    mixture.begin_at(torch.tensor([[100.0, 0.0], [-100.0, 0.0]]), torch.tensor([2.0, 2.0]))
    with torch.no_grad():
        mixture.log_weights.copy_(torch.tensor([0.9, 0.1]).log())
    z = mixture.sample(2000, torch.Generator().manual_seed(0))
    assert (z[:, 0] > 0).float().mean().item() == pytest.approx(0.9, abs=0.03)
    assert z[z[:, 0] > 0].std(dim=0).tolist() == pytest.approx([1.0, 1.0], abs=0.1)


@pytest.mark.parametrize("kind", ["normal", "mixture", "flow"])
def test_samples_depend_on_the_generator_alone(kind):
    prior = build_prior(PriorConfig(kind=kind, components=4, layers=2, width=8), 6)
    a, b = (prior.sample(9, torch.Generator().manual_seed(3)) for _ in range(2))
    assert a.shape == (9, 6)
    assert torch.equal(a, b)
