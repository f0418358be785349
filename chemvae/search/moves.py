"""Moves in latent space: steps around molecules, arcs between two of them, fresh points."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.latent import around, slerp
from chemvae.search.history import History
from chemvae.search.space import Proposals, Space

ARC = 11  # points on the arc between two parents, of which one inner one is taken


def parents(
    n: int, history: History, rng: np.random.Generator, *, top: int, greed: float = 0.1
) -> Float[ndarray, "n latent"]:
    """Draw where n of the `top` best molecules lie, the better the likelier."""
    return history.z[parent_rows(n, history, rng, top=top, greed=greed)]


def parent_rows(
    n: int, history: History, rng: np.random.Generator, *, top: int, greed: float = 0.1
) -> Int[ndarray, " n"]:
    """Draw n of the `top` best molecules, the better the likelier: weight 1 / (greed * top + rank)."""
    rows = history.best(top)
    weights = 1.0 / (greed * len(rows) + np.arange(len(rows)) + 1.0)
    return rng.choice(rows, size=n, p=weights / weights.sum())


def local(
    centres: Float[ndarray, "n latent"],
    radii: Float[ndarray, " n"],
    spread: Float[ndarray, " latent"],
    rng: np.random.Generator,
) -> Proposals:
    """Step away from each centre by its radius, in standard deviations per dimension, in a fresh direction each."""
    return Proposals(around(centres, spread, radii, rng), ("local",) * len(centres))


def masked(
    centres: Float[ndarray, "n latent"],
    radii: Float[ndarray, " n"],
    spread: Float[ndarray, " latent"],
    rng: np.random.Generator,
    *,
    moved: int,
) -> Float[ndarray, "n latent"]:
    """Step away from each centre by its radius in some dimensions alone, drawn afresh, at least one of them.

    The radius is that of a step in all dimensions: what is moved less often moves farther.
    """
    n, latent = centres.shape
    mask = rng.random((n, latent)) < moved / latent
    mask[np.arange(n), rng.integers(latent, size=n)] = True
    steps = rng.standard_normal((n, latent)) * mask
    steps *= radii[:, None] * np.sqrt(latent) / np.linalg.norm(steps, axis=1, keepdims=True)
    return centres + steps * spread


def crossover(
    a: Float[ndarray, "n latent"],
    b: Float[ndarray, "n latent"],
    middle: Float[ndarray, " latent"],
    rng: np.random.Generator,
) -> Proposals:
    """Take a random inner point of the arc between each pair, seen from the middle of the prior."""
    at = rng.integers(1, ARC - 1, size=len(a))
    z = [slerp(left, right, ARC)[t] for left, right, t in zip(a - middle, b - middle, at, strict=True)]
    return Proposals(np.array(z).reshape(a.shape) + middle, ("crossover",) * len(a))


def ranks(n: int, among: int, rng: np.random.Generator) -> Int[ndarray, " n"]:
    """Draw ranks from 0, as many from the best ten as from the next ninety: their logarithm is uniform."""
    return np.minimum((among + 1.0) ** rng.random(n) - 1.0, among - 1.0).astype(np.int64)


def fresh(n: int, space: Space, rng: np.random.Generator) -> Proposals:
    """Draw points from the prior."""
    return Proposals(space.draw(n, rng), ("prior",) * n)
