"""Likelihoods: what a decoder's numbers say about the pixels; each owns its parameters and its start."""

import math
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.posterior import LOG_2PI

EDGE = 0.01
"""A mean pixel this near to 0 or 1 is taken to be so far off, or a logit would be infinite."""
SHARP = 12.0  # of a distribution over levels, per unit of grey
LOG_SCALE_RANGE = (-5.0, 1.0)  # a standard deviation of .0067, half a step of a byte's grey at most, to 2.7


@runtime_checkable
class Likelihood(Protocol):
    """p(x | outputs of a network), independent over pixels."""

    channels: int
    """numbers that it takes per pixel"""

    def nll(self, outputs: Float[Tensor, "batch pixels channels"], x: Float[Tensor, "batch pixels"]) -> Tensor:
        """Return -log p(x) in nats, summed over pixels."""
        ...

    def mean(self, outputs: Float[Tensor, "batch pixels channels"]) -> Float[Tensor, "batch pixels"]:
        """Return the image that is expected."""
        ...

    def mode(self, outputs: Float[Tensor, "batch pixels channels"]) -> Float[Tensor, "batch pixels"]:
        """Return the likeliest image."""
        ...

    def sample(
        self, outputs: Float[Tensor, "batch pixels channels"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Draw an image."""
        ...

    def start(self, mean: Float[Tensor, " pixels"]) -> Float[Tensor, "pixels channels"]:
        """Return the outputs that say the mean image of the training set, for a network to begin at."""
        ...


class Bernoulli(nn.Module):
    """Each pixel is black or white; the outputs are logits."""

    channels = 1

    def nll(
        self, outputs: Float[Tensor, "batch pixels 1"], x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, " batch"]:
        """Return the cross-entropy, which is -log p(x) where pixels are 0 or 1."""
        return F.binary_cross_entropy_with_logits(outputs[..., 0], x, reduction="none").sum(dim=1)

    def mean(self, outputs: Float[Tensor, "batch pixels 1"]) -> Float[Tensor, "batch pixels"]:
        """Return the probability of white."""
        return outputs[..., 0].sigmoid()

    def mode(self, outputs: Float[Tensor, "batch pixels 1"]) -> Float[Tensor, "batch pixels"]:
        """Return black and white."""
        return (outputs[..., 0] > 0).to(outputs.dtype)

    def sample(
        self, outputs: Float[Tensor, "batch pixels 1"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Draw black and white."""
        return torch.bernoulli(self.mean(outputs), generator=generator)

    def start(self, mean: Float[Tensor, " pixels"]) -> Float[Tensor, "pixels 1"]:
        """Return the logits of the mean image."""
        return mean.clamp(EDGE, 1 - EDGE).logit()[:, None]


class Gaussian(nn.Module):
    """Grey values with Gaussian noise, whose scale is fixed, learned, or told by the network for each pixel."""

    def __init__(self, scale: float | str):
        """Store the scale: a number, `learned` or `pixel`."""
        super().__init__()
        self.channels, self.fixed = 2 if scale == "pixel" else 1, not isinstance(scale, str)
        log_scale = math.log(scale) if not isinstance(scale, str) else math.log(0.1)
        self.log_scale = nn.Parameter(torch.tensor(log_scale), requires_grad=scale == "learned")

    def _log_scale(self, outputs: Float[Tensor, "batch pixels channels"]) -> Tensor:
        told = outputs[..., 1] if self.channels > 1 else self.log_scale
        return told if self.fixed else told.clamp(*LOG_SCALE_RANGE)

    def nll(
        self, outputs: Float[Tensor, "batch pixels channels"], x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, " batch"]:
        """Return minus the log-density."""
        log_scale = self._log_scale(outputs)
        scaled = ((x - outputs[..., 0]) * (-log_scale).exp()).square()
        return (0.5 * (scaled + LOG_2PI) + log_scale).sum(dim=1)

    def mean(self, outputs: Float[Tensor, "batch pixels channels"]) -> Float[Tensor, "batch pixels"]:
        """Return the centre of each pixel's Gaussian."""
        return outputs[..., 0]

    mode = mean

    def sample(
        self, outputs: Float[Tensor, "batch pixels channels"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Draw grey values, which may lie outside of 0 and 1."""
        mean = self.mean(outputs)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        return mean + noise * self._log_scale(outputs).exp()

    def start(self, mean: Float[Tensor, " pixels"]) -> Float[Tensor, "pixels channels"]:
        """Return the mean image, and where the network tells the scale one tenth."""
        return torch.stack([mean, torch.full_like(mean, math.log(0.1))][: self.channels], dim=1)


class Categorical(nn.Module):
    """Each grey level is a class of its own; the outputs are their logits."""

    def __init__(self, levels: int):
        """Store how many levels there are between 0 and 1, both included."""
        super().__init__()
        self.channels = levels

    def nll(
        self, outputs: Float[Tensor, "batch pixels levels"], x: Float[Tensor, "batch pixels"]
    ) -> Float[Tensor, " batch"]:
        """Return -log p of the nearest level."""
        level = (x * (self.channels - 1)).round().long()
        return F.cross_entropy(outputs.mT, level, reduction="none").sum(dim=1)

    def mean(self, outputs: Float[Tensor, "batch pixels levels"]) -> Float[Tensor, "batch pixels"]:
        """Return the expected grey."""
        return outputs.softmax(dim=-1) @ torch.linspace(0, 1, self.channels, device=outputs.device)

    def mode(self, outputs: Float[Tensor, "batch pixels levels"]) -> Float[Tensor, "batch pixels"]:
        """Return the likeliest level of each pixel."""
        return outputs.argmax(dim=-1) / (self.channels - 1)

    def sample(
        self, outputs: Float[Tensor, "batch pixels levels"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Draw a level for each pixel."""
        flat = outputs.softmax(dim=-1).flatten(0, 1)
        drawn = torch.multinomial(flat, 1, generator=generator).view(outputs.shape[:2])
        return drawn / (self.channels - 1)

    def start(self, mean: Float[Tensor, " pixels"]) -> Float[Tensor, "pixels levels"]:
        """Return logits whose mode is the mean image."""
        levels = torch.linspace(0, 1, self.channels)
        return -SHARP * (levels - mean[:, None]).abs()
