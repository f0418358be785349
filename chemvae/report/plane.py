"""The plane of a map: two coordinates for every point of latent space, by PCA or UMAP."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError

FEWEST = 3  # points that make a plane
NEAR = 15  # neighbours that UMAP looks at for each point


@dataclass(frozen=True)
class Plane:
    """Where points of latent space lie in two dimensions."""

    points: Float[ndarray, "n 2"]
    """the points that the plane was fitted to"""
    project: Callable[[Float[ndarray, "m latent"]], Float[ndarray, "m 2"]]
    """where any other points lie in it"""
    columns: tuple[str, str]
    """the coordinates as names of columns"""
    axes: tuple[str, str]
    """the coordinates in words, with their unit"""


def pca(z: Float[ndarray, "n latent"], seed: int = 0) -> Plane:  # noqa: ARG001 (nothing is drawn here)
    """Return the plane in which the points vary most: a unit of it is a unit of z."""
    from sklearn.decomposition import PCA

    fitted = PCA(n_components=2, svd_solver="full").fit(z.astype(np.float64))
    shares = fitted.explained_variance_ratio_
    words = [
        f"principal component {at + 1}, units of z ({share:.1%} of the variance)" for at, share in enumerate(shares)
    ]

    def project(others: Float[ndarray, "m latent"]) -> Float[ndarray, "m 2"]:
        return fitted.transform(others.astype(np.float64))

    return Plane(project(z), project, ("pc_1", "pc_2"), (words[0], words[1]))


def umap(z: Float[ndarray, "n latent"], seed: int = 0) -> Plane:
    """Return a plane that keeps neighbours together (McInnes et al., 2018); its distances have no unit.

    Raises:
        InputError: umap-learn is not installed.
    """
    try:
        learn = importlib.import_module("umap")
    except ImportError:
        raise InputError(
            "Expected umap-learn for the method umap, but it is not installed. Do `pip install 'chemvae[umap]'`, or "
            "take the method pca."
        ) from None
    near = min(NEAR, len(z) - 1)
    fitted = learn.UMAP(n_components=2, n_neighbors=near, random_state=seed, n_jobs=1).fit(z.astype(np.float32))

    def project(others: Float[ndarray, "m latent"]) -> Float[ndarray, "m 2"]:
        return np.asarray(fitted.transform(others.astype(np.float32)), dtype=np.float64)

    points = np.asarray(fitted.embedding_, dtype=np.float64)
    return Plane(points, project, ("umap_1", "umap_2"), ("UMAP 1 (no unit)", "UMAP 2 (no unit)"))


METHODS: dict[str, Callable[[Float[ndarray, "n latent"], int], Plane]] = {"pca": pca, "umap": umap}
"""Ways to find a plane."""


def fit_plane(z: Float[ndarray, "n latent"], method: str, seed: int = 0) -> Plane:
    """Return the plane of points by a named method.

    Raises:
        InputError: the method is not known or not installed, or there are too few points or dimensions.
    """
    if method not in METHODS:
        raise InputError(f"Expected the method {' or '.join(METHODS)}, but got {method!r}.")
    if len(z) < FEWEST or z.shape[1] < 2:  # noqa: PLR2004
        raise InputError(
            f"Expected at least {FEWEST} points in 2 or more latent dimensions for a map, but got {len(z)} in "
            f"{z.shape[1]}. Give a table of more molecules that the model can read, or a larger model."
        )
    return METHODS[method](z, seed)
