"""Heads: small regressions of value on z, each on a draw of what was measured, which disagree where little is known."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

FEATURES = 128  # of the hidden layer, which is drawn and not learned
SLOPE = 1.5  # of its inputs: tanh bends within a few standard deviations of the prior
RIDGES = np.logspace(-2, 4, 13)


@dataclass(frozen=True)
class Heads:
    """Regressions on a drawn hidden layer and on z itself (Rahimi and Recht, 2008), fitted in closed form."""

    into: Float[Tensor, "heads latent hidden"]
    """weights of each head's hidden layer"""
    shift: Float[Tensor, "heads 1 hidden"]
    """its biases"""
    weights: Float[Tensor, "heads features"]
    """what was fitted"""
    middle: float
    """mean of the values, what is far below cut off"""
    spread: float
    """their standard deviation"""

    def __call__(self, u: Float[Tensor, "n latent"]) -> Float[Tensor, "heads n"]:
        """Return what each head expects at points, in units of the prior; gradients pass."""
        hidden = torch.tanh(u @ self.into + self.shift)  # heads x n x hidden
        linear = u.expand(len(self.into), -1, -1)
        features = torch.cat([linear, hidden], dim=-1)
        return (features @ self.weights[..., None]).squeeze(-1) * self.spread + self.middle

    def bound(self, u: Float[Tensor, "n latent"], kappa: float) -> Float[Tensor, " n"]:
        """Return the mean of the heads less kappa times their standard deviation."""
        expected = self(u)
        return expected.mean(dim=0) - kappa * expected.std(dim=0)


def fitted(u: Float[ndarray, "n latent"], y: Float[ndarray, " n"], heads: int, rng: np.random.Generator) -> Heads:
    """Fit heads to measured molecules, each to a bootstrap draw of them and with a hidden layer of its own.

    The strength of the ridge is the one that predicts each molecule best from all others, by the first head.
    """
    n, latent = u.shape
    into = rng.standard_normal((heads, latent, FEATURES)) * (SLOPE / np.sqrt(latent))
    shift = rng.uniform(-1.0, 1.0, (heads, 1, FEATURES))
    low, median, high = np.quantile(y, [0.05, 0.5, 0.95])
    cut = np.maximum(y, median - 2.0 * (high - low))
    middle, spread = float(cut.mean()), float(cut.std()) or 1.0
    y = (cut - middle) / spread
    ridge, weights = 0.0, []
    for at in range(heads):
        features = np.concatenate([u, np.tanh(u @ into[at] + shift[at])], axis=1)
        ridge = ridge or best_ridge(features, y)
        rows = rng.integers(n, size=n)
        weights.append(ridge_weights(features[rows], y[rows], ridge))
    first, second, third = (torch.as_tensor(part, dtype=torch.float32) for part in (into, shift, np.array(weights)))
    return Heads(first, second, third, middle, spread)


def ridge_weights(
    x: Float[ndarray, "n features"], y: Float[ndarray, " n"], ridge: float
) -> Float[ndarray, " features"]:
    """Return the weights of a linear regression, their squares held down."""
    return np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ y)


def best_ridge(x: Float[ndarray, "n features"], y: Float[ndarray, " n"]) -> float:
    """Return the ridge with the least squared error of predicting each value from all others."""
    left, root, _ = np.linalg.svd(x, full_matrices=False)
    seen = left.T @ y
    errors = []
    for ridge in RIDGES:
        shrunk = root**2 / (root**2 + ridge)
        leverage = np.minimum((left**2) @ shrunk, 1.0 - 1e-6)
        errors.append(float((((y - left @ (shrunk * seen)) / (1.0 - leverage)) ** 2).mean()))
    return float(RIDGES[int(np.argmin(errors))])
