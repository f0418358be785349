"""teach_validity: a judge's verdict on what the decoder writes at points of the prior becomes a gradient of it."""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from chemvae.config import ValidityConfig
from chemvae.io.prepared import PreparedData
from chemvae.nn.parts import PAD, StringDecoder
from chemvae.nn.vae import VAE, blur
from chemvae.training.batches import Batch, LengthBuckets

Judge = Callable[[Int[Tensor, "batch length"]], Bool[Tensor, " batch"]]
"""Tells which rows of ids are valid strings."""

CLIP = 20.0
FALL_FROM = 0.5  # share of the steps after which the learning rate falls
FLOOR = 0.02
WARM_UP = 50
LINES = 20


@dataclass(frozen=True)
class Taught:
    """What samples of the prior came to."""

    valid: float
    """share of valid strings"""
    different: float
    """share of different ones among the valid strings of a step; far below 1 it writes the same few everywhere"""

    def __str__(self) -> str:
        return f"{self.valid:.1%} valid, {self.different:.1%} of them different"


def teach_validity(
    config: ValidityConfig, vae: VAE, data: PreparedData, judge: Judge, seed: int, say: Callable[[str], None] = print
) -> Taught:
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
        Shares over the last tenth of the steps: of valid samples, and of different ones among those of a step.
    """
    lesson = Lesson(config, vae, copy.deepcopy(vae.decoder), judge, torch.Generator().manual_seed(seed))
    decoder = vae.get_submodule("decoder").train().requires_grad_(True)
    adam = torch.optim.AdamW(decoder.parameters(), lr=config.learning_rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: share_of_rate(step, config.steps))
    batches = LengthBuckets(data, data.rows("train"), config.batch_size, seed, pad_to_cap=False)
    line = max(1, config.steps // LINES)
    seen: list[Taught] = []
    for step, batch in zip(range(1, config.steps + 1), endless(batches), strict=False):
        loss, came = lesson.loss(batch)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(decoder.parameters(), CLIP)
        adam.step()
        schedule.step()
        seen.append(came)
        if step % line == 0:
            say(f"validity: step {step}/{config.steps}, {mean_of(seen[-line:])}")
    decoder.eval().requires_grad_(False)
    return mean_of(seen[-max(1, config.steps // 10) :])


@dataclass(frozen=True)
class Lesson:
    """One step after the other: what is written at points of the prior, what it earns, and the loss that follows."""

    config: ValidityConfig
    vae: VAE
    before: StringDecoder
    """the decoder as it was"""
    judge: Judge
    chance: torch.Generator

    def loss(self, batch: Batch) -> tuple[Float[Tensor, ""], Taught]:
        """Return the loss of a step and what the samples came to."""
        decoder, config = self.vae.decoder, self.config
        with torch.no_grad():
            z = blur(self.vae.encoder(batch.x).sample(self.chance)[0], config.blurred, self.chance)
            points = self.vae.prior.sample(config.samples, self.chance)
            ids = decoder.sample(points, 1.0, self.chance)
            valid = self.judge(ids)
            ids = ids[:, : int((ids != PAD).sum(dim=1).max())]
            nll_before = self.before.nll(points, ids)
        nll = decoder.nll(points, ids, self.chance)
        earned = valid.float() - config.leash * (nll_before - nll.detach())
        loss = decoder.nll(z, batch.x, self.chance).mean() + config.weight * (advantage(earned) * nll).mean()
        return loss, Taught(float(valid.float().mean()), different(ids[valid]))


def endless(batches: LengthBuckets) -> Iterator[Batch]:
    """Yield the batches of one epoch after the other."""
    while True:
        yield from batches


def mean_of(seen: Sequence[Taught]) -> Taught:
    """Return the means of some steps; one without a valid string has no share of different ones."""
    apart = [came.different for came in seen if not math.isnan(came.different)]
    return Taught(sum(came.valid for came in seen) / len(seen), sum(apart) / len(apart) if apart else math.nan)


def different(ids: Int[Tensor, "valid length"]) -> float:
    """Return the share of different rows, NaN of none."""
    return len(ids.unique(dim=0)) / len(ids) if len(ids) else math.nan


def advantage(earned: Float[Tensor, " batch"]) -> Float[Tensor, " batch"]:
    """Return what each row earned less the mean of the others (leave one out), which keeps the gradient unbiased."""
    n = len(earned)
    return (earned - earned.mean()) * n / max(n - 1, 1)


def share_of_rate(step: int, steps: int) -> float:
    """Return the share of the full learning rate: a warm-up, a plateau, a linear fall over the second half."""
    left = (steps - step) / (steps * (1.0 - FALL_FROM))
    return min(1.0, (step + 1) / WARM_UP) * max(FLOOR, min(1.0, left))
