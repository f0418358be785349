"""A learned proposal: detailed balance whatever it learned, the exact moments, more jumps than tuned HMC."""

import pytest
import torch

from chemvae.nn.toy.proposal import (
    DoubleWell,
    Proposal,
    hamiltonian,
    jumps,
    learned,
    log_ratio,
    metropolis,
    tuned_hamiltonian,
    walked,
)

WELL = DoubleWell(2.0)


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def start(chains: int) -> torch.Tensor:
    return torch.tensor([[2.0, 0.0], [-2.0, 0.0]]).repeat(chains // 2, 1)


@pytest.fixture(scope="module")
def taught() -> Proposal:
    torch.manual_seed(0)
    return learned(WELL, 32, 200, 5e-3, chance())


def test_the_density_sums_to_one_and_its_gradient_is_autograds() -> None:
    x, y = torch.linspace(-6, 6, 400), torch.linspace(-4, 4, 300)
    density = WELL.log_density(torch.stack(torch.meshgrid(x, y, indexing="ij"), dim=-1)).exp()
    assert float(torch.trapezoid(torch.trapezoid(density, y), x)) == pytest.approx(1.0, abs=1e-4)
    at = torch.randn(20, 2, generator=chance()).requires_grad_()
    (exact,) = torch.autograd.grad(WELL.log_density(at).sum(), at)
    torch.testing.assert_close(WELL.gradient(at.detach()), exact, atol=1e-4, rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("wild", [False, True], ids=["taught", "any"])
def test_detailed_balance_holds_between_any_two_points(taught: Proposal, wild: bool) -> None:
    proposal = taught
    if wild:
        proposal = Proposal(8)
        for at, weight in enumerate(proposal.parameters()):
            weight.normal_(generator=chance(at))
    x, to = 2 * torch.randn(2, 200, 2, generator=chance())

    def flow(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        accept = log_ratio(proposal, WELL.log_density, a, b).clamp(max=0.0)
        return WELL.log_density(a) + proposal.log_prob(b, a) + accept

    torch.testing.assert_close(flow(x, to), flow(to, x), rtol=1e-4, atol=1e-2)


def test_the_chain_has_the_exact_moments_and_jumps_more_than_tuned_hmc(taught: Proposal) -> None:
    path = walked(metropolis(taught, WELL), start(200), 150, chance())
    assert float((path[..., 0] > 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    assert float(path[..., 0].square().mean()) == pytest.approx(2.0**2 + 0.5**2, rel=0.03)
    assert float(path[..., 1].std()) == pytest.approx(0.5, rel=0.05)
    size, moves = tuned_hamiltonian(WELL, start(20), 4, chance())
    beside = walked(hamiltonian(WELL, size, moves), start(200), 40, chance())
    assert jumps(path) > 0.5
    assert jumps(path) > 5 * jumps(beside)
    assert float(beside[..., 1].std()) == pytest.approx(0.5, rel=0.1)
