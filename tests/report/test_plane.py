"""Planes: the widest directions are found, other points land in the same plane, UMAP is asked for and not needed."""

import sys
from types import ModuleType

import numpy as np
import pytest

from chemvae.errors import InputError
from chemvae.report.plane import fit_plane


@pytest.fixture
def points():
    """Wide in the third direction, less so in the first, flat in the second."""
    rng = np.random.default_rng(0)
    return (rng.standard_normal((50, 3)) * (2.0, 0.01, 5.0)).astype(np.float32)


def test_pca_finds_the_widest_directions_and_keeps_distances(points):
    plane = fit_plane(points, "pca")
    assert np.corrcoef(plane.points[:, 0], points[:, 2])[0, 1] ** 2 > 0.99
    apart = np.linalg.norm(points[0] - points[1])
    assert np.linalg.norm(plane.points[0] - plane.points[1]) == pytest.approx(apart, rel=1e-2)
    assert "units of z" in plane.axes[0] and "% of the variance" in plane.axes[1]


def test_other_points_land_where_equal_points_lie(points):
    plane = fit_plane(points, "pca")
    assert np.allclose(plane.project(points[:5]), plane.points[:5])


def test_umap_is_told_the_seed_and_no_more_neighbours_than_there_are(points, monkeypatch):
    asked = {}

    class UMAP:
        def __init__(self, **settings):
            asked.update(settings)

        def fit(self, z):
            self.embedding_ = z[:, :2]
            return self

        def transform(self, z):
            return z[:, :2] + 1

    monkeypatch.setitem(sys.modules, "umap", ModuleType("umap"))
    sys.modules["umap"].UMAP = UMAP
    plane = fit_plane(points[:6], "umap", seed=3)
    assert (asked["random_state"], asked["n_neighbors"]) == (3, 5)
    assert np.allclose(plane.project(points[:6]), plane.points + 1)


def test_a_missing_umap_is_one_sentence(points, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(InputError, match=r"chemvae\[umap\]"):
        fit_plane(points, "umap")


@pytest.mark.parametrize(("method", "rows", "hint"), [("tsne", 9, "pca or umap"), ("pca", 2, "at least 3 points")])
def test_what_makes_no_plane(points, method, rows, hint):
    with pytest.raises(InputError, match=hint):
        fit_plane(points[:rows], method)
