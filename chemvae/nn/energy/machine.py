"""Machine: what an energy model of images promises to its training, to its figures and to its pictures."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Machine(nn.Module):
    """Binary units, the first layer of which is an image."""

    base: Tensor
    """biases of independent units to which the visible side is compared; not there without a partition function"""

    def loss(self, x: Float[Tensor, "batch pixels"], generator: torch.Generator, epoch: int) -> Float[Tensor, " batch"]:
        """Return a loss per image; its gradient is meant, its value need not mean anything."""
        raise NotImplementedError

    def recalled(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch pixels"]:
        """Return what comes back of an image, by probabilities."""
        raise NotImplementedError

    def normalised(self) -> tuple[nn.Module, Tensor] | None:
        """Return the pair of layers whose partition function is wanted and where to begin; None if there is none."""
        raise NotImplementedError

    def log_px(
        self, x: Float[Tensor, "batch pixels"], log_z: float, k: int, generator: torch.Generator
    ) -> dict[str, Float[Tensor, " batch"]]:
        """Return `nll` or `negative_bound` of each image, or both, in nats, from k samples where samples are needed."""
        raise NotImplementedError

    def shown(self, particles: Float[Tensor, "n units"], generator: torch.Generator) -> Float[Tensor, "n pixels"]:
        """Return the expected images of states of the normalised pair's visible side."""
        raise NotImplementedError

    def filters(self) -> Float[Tensor, "pixels hidden"]:
        """Return what each unit of the first hidden layer looks for."""
        raise NotImplementedError
