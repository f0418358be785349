"""Schedules: how beta and the learning rate move with the epoch; pure functions, so a resume needs no state."""

import math

from chemvae.config import ObjectiveConfig, TrainConfig

FLOOR = 0.02
"""The learning rate at the end of training, as a share of the full one."""


def beta_at(config: ObjectiveConfig, epoch: float) -> float:
    """Return the weight of the KL at a (fractional) epoch."""
    if config.schedule == "constant":
        return config.beta
    if config.schedule == "sigmoid":  # the 2018 model's, which moved once an epoch
        return config.beta / (1.0 + math.exp(-config.rise * (epoch - config.start)))
    if config.relax_at is not None and epoch >= config.relax_at:
        return config.relaxed_beta
    return config.beta * min(max((epoch - config.start) / config.rise, 0.0), 1.0)


def blurred_at(config: ObjectiveConfig, epoch: float) -> float:
    """Return the share of blurred points at a (fractional) epoch."""
    over = config.blur_until is not None and epoch >= config.blur_until
    return config.blurred if epoch >= config.blur_from and not over else 0.0


def learning_rate_at(config: TrainConfig, step: int, epoch: float) -> float:
    """Return the share of the full learning rate: a linear warm-up, a plateau, a linear fall at the end."""
    warm = min(1.0, (step + 1) / max(config.warmup_steps, 1))
    left = config.epochs - epoch
    fall = min(1.0, left / config.decay_epochs) if config.decay_epochs > 0 else 1.0
    return warm * max(FLOOR, fall)
