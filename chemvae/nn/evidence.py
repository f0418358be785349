"""The evidence log p(x) by importance sampling: how many samples it took belongs to the figure."""

import math

import torch
from jaxtyping import Float, Num
from torch import Tensor

from chemvae.nn.model import LatentModel


@torch.no_grad()
def importance_nll(
    model: LatentModel,
    x: Num[Tensor, "batch places"],
    k: int,
    generator: torch.Generator,
    *,
    y: Float[Tensor, "batch classes"] | None = None,
    chunk: int = 50,
) -> Float[Tensor, " batch"]:
    """Return -log p(x) in nats as k samples from the posterior estimate it: an upper bound in expectation.

    Args:
        model: in evaluation mode.
        x: the inputs.
        k: samples per input; the estimate falls towards the truth as k grows, so figures of different k do not compare.
        generator: of the samples; the same state and chunk give the same figure.
        y: classes, for a model that is told them.
        chunk: samples at a time, which bounds the memory.
    """
    total = torch.full((len(x),), -torch.inf, device=x.device)
    for first in range(0, k, chunk):
        here = min(chunk, k - first)
        terms, _ = model(x, generator, here, y=y)
        total = torch.logaddexp(total, terms.log_mean_exp(terms.log_weight) + math.log(here / k))
    return -total
