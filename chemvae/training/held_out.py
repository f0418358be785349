"""Figures of strings that no training saw, in nats a string: reconstruction, KL, bound, likelihood by sampling."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from chemvae.io.prepared import PreparedData
from chemvae.nn.evidence import importance_nll
from chemvae.nn.parts import PAD
from chemvae.nn.vae import VAE
from chemvae.training.task import ACTIVE

BATCH = 64
SAMPLES = 10
"""Importance samples of the likelihood."""
DRAWS = 10  # at a time


@torch.no_grad()
def held_out(vae: VAE, data: PreparedData, split: str, seed: int, samples: int = SAMPLES) -> dict[str, float]:
    """Return the figures of a part of a table, each a mean over its strings; the end mark counts as a token.

    `reconstruction` and `kl` are the two terms of the bound `negative_elbo`, with one draw from each posterior;
    `nll` is by importance sampling; `perplexity` is of the nll, per token; `active_units` is a share.
    """
    chance, found = torch.Generator().manual_seed(seed), list[dict[str, Tensor]]()
    for x in batches(data, split):
        terms, _ = vae(x, chance)
        found.append(
            {
                "reconstruction": -terms.log_px.mean(dim=0),
                "kl": terms.kl_nats,
                "nll": importance_nll(vae, x, samples, chance, chunk=DRAWS),
                "tokens": (x != PAD).sum(dim=1).float(),
                "mean": vae.encoder(x).mean,
            }
        )
    every = {name: torch.cat([part[name] for part in found]) for name in found[0]}
    means = {name: float(every[name].double().mean()) for name in ("nll", "reconstruction", "kl", "tokens")}
    return {
        "nll": means["nll"],
        "negative_elbo": means["reconstruction"] + means["kl"],
        "reconstruction": means["reconstruction"],
        "kl": means["kl"],
        "perplexity": math.exp(means["nll"] / means["tokens"]),
        "active_units": float((every["mean"].var(dim=0, correction=0) > ACTIVE).float().mean()),
    }


def batches(data: PreparedData, split: str) -> Iterator[Tensor]:
    """Yield the strings of a part, sorted by length so that little is padded."""
    rows = data.rows(split)
    rows = rows[np.argsort(data.lengths[rows], kind="stable")]
    for chunk in np.array_split(rows, max(1, -(-len(rows) // BATCH))):
        yield torch.from_numpy(data.padded(chunk))
