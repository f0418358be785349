"""Acquisition: which of many molecules to measure, given what a Gaussian process expects of them."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.special import erfcx, log_ndtr, ndtr

from chemvae.search.process import Belief, Joint

TINY = 1e-12


def upper_bound(belief: Belief, beta: float) -> Float[ndarray, " m"]:
    """Return mean + beta * standard deviation."""
    return belief.mean + beta * belief.std


def log_expected_improvement(belief: Belief, best: float) -> Float[ndarray, " m"]:
    """Return the logarithm of by how much each is expected to beat the best, precise where that is next to nothing."""
    std = np.maximum(belief.std, TINY)
    u = (belief.mean - best) / std
    far = np.minimum(u, -1.0)
    # phi(u) + u Phi(u), far to the left as phi(u) * (1 + u * Phi(u) / phi(u)), where the ratio is erfcx.
    ratio = np.sqrt(np.pi / 2.0) * erfcx(-far / np.sqrt(2.0))
    left = -0.5 * far**2 - 0.5 * np.log(2.0 * np.pi) + np.log(np.maximum(1.0 + far * ratio, TINY / far**2))
    near = np.maximum(u, -1.0)
    right = np.log(np.exp(-0.5 * near**2) / np.sqrt(2.0 * np.pi) + near * ndtr(near))
    return np.log(std) + np.where(u < -1.0, left, right)


def log_chance(belief: Belief, least: float) -> Float[ndarray, " m"]:
    """Return the logarithm of the chance that each is at least so large."""
    return log_ndtr((belief.mean - least) / np.maximum(belief.std, TINY))


def draws(joint: Joint, n: int, rng: np.random.Generator) -> Float[ndarray, "n m"]:
    """Return n joint draws of what the values may be, for Thompson sampling."""
    return drawn(joint, rng.standard_normal((n, len(joint.mean))))


def drawn(joint: Joint, normal: Float[ndarray, "n m"]) -> Float[ndarray, "n m"]:
    """Return joint draws made of independent standard normal ones."""
    roots, turn = np.linalg.eigh(joint.covariance)
    wide = turn * np.sqrt(np.maximum(roots, 0.0))
    return joint.mean + normal @ wide.T


def thompson(joint: Joint, k: int, rng: np.random.Generator) -> Int[ndarray, " k"]:
    """Return k molecules, each the best of one draw among those that are left."""
    chosen: list[int] = []
    for draw in draws(joint, k, rng):
        draw[chosen] = -np.inf
        chosen.append(int(draw.argmax()))
    return np.array(chosen, dtype=np.int64)


def greedy(joint: Joint, k: int, beta: float, *, pending: int = 0) -> Int[ndarray, " k"]:
    """Return k molecules by their upper bound, each as if those before it had been measured and had met the mean.

    So the batch spreads out: what is like a chosen one is no longer uncertain (Desautels et al., JMLR 15, 2014).

    Args:
        joint: what is expected of the molecules.
        k: how many.
        beta: weight of the uncertainty.
        pending: so many of the first molecules are being measured already; they are not chosen again.
    """
    return greedy_by([joint], k, lambda beliefs: upper_bound(beliefs[0], beta), pending=pending)


def greedy_by(
    joints: Sequence[Joint], k: int, wish: Callable[[list[Belief]], Float[ndarray, " m"]], *, pending: int = 0
) -> Int[ndarray, " k"]:
    """Return k molecules by how much they are wanted, each as if those before it had met the mean in every respect.

    Args:
        joints: what is expected of the molecules, in every respect that is measured.
        k: how many.
        wish: how much they are wanted, from what is expected of each by itself.
        pending: so many of the first molecules are being measured already; they are not chosen again.
    """
    left = [joint.covariance.copy() for joint in joints]
    chosen: list[int] = []

    def choose(at: int) -> None:
        chosen.append(at)
        for joint, covariance in zip(joints, left, strict=True):
            forget(covariance, at, joint.noise)

    for at in range(pending):
        choose(at)
    while len(chosen) < min(k + pending, len(joints[0].mean)):
        beliefs = [
            Belief(joint.mean, np.sqrt(np.maximum(np.diag(covariance), 0.0)))
            for joint, covariance in zip(joints, left, strict=True)
        ]
        wanted = wish(beliefs)
        wanted[chosen] = -np.inf
        choose(int(wanted.argmax()))
    return np.array(chosen[pending:], dtype=np.int64)


def forget(covariance: Float[ndarray, "m m"], at: int, noise: float) -> None:
    """Take away, in place, the uncertainty that measuring one molecule would take away."""
    column = covariance[:, at].copy()
    covariance -= np.outer(column, column / (max(column[at], 0.0) + noise))
