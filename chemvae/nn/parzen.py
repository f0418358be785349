"""Parzen windows: the log-density that samples of a generator without a likelihood give to images."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.posterior import LOG_2PI

CHUNK = 500
WIDTHS = tuple(10 ** (-1 + at / 9) for at in range(10))
"""Standard deviations to choose from, .1 to 1."""


def parzen_log_density(
    x: Float[Tensor, "n pixels"], centres: Float[Tensor, "m pixels"], widths: Float[Tensor, " w"]
) -> Float[Tensor, "n w"]:
    """Return the log-density of each point under Gaussians of some widths around all centres, in nats."""
    m, pixels = centres.shape
    found = []
    for part in x.split(CHUNK):
        squares = torch.cdist(part.double(), centres.double()).square()
        found.append(torch.stack([(-0.5 * squares / width**2).logsumexp(dim=1) for width in widths], dim=1))
    return torch.cat(found) - math.log(m) - pixels * (widths.double().log() + 0.5 * LOG_2PI)


def parzen(
    test: Float[Tensor, "n pixels"], valid: Float[Tensor, "k pixels"], made: Float[Tensor, "m pixels"]
) -> tuple[Float[Tensor, " n"], float]:
    """Return the log-density of each test image, and the width that validation images liked best.

    This is the protocol of Goodfellow et al. (2014): it flatters a generator that repeats training images, and
    depends on how many images were made.
    """
    widths = torch.tensor(WIDTHS)
    best = int(parzen_log_density(valid, made, widths).mean(dim=0).argmax())
    return parzen_log_density(test, made, widths[best : best + 1])[:, 0], WIDTHS[best]
