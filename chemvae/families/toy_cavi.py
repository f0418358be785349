"""Mean field by coordinate ascent on a conjugate Gaussian, beside the exact posterior and evidence."""

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy import ndarray

from chemvae.families.family import Outcome, Picture
from chemvae.nn.toy.cavi import Factors, Regression, coordinate_ascent, regression
from chemvae.report.figures import COLOURS, INK, canvas, label
from chemvae.systems.toy import CaviConfig

CIRCLE = np.linspace(0, 2 * np.pi, 200)


def cavi(settings: CaviConfig, seed: int) -> Outcome:
    """Return how far coordinate ascent is from the closed form, and how it got there."""
    chance = torch.Generator().manual_seed(seed)
    model = regression(settings.rows, settings.weights, settings.likeness, settings.noise, chance)
    found = coordinate_ascent(model, settings.rounds)
    precision = model.precision
    exact_gap = float(0.5 * (precision.diagonal().log().sum() - torch.linalg.slogdet(precision)[1]))
    variances = torch.linalg.inv(precision).diagonal()
    figures = {
        "mean_error": float((found.mean - model.mean).abs().max()),
        "log_evidence": model.log_evidence,
        "bound": found.bounds[-1],
        "gap": model.log_evidence - found.bounds[-1],
        "gap_exact": exact_gap,
        "variance_ratio": float((found.variance / variances).mean()),
        "largest_fall_of_the_bound": float(-np.diff(found.bounds).min().clip(max=0.0)),
    }
    protocol = {"seed": seed, "rows": settings.rows, "weights": settings.weights, "rounds": settings.rounds}
    pictures = [Picture("bound", climb(model, found), "The bound after each round, and log p(y) above it.")]
    if settings.weights > 1:
        seen = Picture("posterior", ellipses(model, found), "Exact posterior, mean field, and the means on their way.")
        pictures = [seen, *pictures]
    return Outcome(figures, protocol, pictures)


def climb(model: Regression, found: Factors) -> Figure:
    """Draw how far the bound is from the evidence."""
    figure, axes = canvas()
    axes.plot(range(len(found.bounds)), found.bounds, ".-", color=COLOURS[0], label="bound")
    axes.axhline(model.log_evidence, color=INK, linestyle="--", linewidth=1, label="log p(y), exact")
    label(axes, "round", "nats", place="lower right")
    return figure


def ellipses(model: Regression, found: Factors) -> Figure:
    """Draw two standard deviations of the first two weights."""
    figure, axes = canvas(size=(4.4, 4.4))
    covariance = torch.linalg.inv(model.precision)[:2, :2].numpy()
    factored = torch.diag(found.variance[:2]).numpy()
    for at, (name, here, centre) in enumerate(
        [("exact", covariance, model.mean), ("mean field", factored, found.mean)]
    ):
        edge = outline(here) + centre[:2].numpy()[:, None]
        axes.plot(*edge, color=COLOURS[at], label=name)
    path = torch.stack(found.path)[:, :2].numpy()
    axes.plot(path[:, 0], path[:, 1], ".-", color=INK, linewidth=0.8, markersize=3, label="means, turn by turn")
    label(axes, "first weight", "second weight")
    return figure


def outline(covariance: ndarray) -> ndarray:
    """Return the ellipse of two standard deviations."""
    factor: ndarray = np.linalg.cholesky(covariance)
    return 2 * factor @ np.stack([np.cos(CIRCLE), np.sin(CIRCLE)])
