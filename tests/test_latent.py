"""Geometry of latent space on cases with a known answer."""

import numpy as np
import pytest

from chemvae.errors import InputError
from chemvae.latent import along, around, attribute_vector, grid, line, slerp, wander


def test_lines_and_arcs_end_where_they_should() -> None:
    a, b = np.array([1.0, 0.0]), np.array([0.0, 2.0])
    np.testing.assert_allclose(line(a, b, 3), [[1, 0], [0.5, 1], [0, 2]])
    arc = slerp(a, b, 3)
    np.testing.assert_allclose(arc[[0, 2]], [a, b], atol=1e-12)
    np.testing.assert_allclose(arc[1], 1.5 * np.array([1, 1]) / np.sqrt(2))
    np.testing.assert_allclose(np.linalg.norm(slerp(a, b, 5), axis=1), np.linspace(1, 2, 5))


@pytest.mark.parametrize("b", [[2.0, 0.0], [-1.0, 0.0], [0.0, 0.0]])
def test_an_arc_without_an_angle_is_the_line(b: list[float]) -> None:
    a = np.array([1.0, 0.0])
    np.testing.assert_allclose(slerp(a, np.array(b), 4), line(a, np.array(b), 4))


def test_a_grid_has_its_corners_and_its_middle() -> None:
    corners = np.array([[0.0, 0], [2, 0], [0, 2], [2, 4]])
    points = grid(corners, 3)
    assert points.shape == (3, 3, 2)
    np.testing.assert_allclose(points[[0, 0, 2, 2], [0, 2, 0, 2]], corners)
    np.testing.assert_allclose(points[1, 1], corners.mean(axis=0))


@pytest.mark.parametrize("n", [2, 2000])
def test_noise_is_as_large_as_asked_for_each_sample_however_many_there_are(n: int) -> None:
    """The 2018 code divided by the norm of the whole batch, so that more samples moved less."""
    scale = np.array([1.0, 1.0, 1.0])
    moved = around(np.zeros(3), scale, np.full(n, 2.0), np.random.default_rng(0))
    np.testing.assert_allclose(np.sqrt((moved**2).mean(axis=1)), 2.0)


def test_noise_follows_the_scale_of_each_dimension() -> None:
    scale = np.array([1.0, 10.0])
    moved = around(np.ones(2), scale, np.full(4000, 1.0), np.random.default_rng(0)) - 1.0
    np.testing.assert_allclose(moved.std(axis=0), scale, rtol=0.05)
    assert len(np.unique(moved[:, 0])) == 4000


def test_a_walk_begins_where_it_is_told_and_keeps_the_prior() -> None:
    rng = np.random.default_rng(0)
    paths = np.stack([wander(rng.standard_normal(3), 12, 0.5, rng) for _ in range(2000)])
    start = np.array([1.0, 2.0])
    np.testing.assert_array_equal(wander(start, 4, 0.5, rng)[0], start)
    assert paths[:, -1].std(axis=0) == pytest.approx(np.ones(3), abs=0.06)
    step = paths[:, 1] - np.sqrt(0.75) * paths[:, 0]
    assert step.std() == pytest.approx(0.5, abs=0.02)


def test_an_attribute_is_the_way_between_two_means() -> None:
    having, lacking = np.array([[2.0, 1], [4, 1], [np.nan, 0]]), np.array([[0.0, 1], [0, 3]])
    vector = attribute_vector(having, lacking)
    np.testing.assert_allclose(vector, [3, -1])
    np.testing.assert_allclose(along(np.array([1.0, 1]), vector, (0, 0.5, -1)), [[1, 1], [2.5, 0.5], [-2, 2]])
    with pytest.raises(InputError, match="Give both"):
        attribute_vector(having, lacking[:0])
