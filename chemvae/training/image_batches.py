"""Batches of images, in an order and with a binarisation that seed, epoch and place decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.io.image_sets import Images, drawn

ORDER, DRAW = 0, 1
"""Two streams of chance that must not meet."""


@dataclass(frozen=True)
class ImageBatch:
    """Images on their way through a step."""

    x: Float[Tensor, "batch pixels"]
    """between 0 and 1"""
    y: Float[Tensor, "batch classes"] | None
    """the class, one-hot; None if nobody knows"""

    def to(self, device: torch.device) -> "ImageBatch":
        """Move to a device."""
        return ImageBatch(self.x.to(device), None if self.y is None else self.y.to(device))


class ImageBatches:
    """An epoch of batches, shuffled; the last one may be smaller.

    Order and binarisation are functions of seed, epoch and place, so `state_dict` is two numbers and a resumed run
    sees what it would have seen.
    """

    def __init__(
        self, images: Images, part: str, batch_size: int, seed: int, *, dynamic: bool = False, same_order: bool = False
    ):
        """Store what to draw from.

        Args:
            images: the set.
            part: train, valid or test.
            batch_size: images in a batch.
            seed: of the order and the binarisation.
            dynamic: make each image black and white anew each time it comes.
            same_order: one order for all epochs, that of the set.
        """
        self.x = images.parts[part]
        self.labels = None if images.labels is None else images.labels[part]
        self.classes, self.batch_size, self.seed = images.classes, batch_size, seed
        self.dynamic, self.same_order = dynamic, same_order
        self.epoch, self.position = 0, 0

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return -(-len(self.x) // self.batch_size)

    def order(self, epoch: int) -> Int[ndarray, " n"]:
        """Return the rows of an epoch in their order."""
        n = len(self.x)
        return np.arange(n) if self.same_order else np.random.default_rng((self.seed, epoch, ORDER)).permutation(n)

    def __iter__(self) -> Iterator[ImageBatch]:
        """Yield what is left of this epoch; with its last batch, stand at the beginning of the next."""
        epoch, order = self.epoch, self.order(self.epoch)
        last = len(self) - 1
        for at in range(self.position, len(self)):
            self.epoch, self.position = (epoch + 1, 0) if at == last else (epoch, at + 1)
            yield self.batch(order[at * self.batch_size : (at + 1) * self.batch_size], epoch, at)

    def batch(self, rows: Int[ndarray, " batch"], epoch: int, at: int) -> ImageBatch:
        """Return some rows as they are seen in an epoch."""
        x = self.x[rows]
        if self.dynamic:
            x = drawn(x, np.random.default_rng((self.seed, epoch, DRAW, at)))
        y = None
        if self.labels is not None:
            y = torch.nn.functional.one_hot(torch.from_numpy(self.labels[rows]), self.classes).float()
        return ImageBatch(torch.from_numpy(x), y)

    def begin(self, epoch: int) -> None:
        """Stand at the beginning of an epoch; if inside it already, stay there."""
        if self.epoch != epoch:
            self.epoch, self.position = epoch, 0

    def state_dict(self) -> dict[str, Any]:
        """Return where the drawing stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Stand where `state_dict` stood."""
        self.epoch, self.position = state["epoch"], state["position"]
