"""Batches of molecules of like length, in an order that seed and epoch decide and a resume can enter anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.io.prepared import PreparedData
from chemvae.training.ranks import Ranks, ranks

POOL = 64
"""Batches' worth of molecules that are sorted by length together: long enough to waste little, short enough to mix."""


@dataclass(frozen=True)
class Batch:
    """Molecules on their way through a training step."""

    x: Int[Tensor, "batch length"]
    """ids, each string ending with the end mark, padded at the right"""
    y: Float[Tensor, "batch props"]
    """labels, NaN where missing"""
    weight: float = 1.0
    """of its mean loss, so that the mean over all ranks is that of the whole batch; 0 if there was nothing to share"""

    def to(self, device: torch.device) -> "Batch":
        """Move to a device."""
        return Batch(self.x.to(device), self.y.to(device), self.weight)


class LengthBuckets:
    """An epoch of batches; molecules are shuffled, sorted by length within pools, and the batches shuffled again.

    Every molecule comes once an epoch, the last batch of a pool included. The order depends on seed and epoch
    alone, so `state_dict` is two numbers.
    """

    def __init__(
        self,
        data: PreparedData,
        rows: Int[ndarray, " rows"],
        batch_size: int,
        seed: int,
        *,
        pad_to_cap: bool,
        same_order: bool = False,
    ):
        """Store what to draw from.

        Args:
            data: the table.
            rows: which of its rows.
            batch_size: molecules in a batch.
            seed: of the order.
            pad_to_cap: pad to the longest of the whole table.
            same_order: begin every epoch like the first, so that its figures do not depend on when a run was resumed;
                every rank then sees all of it, and none a share.
        """
        self.data, self.rows, self.batch_size, self.seed, self.same_order = data, rows, batch_size, seed, same_order
        self.width = data.length if pad_to_cap else None
        self.epoch, self.position = 0, 0

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        full, rest = divmod(len(self.rows), self.batch_size * POOL)
        return full * POOL + -(-rest // self.batch_size)

    def order(self, epoch: int) -> list[Int[ndarray, " batch"]]:
        """Return the rows of each batch of an epoch."""
        rng = np.random.default_rng((self.seed, epoch))
        shuffled = rng.permutation(self.rows)
        batches: list[ndarray] = []
        for first in range(0, len(shuffled), self.batch_size * POOL):
            pool = shuffled[first : first + self.batch_size * POOL]
            pool = pool[np.argsort(self.data.lengths[pool], kind="stable")]
            batches += [pool[i : i + self.batch_size] for i in range(0, len(pool), self.batch_size)]
        return [batches[i] for i in rng.permutation(len(batches))]

    def __iter__(self) -> Iterator[Batch]:
        """Yield what is left of this epoch; with its last batch, stand at the beginning of the next."""
        batches = self.order(0 if self.same_order else self.epoch)
        while True:
            rows = batches[self.position]
            self.position += 1
            last = self.position == len(batches)
            if last:
                self.epoch, self.position = self.epoch + 1, 0
            rows, weight = (rows, 1.0) if self.same_order else share(rows, ranks())
            x, y = self.data.padded(rows, self.width), self.data.labels(rows)
            yield Batch(torch.from_numpy(x), torch.from_numpy(y), weight)
            if last:
                return

    def begin(self, epoch: int) -> None:
        """Stand at the beginning of an epoch; if inside it already, stay there."""
        if self.epoch != epoch:
            self.epoch, self.position = epoch, 0

    def state_dict(self) -> dict[str, Any]:
        """Return where the drawing stands."""
        return {"epoch": self.epoch, "position": self.position, "seed": self.seed}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Stand where `state_dict` stood."""
        self.epoch, self.position, self.seed = state["epoch"], state["position"], state["seed"]


def share(rows: Int[ndarray, " batch"], who: Ranks) -> tuple[Int[ndarray, " share"], float]:
    """Return which rows of a batch are this rank's, lengths dealt out evenly, and what their mean loss weighs."""
    own = rows[who.rank :: who.world]
    return (own, len(own) * who.world / len(rows)) if len(own) else (rows[:1], 0.0)
