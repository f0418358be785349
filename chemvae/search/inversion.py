"""inverted: the point from which a molecule is really decoded, where its encoding alone does not lead back to it."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from chemvae.search.space import Space

MOST = 10  # molecules that are inverted at a time, the first ones
RATE = 0.05
EVERY = 10  # steps between two looks at what is decoded
SHELL = 1e-3  # weight of the mean square of z, which keeps a point where the prior has points


def inverted(smiles: Sequence[str], space: Space, *, steps: int = 100) -> Float[ndarray, "n latent"]:
    """Return a point for each molecule from which a greedy decode gives it back, as far as one is found.

    The search is for the z at which the decoder is least surprised by the molecule, and begins where it is encoded
    (Deshwal and Doppa, 2021; Chu et al., 2024). What counts is the greedy decode and not the surprise: with the true
    tokens before it shown, an early error would stay hidden. A molecule for which nothing better is found keeps the
    point where it is encoded.
    """
    z = space.read(list(smiles))
    lost = unwritten(z, smiles, space)[:MOST]
    if space.surprise is None or not steps or not lost:
        return z
    texts = [smiles[row] for row in lost]
    at = torch.as_tensor(z[lost], dtype=torch.float32).requires_grad_()
    adam = torch.optim.Adam([at], lr=RATE)
    z, waiting = z.copy(), set(range(len(lost)))
    for step in range(1, steps + 1):
        loss = space.surprise(at, texts) + SHELL * at.square().mean(dim=1)
        at.grad = torch.autograd.grad(loss.sum(), at)[0].nan_to_num()
        adam.step()
        if step % EVERY == 0 or step == steps:
            points = at.detach().numpy().astype(np.float64)
            found = waiting - set(unwritten(points, texts, space))
            for row in found:
                z[lost[row]] = points[row]
            waiting -= found
        if not waiting:
            break
    return z


def unwritten(z: Float[ndarray, "n latent"], smiles: Sequence[str], space: Space) -> list[int]:
    """Return the rows of points, those that exist, that decode to something else than their molecule."""
    rows = np.flatnonzero(np.isfinite(z).all(axis=1)).tolist()
    written = space.write(z[rows]) if rows else []
    return [row for row, one in zip(rows, written, strict=True) if one.smiles != smiles[row]]
