"""The Fréchet distance of two sets of points: of ChemNet's activations it is FCD, of images those of a classifier."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray


def frechet_distance(a: Float[ndarray, "n features"], b: Float[ndarray, "m features"]) -> float:
    """Return the squared Fréchet distance of the Gaussians fitted to two sets of points; NaN below two points.

    Args:
        a: a row per molecule or image.
        b: the same of the other set.
    """
    if min(len(a), len(b)) < 2:  # noqa: PLR2004 (one point has no covariance)
        return np.nan
    (mean_a, root_a), (mean_b, root_b) = _gaussian(a), _gaussian(b)
    # The trace of the square root of a product of covariances, without a matrix square root: with S = R R' it is the
    # sum of the singular values of Ra' Rb, which is exact for covariances of low rank too.
    shared = float(np.linalg.svd(root_a.T @ root_b, compute_uv=False).sum())
    spread = float((root_a**2).sum() + (root_b**2).sum())
    return max(0.0, float(((mean_a - mean_b) ** 2).sum()) + spread - 2.0 * shared)


def _gaussian(points: Float[ndarray, "n features"]) -> tuple[Float[ndarray, " features"], Float[ndarray, "features r"]]:
    """Return the mean of points and a root of their covariance."""
    x = points.astype(np.float64)
    mean = x.mean(axis=0)
    values, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / (len(x) - 1))
    return mean, vectors * np.sqrt(np.clip(values, 0.0, None))
