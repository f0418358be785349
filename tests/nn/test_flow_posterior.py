"""Planar and radial flows: log-determinants are autograd's, the identity is the identity, no two points meet."""

import pytest
import torch

from chemvae.nn.flow_posterior import FlowPosterior, Map, Planar, Radial
from chemvae.nn.images.inference import FlowHead, GaussianHead
from chemvae.nn.posterior import DiagonalGaussian

LATENT, BATCH = 3, 4


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=chance(seed), dtype=torch.float64)


def planar(seed: int, strength: float = 2.0) -> Planar:
    u, w = strength * randn(2, BATCH, LATENT, seed=seed)
    return Planar(u, w, randn(BATCH, seed=seed + 100))


def radial(seed: int, strength: float = 2.0) -> Radial:
    a, b = strength * randn(2, BATCH, seed=seed)
    return Radial(randn(BATCH, LATENT, seed=seed + 100), a, b)


MAPS = [planar(0), planar(1, 10.0), radial(0), radial(1, 10.0)]


@pytest.mark.parametrize("move", MAPS, ids=["planar", "planar, far", "radial", "radial, far"])
def test_the_log_determinant_is_that_of_the_jacobian(move: Map) -> None:
    z = randn(2, BATCH, LATENT, seed=9)
    log_det = move(z)[1]
    for k in range(2):
        for i in range(BATCH):
            jacobian = torch.autograd.functional.jacobian(lambda at, i=i: alone(move, at, i), z[k, i])
            assert torch.linalg.det(jacobian) > 0  # never folded
            torch.testing.assert_close(log_det[k, i], torch.linalg.slogdet(jacobian)[1], atol=1e-6, rtol=1e-6)


def alone(move: Map, at: torch.Tensor, i: int) -> torch.Tensor:
    return move(at.expand(1, BATCH, LATENT))[0][0, i]


def test_maps_that_move_nothing_are_the_identity() -> None:
    nothing = torch.zeros(BATCH, LATENT, dtype=torch.float64)
    still = [Planar(nothing, planar(i).w, planar(i).b) for i in range(5)]
    still += [Radial(radial(i).c, radial(i).a, nothing[:, 0]) for i in range(5)]
    base = DiagonalGaussian(*randn(2, BATCH, LATENT))
    flow = FlowPosterior(base, tuple(still))
    drawn, plain = flow.draw(chance(), 3), base.draw(chance(), 3)
    torch.testing.assert_close(drawn.z, plain.z)
    torch.testing.assert_close(drawn.log_qz, plain.log_qz)
    torch.testing.assert_close(flow.mean, base.mean)


@pytest.mark.parametrize("strength", [1.0, 30.0])
def test_u_is_kept_where_no_two_points_meet(strength: float) -> None:
    for seed in range(20):
        move = planar(seed, strength)
        u, along = move.invertible()
        assert (along > -1).all()
        torch.testing.assert_close((move.w * u).sum(dim=-1), along)
        assert move(randn(50, BATCH, LATENT))[1].isfinite().all()


@torch.no_grad()
@pytest.mark.parametrize("kind", ["planar", "radial"])
def test_the_density_sums_to_one(kind: str) -> None:
    torch.manual_seed(0)
    head = FlowHead(5, 2, kind, 4)
    torch.nn.init.normal_(head.to_move.weight, std=0.3)
    posterior = head(torch.randn(1, 5))
    drawn = posterior.draw(chance(), 20000)
    inside = (drawn.z - posterior.mean).norm(dim=-1) < 0.3
    area = (inside / drawn.log_qz.exp()).mean()  # importance sampling of the area of a disc
    assert float(area) == pytest.approx(torch.pi * 0.3**2, rel=0.1)


@pytest.mark.parametrize("kind", ["planar", "radial"])
def test_a_head_begins_as_its_gaussian_and_weighs_no_other_points(kind: str) -> None:
    head, features = FlowHead(5, LATENT, kind, 4), torch.randn(2, 5, generator=chance())
    posterior = head(features)
    torch.testing.assert_close(posterior.draw(chance(), 2).log_qz, posterior.base.draw(chance(), 2).log_qz)
    assert posterior.kl() is None
    with pytest.raises(NotImplementedError, match="its own draws"):
        posterior.log_prob(torch.zeros(1, 2, LATENT))


def test_a_planar_flow_finds_a_bend_that_no_gaussian_has() -> None:
    """The target is a Gaussian with its tails folded together: two humps."""

    def log_target(z: torch.Tensor) -> torch.Tensor:
        return (
            torch.logaddexp(-0.5 * ((z[..., 0] - 2) / 0.5) ** 2, -0.5 * ((z[..., 0] + 2) / 0.5) ** 2)
            - 0.5 * z[..., 1].square()
        )

    bounds = {}
    for maps in (0, 6):
        torch.manual_seed(0)
        head, one = FlowHead(1, 2, "planar", maps) if maps else GaussianHead(1, 2), torch.ones(1, 1)
        adam, noise = torch.optim.Adam(head.parameters(), lr=2e-2), chance()
        for _ in range(300):
            adam.zero_grad()
            drawn = head(one).draw(noise, 64)
            (drawn.log_qz - log_target(drawn.z)).mean().backward()
            adam.step()
        with torch.no_grad():
            drawn = head(one).draw(chance(1), 2000)
            bounds[maps] = float((log_target(drawn.z) - drawn.log_qz).mean())
    assert bounds[6] > bounds[0] + 0.2
