"""teach_validity: a judge's verdict on what the decoder writes at points of the prior becomes a gradient of it."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from chemvae.config import ValidityConfig
from chemvae.io.prepared import PreparedData
from chemvae.nn.parts import PAD
from chemvae.nn.vae import VAE
from chemvae.training.batches import LengthBuckets

Judge = Callable[[Int[Tensor, "batch length"]], Bool[Tensor, " batch"]]
"""Tells which rows of ids are valid strings."""

CLIP = 20.0
FALL_FROM = 0.5  # share of the steps after which the learning rate falls
FLOOR = 0.02
WARM_UP = 50
LINES = 20


def teach_validity(
    config: ValidityConfig, vae: VAE, data: PreparedData, judge: Judge, seed: int, say: Callable[[str], None] = print
) -> float:
    """Raise the share of valid strings among samples of the prior, by policy gradient (Williams, 1992).

    A reconstruction loss only asks what the decoder writes where training molecules lie; points of the prior
    lie in between. Each step draws such points, lets the decoder write at temperature 1, and makes what was valid
    likelier and what was not unlikelier, beside the reconstruction loss of a batch of molecules. The encoder, the
    prior and the head stay as they are.

    Args:
        config: how long and how fast.
        vae: trained, with the prior that samples are to come from; its decoder is changed in place.
        data: the table it was trained on.
        judge: tells which of the written strings are valid.
        seed: of everything drawn.
        say: how to tell about progress.

    Returns:
        The share of valid samples over the last tenth of the steps.
    """
    chance = torch.Generator().manual_seed(seed)
    batches = LengthBuckets(data, data.rows("train"), config.batch_size, seed, pad_to_cap=False)
    stream = iter(batches)
    decoder = vae.get_submodule("decoder").train().requires_grad_(True)
    adam = torch.optim.AdamW(decoder.parameters(), lr=config.learning_rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: share_of_rate(step, config.steps))
    shares: list[float] = []
    for step in range(config.steps):
        batch = next(stream, None)
        if batch is None:
            stream = iter(batches)
            batch = next(stream)
        with torch.no_grad():
            z = vae.encoder(batch.x).sample(chance)[0]
            points = vae.prior.sample(config.samples, chance)
            ids = vae.decoder.sample(points, 1.0, chance)
            valid = judge(ids)
        ids = ids[:, : int((ids != PAD).sum(dim=1).max())]
        reward = advantage(valid)
        loss = vae.decoder.nll(z, batch.x, chance).mean()
        loss = loss + config.weight * (reward * vae.decoder.nll(points, ids, chance)).mean()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(decoder.parameters(), CLIP)
        adam.step()
        schedule.step()
        shares.append(float(valid.float().mean()))
        if (step + 1) % max(1, config.steps // LINES) == 0:
            say(f"validity: step {step + 1}/{config.steps}, {np.mean(shares[-max(1, config.steps // LINES) :]):.1%}")
    decoder.eval().requires_grad_(False)
    return float(np.mean(shares[-max(1, config.steps // 10) :]))


def advantage(valid: Bool[Tensor, " batch"]) -> Float[Tensor, " batch"]:
    """Return each row's verdict less the mean of the others' (leave one out), which keeps the gradient unbiased."""
    n = len(valid)
    verdict = valid.float()
    return (verdict - verdict.mean()) * n / max(n - 1, 1)


def share_of_rate(step: int, steps: int) -> float:
    """Return the share of the full learning rate: a warm-up, a plateau, a linear fall over the second half."""
    left = (steps - step) / (steps * (1.0 - FALL_FROM))
    return min(1.0, (step + 1) / WARM_UP) * max(FLOOR, min(1.0, left))
