"""Hamiltonian moves: the leapfrog keeps volumes and can be undone; its bound is proper; learning it helps."""

import math

import pytest
import torch

from chemvae.nn.hamiltonian import HamiltonianPosterior, HamiltonianRefinement, leapfrog
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob

X = torch.tensor([[1.0, -2.0], [0.3, 0.7]])
NOISE = 0.5


def log_joint(z: torch.Tensor) -> torch.Tensor:
    """z ~ N(0, I), x ~ N(z, NOISE^2 I): log p(x) is known."""
    return standard_normal_log_prob(z) + standard_normal_log_prob((X - z) / NOISE) - 2 * math.log(NOISE)


def log_evidence() -> torch.Tensor:
    variance = 1 + NOISE**2
    return standard_normal_log_prob(X / variance**0.5) - math.log(variance)


def far() -> DiagonalGaussian:
    return DiagonalGaussian(torch.zeros(2, 2), torch.zeros(2, 2))


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_leapfrog_step_is_undone_by_turning_the_momentum_and_keeps_volumes() -> None:
    def gradient(z: torch.Tensor) -> torch.Tensor:
        return -(z**3) - z.sin()

    z, momentum = torch.randn(2, 3, generator=chance(), dtype=torch.float64)
    there, faster = leapfrog(z, momentum, 0.3, gradient)
    back, turned = leapfrog(there, -faster, 0.3, gradient)
    torch.testing.assert_close(back, z)
    torch.testing.assert_close(turned, -momentum)
    whole = torch.autograd.functional.jacobian(
        lambda both: torch.cat(leapfrog(both[:3], both[3:], 0.3, gradient)), torch.cat([z, momentum])
    )
    assert float(torch.linalg.det(whole)) == pytest.approx(1.0)


@pytest.mark.parametrize("heat", [1.0, 0.4])
def test_the_extended_weight_has_the_evidence_for_its_mean(heat: float) -> None:
    base = DiagonalGaussian(0.6 * X, torch.full((2, 2), -0.5))
    posterior = HamiltonianPosterior(base, log_joint, torch.full((2,), 0.2), torch.tensor(heat), 4)
    with torch.no_grad():
        drawn = posterior.draw(chance(), 40000)
        weight = log_joint(drawn.z) - drawn.log_qz
    torch.testing.assert_close(weight.exp().mean(dim=0), log_evidence().exp(), rtol=0.05, atol=0)
    assert (weight.mean(dim=0) < log_evidence()).all()


def test_moves_raise_the_bound_and_what_is_learned_raises_it_further() -> None:
    refine = HamiltonianRefinement(2, 4, 0.1)

    def bound(posterior) -> float:
        with torch.no_grad():
            drawn = posterior.draw(chance(), 2000)
            return float((log_joint(drawn.z) - drawn.log_qz).mean())

    before, begun = bound(far()), bound(refine(far(), log_joint))
    adam, noise = torch.optim.Adam(refine.parameters(), lr=0.05), chance()
    for _ in range(60):
        adam.zero_grad()
        drawn = refine(far(), log_joint).draw(noise, 32)
        (drawn.log_qz - log_joint(drawn.z)).mean().backward()
        adam.step()
    assert before + 0.1 < begun < bound(refine(far(), log_joint)) < float(log_evidence().mean())


def test_it_weighs_its_own_draws_only() -> None:
    posterior = HamiltonianRefinement(2, 1, 0.1)(far(), log_joint)
    assert posterior.kl() is None
    torch.testing.assert_close(posterior.mean, far().mean)
    with pytest.raises(NotImplementedError, match="its own draws"):
        posterior.log_prob(X[None])
