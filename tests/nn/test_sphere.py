"""The stereographic map: its change of area is autograd's, densities on the sphere sum to one."""

import math

import pytest
import torch

from chemvae.nn.sphere import SpherePosterior, UniformSphere, onto_plane, onto_sphere, reflected


def randn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("plane", [1, 2, 5])
def test_the_change_of_area_is_that_of_the_jacobian(plane: int) -> None:
    y = randn(6, plane)
    z, log_area = onto_sphere(y)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(6, dtype=torch.float64))
    torch.testing.assert_close(onto_plane(z), y)
    for i in range(6):
        jacobian = torch.autograd.functional.jacobian(lambda at: onto_sphere(at)[0], y[i])
        exact = 0.5 * torch.linalg.slogdet(jacobian.mT @ jacobian)[1]
        torch.testing.assert_close(log_area[i], exact)
        torch.testing.assert_close(exact, plane * (2 / (1 + y[i].square().sum())).log())


def test_a_reflection_takes_the_pole_there_and_back() -> None:
    pole = torch.nn.functional.normalize(randn(5, 3))
    north = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64).expand(5, 3)
    torch.testing.assert_close(reflected(north, pole), pole)
    torch.testing.assert_close(reflected(reflected(pole, pole), pole), pole)
    torch.testing.assert_close(reflected(north, north), north)


def test_draws_are_weighed_as_any_other_points_are() -> None:
    posterior = SpherePosterior(torch.nn.functional.normalize(randn(4, 3)), randn(4, 2, seed=1))
    drawn = posterior.draw(torch.Generator().manual_seed(0), 5)
    torch.testing.assert_close(posterior.log_prob(drawn.z), drawn.log_qz)


def test_the_density_sums_to_one_over_the_sphere() -> None:
    posterior = SpherePosterior(torch.nn.functional.normalize(randn(1, 3)), randn(1, 2, seed=1) - 1)
    prior = UniformSphere(3)
    z = prior.sample(40000, torch.Generator().manual_seed(0)).double()
    assert float((posterior.log_prob(z[:, None]).exp()).mean() * 4 * math.pi) == pytest.approx(1.0, abs=0.03)
    torch.testing.assert_close(prior.log_prob(z), torch.full((40000,), -math.log(4 * math.pi), dtype=torch.float64))
    assert z.mean(dim=0).abs().max() < 0.02
