"""Which molecules to measure where there are several objectives or measured constraints, by processes on z."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.search.history import History
from chemvae.search.with_botorch import DRAWS, greedy_qlogei, nehvi_batch, posterior_draws

BASELINE = 50  # measured molecules that may be on the front, as far as anyone can tell
DRAWN = 256  # draws where they cost little
NEVER = 1e-6  # chance of a molecule that is infeasible in every draw


def choose(
    k: int,
    x: Float[ndarray, "all latent"],
    rows: Int[ndarray, " n"],
    history: History,
    *,
    iterations: int,
    seed: int,
) -> Int[ndarray, " k"]:
    """Return k of the pool: by qLogNEHVI, or by log expected improvement and the chance of being feasible.

    Args:
        k: how many.
        x: where the measured rows lie, then the pool, in a unit cube.
        rows: which rows of the history the first of these are.
        history: what was told.
        iterations: of fitting each process.
        seed: of the draws.
    """
    good = np.flatnonzero(history.feasible[rows])
    order = [row for row in history.best(BASELINE).tolist() if history.feasible[row]]
    place = {row: at for at, row in enumerate(rows.tolist())}
    baseline = [place[row] for row in order if row in place]
    values = history.outcomes[rows] if history.several else history.value[rows, None]
    m, columns = values.shape[1], np.column_stack([values, history.slack[rows]])
    zeros = np.concatenate([history.reference if history.several else np.zeros(1), np.zeros(columns.shape[1] - m)])
    pool = np.concatenate([x[baseline], x[len(rows) :]])
    draws, levels = [], []
    for at, (column, zero) in enumerate(zip(columns.T, zeros, strict=True)):
        y, level = scaled(column, float(zero))
        levels.append(level)
        n = DRAWS[m] if history.several else DRAWN
        drawn = posterior_draws(x[: len(rows)], y, pool, samples=n, iterations=iterations, seed=seed + at)
        draws.append(drawn.numpy())
    slack = np.stack([draw - level for draw, level in zip(draws[m:], levels[m:], strict=True)] or [np.ones((1, 1))])
    met = (slack[:, :, len(baseline) :] if draws[m:] else slack >= 0).min(axis=0)  # draws x pool
    if draws[m:] and not len(good):
        return np.argsort(-(met >= 0.0).mean(axis=0) - NEVER * met.mean(axis=0), kind="stable")[:k]
    if history.several:
        joint = np.stack([*draws[:m], *slack] if draws[m:] else draws, axis=2)
        return nehvi_batch(joint, k, reference=np.array(levels[:m]), baseline=len(baseline))
    gain = torch.as_tensor(np.where(met >= 0.0, 0.0, np.log(NEVER)))
    y, best = scaled(columns[:, 0], float(values[good, 0].max()))
    return greedy_qlogei(torch.as_tensor(draws[0][:, len(baseline) :]), best, k, gain)


def scaled(values: Float[ndarray, " n"], level: float) -> tuple[Float[ndarray, " n"], float]:
    """Return values with mean 0 and standard deviation 1 after cutting off the worst, and a level in their units."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    least = middle - 2.0 * max(float(high - low), 1e-12)
    cut = np.maximum(values, least)
    mean, std = float(cut.mean()), float(cut.std(ddof=1)) or 1.0
    return (cut - mean) / std, (max(level, float(least)) - mean) / std
