"""fit_prior: a trained encoder and its molecules become a prior that looks like the aggregate posterior."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor, nn

from chemvae.config import PriorConfig
from chemvae.io.prepared import PreparedData
from chemvae.nn.parts import Encoder
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob
from chemvae.nn.prior import Flow, GaussianMixture, StandardNormal, build_prior

CHUNK = 512
CLIP = 5.0
MOST = 100_000
"""Training molecules whose posteriors a prior is fitted to."""
WARM_UP = 100
LINES = 5


@dataclass(frozen=True)
class FittedPrior:
    """A prior and how well it expects what it has not seen."""

    prior: StandardNormal | GaussianMixture | Flow
    """in evaluation mode"""
    figures: dict[str, float]
    """cross-entropy, in nats, of draws from the posteriors of validation molecules, under it and under N(0, I)"""


def fit_prior(
    config: PriorConfig, encoder: Encoder, data: PreparedData, seed: int, say: Callable[[str], None] = print
) -> FittedPrior:
    """Fit a prior to the posteriors of the training molecules, by maximum likelihood of fresh draws from them.

    Args:
        config: which prior, and how long.
        encoder: trained, in evaluation mode.
        data: the table it was trained on.
        seed: of the first weights, of the choice of molecules and of the draws.
        say: how to tell about progress.
    """
    rng = np.random.default_rng(seed)
    chance = torch.Generator().manual_seed(seed)
    # 1. where the molecules are                       rows x latent
    known = posteriors(encoder, data, rng.permutation(data.rows("train"))[:MOST])
    held = posteriors(encoder, data, data.rows("valid")[:MOST]).sample(chance)[0]
    # 2. the fit
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        prior = build_prior(config, known.mean.shape[1])
    if isinstance(prior, GaussianMixture):
        start = torch.from_numpy(rng.permutation(len(known.mean))[: config.components].copy())
        prior.begin_at(known.mean[start], known.sample(chance)[0].std(dim=0))
    elif isinstance(prior, Flow):
        prior.centre_on(known.sample(chance)[0])
    if list(prior.parameters()):
        climb(prior, known, config, chance, say)
    # 3. what it is worth
    prior.eval().requires_grad_(False)
    figures = {
        "prior_nats": -float(prior.log_prob(held).mean()),
        "prior_nats_normal": -float(standard_normal_log_prob(held).mean()),
    }
    return FittedPrior(prior, figures)


@torch.no_grad()
def posteriors(encoder: Encoder, data: PreparedData, rows: Int[ndarray, " rows"]) -> DiagonalGaussian:
    """Encode rows of a table, those of like length together; returns one posterior a row, sorted by length."""
    rows = rows[np.argsort(data.lengths[rows], kind="stable")]
    found = [
        encoder(torch.from_numpy(data.padded(rows[first : first + CHUNK]))) for first in range(0, len(rows), CHUNK)
    ]
    return DiagonalGaussian(torch.cat([p.mean for p in found]), torch.cat([p.log_var for p in found]))


def climb(
    prior: GaussianMixture | Flow | StandardNormal,
    known: DiagonalGaussian,
    config: PriorConfig,
    chance: torch.Generator,
    say: Callable[[str], None],
) -> None:
    """Raise the likelihood of fresh draws, a batch at a time; the learning rate warms up, then falls to nothing."""
    adam = torch.optim.Adam(prior.parameters(), lr=config.learning_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda step: min(1.0, (step + 1) / WARM_UP) * (1.0 - step / config.steps)
    )
    for step in range(config.steps):
        batch = torch.randint(len(known.mean), (config.batch_size,), generator=chance)
        loss = -prior.log_prob(draw(known, batch, chance)).mean()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(prior.parameters(), CLIP)
        adam.step()
        schedule.step()
        if (step + 1) % max(1, config.steps // LINES) == 0:
            say(f"prior: step {step + 1}/{config.steps}, {float(loss.detach()):.2f} nats")


def draw(
    known: DiagonalGaussian, batch: Int[Tensor, " batch"], chance: torch.Generator
) -> Float[Tensor, "batch latent"]:
    """Draw a point from each of some posteriors."""
    return DiagonalGaussian(known.mean[batch], known.log_var[batch]).sample(chance)[0]
