"""What BoTorch does for a search: processes on z, batches by improvement, fronts and hypervolumes.

BoTorch and GPyTorch are imported here and nowhere else, and only when they are needed.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from torch import Tensor

TOGETHER = 8  # candidates looked at in one go by the lazy choice
DRAWS = {2: 64, 3: 16, 4: 8}
"""Draws for qLogNEHVI by the number of objectives: of each, the space above its front is cut into boxes."""
APART = {2: 0, 3: 3, 4: 3}
"""How many chosen molecules are kept apart before those boxes are cut anew; with two objectives it takes no time."""


def posterior_draws(
    x: Float[ndarray, "n latent"],
    y: Float[ndarray, " n"],
    pool: Float[ndarray, "m latent"],
    *,
    samples: int,
    iterations: int,
    seed: int,
) -> Float[Tensor, "samples m"]:
    """Fit a Gaussian process and return joint draws of what it expects of the pool."""
    from botorch.models import SingleTaskGP
    from botorch.optim.fit import fit_gpytorch_mll_scipy
    from botorch.sampling import SobolQMCNormalSampler
    from gpytorch.mlls import ExactMarginalLogLikelihood

    model = SingleTaskGP(torch.as_tensor(x), torch.as_tensor(y)[:, None], outcome_transform=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of stopping early, which is meant, and of jitter, which is harmless
        fit_gpytorch_mll_scipy(ExactMarginalLogLikelihood(model.likelihood, model), options={"maxiter": iterations})
        model.eval()
        sampler: Any = SobolQMCNormalSampler(torch.Size([samples]), seed=seed)
        with torch.no_grad():
            draws: Tensor = sampler(model.posterior(torch.as_tensor(pool)))
    return draws.squeeze(-1)


def greedy_qlogei(
    draws: Float[Tensor, "samples m"], best: float, k: int, log_chance: Float[Tensor, "samples m"] | None = None
) -> Int[ndarray, " k"]:
    """Return k columns, each the one that adds most to the log expected improvement of those before it.

    This is BoTorch's qLogExpectedImprovement on a discrete pool with common random numbers, in one pass: its own
    discrete optimiser draws afresh for every batch size, which takes minutes where this takes a hundredth of a second.

    Args:
        draws: of what the values may be.
        best: what has to be beaten.
        k: how many.
        log_chance: of being feasible in each draw, if that is in question.
    """
    from botorch.utils.safe_math import log_fatplus, logmeanexp

    log_gain: Tensor = log_fatplus(draws - best, tau=1e-6)  # samples x m
    if log_chance is not None:
        log_gain = log_gain + log_chance
    so_far = torch.full_like(log_gain[:, :1], -torch.inf)
    chosen: list[int] = []
    for _ in range(k):
        value = logmeanexp(torch.maximum(log_gain, so_far), dim=0)
        value[chosen] = -torch.inf
        chosen.append(int(value.argmax()))
        so_far = torch.maximum(so_far, log_gain[:, chosen[-1:]])
    return np.array(chosen, dtype=np.int64)


def normal_draws(n: int, d: int, seed: int) -> Float[ndarray, "n d"]:
    """Return n evenly spread draws of d independent standard normal numbers."""
    from botorch.utils.sampling import draw_sobol_normal_samples

    drawn: Tensor = draw_sobol_normal_samples(d, n, dtype=torch.float64, seed=seed)
    return drawn.numpy()


def non_dominated(values: Float[ndarray, "n m"]) -> Bool[ndarray, " n"]:
    """Say of each row whether no other is at least as good everywhere and better somewhere; equal rows all stay."""
    from botorch.utils.multi_objective.pareto import is_non_dominated

    found: Tensor = is_non_dominated(torch.as_tensor(values, dtype=torch.float64), deduplicate=False)
    return found.numpy()


def hypervolume(front: Float[ndarray, "n m"], reference: Float[ndarray, " m"]) -> float:
    """Return the volume between a reference point and what some points dominate."""
    from botorch.utils.multi_objective.hypervolume import Hypervolume

    above = front[(front > reference).all(axis=1)]
    if not len(above):
        return 0.0
    kept = above[non_dominated(above)]
    return float(Hypervolume(torch.as_tensor(reference)).compute(torch.as_tensor(kept)))


def nehvi_batch(
    draws: Float[ndarray, "samples n k"],
    n_batch: int,
    *,
    reference: Float[ndarray, " m"],
    baseline: int,
    pending: int = 0,
    log_chance: Float[ndarray, " c"] | None = None,
) -> Int[ndarray, " n_batch"]:
    """Return which candidates to measure by qLogNEHVI, each as if those before it were known.

    BoTorch's acquisition sees the joint belief as draws of it, one set of them throughout. What a candidate adds
    shrinks as others are chosen, so only those that may still be the best are looked at again.

    Args:
        draws: joint draws of the baseline, then what is pending, then c candidates; outcomes, then slacks that have
            to be at least 0 of measured constraints.
        n_batch: how many.
        reference: what outcomes must exceed to count.
        baseline: so many of the first rows were measured.
        pending: so many rows after them are being measured.
        log_chance: of each candidate, the logarithm of a chance that is to multiply what it adds.

    Returns:
        Numbers of candidates, from 0, in the order of choice.
    """
    first = baseline + pending
    n, rows = draws.shape[1] - first, torch.arange(draws.shape[1], dtype=torch.float64)[:, None]
    bonus = np.zeros(n) if log_chance is None else log_chance
    acquisition = _nehvi(torch.as_tensor(draws), reference, rows[:baseline])
    taken = rows[baseline:first]
    if len(taken):
        acquisition.set_X_pending(taken)

    def value(of: Int[ndarray, " b"]) -> Float[ndarray, " b"]:
        with torch.no_grad():
            parts = [acquisition(rows[first + some][:, None]) for some in np.split(of, range(64, len(of), 64))]
        return torch.cat(parts).numpy() + bonus[of]

    bound = value(np.arange(n))
    chosen: list[int] = []
    while True:
        chosen.append(int(bound.argmax()))
        bound[chosen] = -np.inf
        if len(chosen) >= min(n_batch, n):
            return np.array(chosen, dtype=np.int64)
        taken = torch.cat([taken, rows[first + chosen[-1]][None]])
        acquisition.set_X_pending(taken)
        _tighten(bound, value)


def _tighten(bound: Float[ndarray, " n"], value: Any) -> None:
    """Look again, in place, at what may be the largest, until it is known which is."""
    fresh = np.zeros(len(bound), dtype=bool)
    while not fresh[bound.argmax()]:
        stale = np.argsort(-np.where(fresh, -np.inf, bound), kind="stable")[:TOGETHER]
        stale = stale[np.isfinite(bound[stale]) & ~fresh[stale]]
        fresh[stale] = True
        bound[stale] = np.minimum(bound[stale], value(stale))
        if not len(stale):
            return


def _nehvi(draws: Float[Tensor, "samples n k"], reference: Float[ndarray, " m"], baseline: Tensor) -> Any:
    """Return BoTorch's acquisition on draws of a joint belief; a point is the number of a row."""
    from botorch.acquisition.multi_objective import logei
    from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective

    # BoTorch would compile a C++ kernel on first use: minutes, and other last digits where there is no compiler.
    logei._load_attempted = True
    m = len(reference)
    constraints = [_broken(at) for at in range(m, draws.shape[-1])]
    return logei.qLogNoisyExpectedHypervolumeImprovement(
        model=_model(draws),
        ref_point=torch.as_tensor(reference),
        X_baseline=baseline,
        sampler=_sampler(len(draws)),
        objective=IdentityMCMultiOutputObjective(outcomes=list(range(m))),
        constraints=constraints or None,
        prune_baseline=len(baseline) > 1,
        cache_root=False,
        max_iep=APART[m],
    )


def _broken(at: int) -> Callable[[Tensor], Tensor]:
    """Return how far a constraint is broken, as BoTorch asks for it: above 0 where it is."""
    return lambda y: -y[..., at]


def _model(draws: Float[Tensor, "samples n k"]) -> Any:
    """Return a model of BoTorch whose inputs are numbers of rows and whose posterior is the draws themselves."""
    from botorch.models.model import Model
    from botorch.posteriors.ensemble import EnsemblePosterior

    class Drawn(Model):
        num_outputs = draws.shape[-1]
        batch_shape = torch.Size([])

        def posterior(self, X: Tensor, *_: Any, **__: Any) -> Any:
            return EnsemblePosterior(draws[:, X[..., 0].long()].movedim(0, -3))

    return Drawn()


def _sampler(n: int) -> Any:
    """Return a sampler that takes every draw once, whatever is asked of."""
    from botorch.sampling.base import MCSampler

    class Every(MCSampler):
        def forward(self, posterior: Any) -> Tensor:
            return posterior.values.movedim(-3, 0)

        def _update_base_samples(self, posterior: Any, base_sampler: Any) -> None:
            """Nothing to keep: the draws are the same for all."""

    return Every(torch.Size([n]))
