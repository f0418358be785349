"""Coordinate-ascent variational inference on Bayesian linear regression, beside the exact posterior."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.posterior import LOG_2PI


@dataclass(frozen=True)
class Regression:
    """y = X w + noise, w ~ N(0, I), with known noise: the posterior of w is a Gaussian."""

    x: Float[Tensor, "rows weights"]
    """a column for each weight"""
    y: Float[Tensor, " rows"]
    """what is explained"""
    noise: float
    """standard deviation"""

    @property
    def precision(self) -> Float[Tensor, "weights weights"]:
        """Inverse covariance of the exact posterior."""
        return self.x.mT @ self.x / self.noise**2 + torch.eye(self.x.shape[1], dtype=self.x.dtype)

    @property
    def pull(self) -> Float[Tensor, " weights"]:
        """Precision times mean of the exact posterior."""
        return self.x.mT @ self.y / self.noise**2

    @property
    def mean(self) -> Float[Tensor, " weights"]:
        """Mean of the exact posterior."""
        return torch.linalg.solve(self.precision, self.pull)

    @property
    def log_evidence(self) -> float:
        """Log p(y): y is Gaussian with covariance X X^T + noise^2 I."""
        covariance = self.x @ self.x.mT + self.noise**2 * torch.eye(len(self.y), dtype=self.y.dtype)
        fit = self.y @ torch.linalg.solve(covariance, self.y)
        return float(-0.5 * (fit + torch.linalg.slogdet(covariance)[1] + len(self.y) * LOG_2PI))

    def bound(self, mean: Float[Tensor, " weights"], variance: Float[Tensor, " weights"]) -> float:
        """Return the evidence lower bound of independent Gaussians."""
        away = self.y - self.x @ mean
        spread = (self.x.square() @ variance).sum()
        fit = -0.5 * (
            (away.square().sum() + spread) / self.noise**2 + len(self.y) * (LOG_2PI + 2 * math.log(self.noise))
        )
        kl = 0.5 * (mean.square() + variance - 1 - variance.log()).sum()
        return float(fit - kl)


@dataclass(frozen=True)
class Factors:
    """What coordinate ascent came to."""

    mean: Float[Tensor, " weights"]
    """of each factor"""
    variance: Float[Tensor, " weights"]
    """of each factor"""
    bounds: list[float]
    """at the beginning, and after each round"""
    path: list[Tensor]
    """means at the beginning, and after each factor's turn"""


def coordinate_ascent(model: Regression, rounds: int) -> Factors:
    """Fit independent Gaussians in turn, each proportional to exp E[log p] over the others (Bishop, 2006, 10.1).

    The factor of w_j has variance 1 / precision_jj and the mean that the others' means leave to it.
    """
    precision, pull = model.precision, model.pull
    mean, variance = torch.zeros_like(pull), 1 / precision.diagonal()
    bounds, path = [model.bound(mean, torch.ones_like(variance))], [mean.clone()]
    for _ in range(rounds):
        for j in range(len(mean)):
            others = precision[j] @ mean - precision[j, j] * mean[j]
            mean[j] = (pull[j] - others) / precision[j, j]
            path.append(mean.clone())
        bounds.append(model.bound(mean, variance))
    return Factors(mean, variance, bounds, path)


def regression(rows: int, weights: int, likeness: float, noise: float, generator: torch.Generator) -> Regression:
    """Draw columns that are alike, true weights from the prior, and what they make."""
    fresh = torch.randn(rows, weights, generator=generator, dtype=torch.float64)
    columns = [fresh[:, 0]]
    for j in range(1, weights):
        columns.append(likeness * columns[-1] + math.sqrt(1 - likeness**2) * fresh[:, j])
    x = torch.stack(columns, dim=1)
    truth = torch.randn(weights, generator=generator, dtype=torch.float64)
    return Regression(x, x @ truth + noise * torch.randn(rows, generator=generator, dtype=torch.float64), noise)
