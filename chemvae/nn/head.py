"""PropertyHead: z to properties, several at once, missing labels masked, targets standardised."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.config import HeadConfig
from chemvae.nn.encoder import ACTIVATIONS

LEAST_LOG_NOISE = -4.0  # .018 standard deviations: keeps one property from drowning the rest


class PropertyHead(nn.Module):
    """Predict properties from z: numbers on a standardised scale, yes/no labels as a logit.

    The scale (mean and standard deviation of the training labels) belongs to the head, so that a saved model
    answers in the units of its table.
    """

    mean: Tensor
    std: Tensor
    binary: Tensor

    def __init__(self, latent: int, names: Sequence[str], binary: Sequence[bool], settings: HeadConfig):
        """Build the layers.

        Args:
            latent: dimensions of z.
            names: one name per property.
            binary: whether each property is a yes/no label.
            settings: widths, dropout, weighing.
        """
        super().__init__()
        self.names, widths = tuple(names), [latent, *settings.hidden]
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layers += [nn.Linear(a, b), ACTIVATIONS[settings.activation](), nn.Dropout(settings.dropout)]
        self.net = nn.Sequential(*layers, nn.Linear(widths[-1], len(self.names)))
        noise = torch.zeros(len(self.names))  # logarithm of the noise, in standard deviations of the label
        self.log_noise = nn.Parameter(noise, requires_grad=settings.learn_noise)
        self.register_buffer("mean", torch.zeros(len(self.names)))
        self.register_buffer("std", torch.ones(len(self.names)))
        self.register_buffer("binary", torch.tensor(list(binary), dtype=torch.bool))

    def set_scale(self, mean: Float[Tensor, " props"], std: Float[Tensor, " props"]) -> None:
        """Store the mean and standard deviation of the training labels; yes/no labels keep 0 and 1."""
        self.mean.copy_(torch.where(self.binary, 0.0, mean))
        self.std.copy_(torch.where(self.binary, 1.0, std))

    def forward(self, z: Float[Tensor, "*any latent"]) -> Float[Tensor, "*any props"]:
        """Return properties in their own units; the probability of yes for a yes/no label."""
        raw = self.net(z)
        return torch.where(self.binary, raw.sigmoid(), raw * self.std + self.mean)

    def loss(self, z: Float[Tensor, "batch latent"], y: Float[Tensor, "batch props"]) -> Float[Tensor, " batch"]:
        """Return -log p(y|z) of each molecule in nats, summed over the labels it has; NaN marks a missing label.

        Numbers are Gaussian around the prediction with a noise that is learned, so a property that can be
        predicted well weighs more as it is (Kendall et al., 2018); yes/no labels are Bernoulli.
        """
        raw = self.net(z)
        known = ~y.isnan()
        target = torch.where(known, (y - self.mean) / self.std, 0.0)
        log_noise = self.log_noise.clamp(min=LEAST_LOG_NOISE)
        squared = 0.5 * ((raw - target) * (-log_noise).exp()).square() + log_noise
        crossed = F.binary_cross_entropy_with_logits(raw, target, reduction="none")
        return (torch.where(self.binary, crossed, squared) * known).sum(dim=-1)
