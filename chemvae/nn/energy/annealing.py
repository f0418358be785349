"""The partition function of a pair of layers: by annealed importance sampling, and exactly where it is small."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.energy.rbm import Pair, drawn

MOST = 20
"""Hidden units whose states can all be listed."""
CHUNK = 4096


@dataclass(frozen=True)
class Annealed:
    """What the chains came to."""

    log_z: float
    """logarithm of the mean weight: of exp(log Z) an estimate without bias, so of log Z too low rather than too high"""
    error: float
    """its standard error, as the spread of the weights says"""
    particles: Float[Tensor, "chains visible"]
    """where the chains ended, near draws of the model"""


@torch.no_grad()
def annealed(
    pair: Pair, base: Float[Tensor, " visible"], chains: int, steps: int, generator: torch.Generator
) -> Annealed:
    """Estimate log Z by chains that go from independent units to the pair (Neal, 2001; Salakhutdinov and Murray, 2008).

    Args:
        pair: whose partition function.
        base: biases of the independent visible units that the chains begin at.
        chains: independent runs.
        steps: even steps of the inverse temperature, a Gibbs move at each.
        generator: of everything drawn.
    """
    v = drawn(base.sigmoid().expand(chains, -1), generator)
    log_weight = torch.zeros(chains, dtype=torch.float64)
    for step in range(1, steps + 1):
        before, now = (step - 1) / steps, step / steps
        inputs = v @ pair.weight + pair.c
        gain = (F.softplus(now * inputs) - F.softplus(before * inputs)).sum(dim=1)
        log_weight += (gain + (v @ (pair.b - base)) / steps).double()
        h = drawn((now * inputs).sigmoid(), generator)
        v = drawn(((1 - now) * base + now * (h @ pair.weight.mT + pair.b)).sigmoid(), generator)
    log_z0 = float(F.softplus(base.double()).sum()) + len(pair.c) * math.log(2)
    log_mean = float(log_weight.logsumexp(dim=0)) - math.log(chains)
    error = float((log_weight - log_mean).exp().std()) / chains**0.5 if chains > 1 else math.nan
    return Annealed(log_z0 + log_mean, error, v)


@torch.no_grad()
def exact_log_z(pair: Pair) -> float:
    """Sum over all states of the hidden units.

    Raises:
        ValueError: there are too many.
    """
    hidden = len(pair.c)
    if hidden > MOST:
        raise ValueError(f"Expected at most {MOST} hidden units to sum over, but got {hidden}. Use `annealed`.")
    total = torch.tensor(-torch.inf, dtype=torch.float64)
    weight, b, c = pair.weight.double(), pair.b.double(), pair.c.double()
    for states in torch.arange(2**hidden).split(CHUNK):
        h = ((states[:, None] >> torch.arange(hidden)) & 1).double()
        here = h @ c + F.softplus(h @ weight.mT + b).sum(dim=1)
        total = torch.logaddexp(total, here.logsumexp(dim=0))
    return float(total)
