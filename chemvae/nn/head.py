"""PropertyHead: z to properties, several at once, missing labels masked, targets standardised."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.encoder import ACTIVATIONS


class PropertyHead(nn.Module):
    """Predict properties from z: numbers on a standardised scale, yes/no labels as a logit.

    The scale (mean and standard deviation of the training labels) belongs to the head, so that a saved model
    answers in the units of its table.
    """

    mean: Tensor
    std: Tensor
    binary: Tensor

    def __init__(
        self,
        latent: int,
        names: Sequence[str],
        binary: Sequence[bool],
        *,
        hidden: Sequence[int] = (256, 256),
        activation: str = "gelu",
        dropout: float = 0.0,
    ):
        """Build the layers.

        Args:
            latent: dimensions of z.
            names: one name per property.
            binary: whether each property is a yes/no label.
            hidden: widths of the layers.
            activation: one of `tanh`, `relu`, `gelu`.
            dropout: share of features dropped in training.
        """
        super().__init__()
        self.names = tuple(names)
        layers: list[nn.Module] = []
        for a, b in zip([latent, *hidden], hidden, strict=False):
            layers += [nn.Linear(a, b), ACTIVATIONS[activation](), nn.Dropout(dropout)]
        self.net = nn.Sequential(*layers, nn.Linear([latent, *hidden][-1], len(self.names)))
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
        """Return the loss of each molecule, summed over the labels it has; a missing label is NaN in `y`.

        Half the squared error in standard deviations for numbers, cross-entropy for yes/no labels: both are
        nats, so one weight fits all.
        """
        raw = self.net(z)
        known = ~y.isnan()
        target = torch.where(known, (y - self.mean) / self.std, 0.0)
        squared = 0.5 * (raw - target).square()
        crossed = F.binary_cross_entropy_with_logits(raw, target, reduction="none")
        return (torch.where(self.binary, crossed, squared) * known).sum(dim=-1)
