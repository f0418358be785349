"""Transformed noise: moments and densities of many draws beside the exact ones."""

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray
from torch import Tensor

from chemvae.families.family import Outcome, Picture
from chemvae.nn.toy.noise import Affine, Correlated, Exponential, Ring
from chemvae.report.figures import COLOURS, canvas, label
from chemvae.systems.toy import NoiseConfig

SHOWN = 2000
"""Points of a cloud that are drawn."""
BINS = 80
AT = 1.5
"""Where the stretched noise is asked for its density."""


def noise_transforms(settings: NoiseConfig, seed: int) -> Outcome:
    """Return moments of the draws beside the exact ones, and the pictures of four kinds of transformed noise."""
    chance, n = torch.Generator().manual_seed(seed), settings.draws
    a, between, b = settings.covariance
    wanted = torch.tensor([[a, between], [between, b]], dtype=torch.float64)
    cloud = Correlated(torch.linalg.cholesky(wanted))
    wait, ring, line = Exponential(1.5), Ring(), Affine(2.0, 1.0)
    x, times, round_, y = (kind.sample(n, chance) for kind in (cloud, wait, ring, line))
    radius, (mean, std) = round_.norm(dim=1), ring.moments
    figures = {
        "covariance_error": float((x.mT.cov() - wanted).abs().max()),
        "exponential_mean": float(times.mean()),
        "exponential_mean_exact": 1 / wait.rate,
        "ring_radius_mean": float(radius.mean()),
        "ring_radius_mean_exact": mean,
        "ring_radius_std": float(radius.std()),
        "ring_radius_std_exact": std,
        "ring_radius_least": float(radius.min()),
        "affine_log_density_at_1.5": float(line.log_prob(torch.tensor([AT], dtype=torch.float64))),
    }
    pictures = [
        Picture("correlated", dots(x), "Gaussian noise times Cholesky's factor."),
        Picture("exponential", density(times, wait.log_prob, "x"), "Even noise through an inverse distribution."),
        Picture("ring", dots(round_), "Gaussian noise pushed out to a ring, z / 10 + z / |z|."),
        Picture("ring_radius", density(radius, ring.log_prob_radius, "radius"), "Its radius: draws, exact density."),
        Picture("affine", density(y, line.log_prob, "y"), "y = 2 x + 1: draws, and the exact density."),
    ]
    return Outcome(figures, {"seed": seed, "draws": n}, pictures)


def dots(x: Tensor) -> Figure:
    """Draw some points of a cloud."""
    figure, axes = canvas(size=(4.0, 4.0))
    some = x[:SHOWN].numpy()
    axes.scatter(some[:, 0], some[:, 1], s=4, color=COLOURS[0], alpha=0.5, linewidths=0).set_rasterized(True)
    axes.set_aspect("equal")
    label(axes, "first", "second")
    return figure


def density(x: Tensor, log_prob: Callable[[Tensor], Tensor], name: str) -> Figure:
    """Draw a histogram of numbers and the exact density over it."""
    figure, axes = canvas()
    values: ndarray = x.numpy()
    axes.hist(values, bins=BINS, density=True, color=COLOURS[0], alpha=0.5, label="draws")
    at = np.linspace(values.min(), values.max(), 400)
    exact = log_prob(torch.from_numpy(at)).exp().numpy()
    axes.plot(at, exact, color=COLOURS[1], linewidth=1.5, label="exact")
    label(axes, name, "density")
    return figure
