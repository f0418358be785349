"""ConvEncoder: token ids to a posterior over z by strided 1-D convolutions."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from chemvae.nn.parts import PAD
from chemvae.nn.posterior import DiagonalGaussian

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
LOG_VAR_RANGE = (-12.0, 4.0)  # keeps exp() finite; sigma between .0025 and 7.4


class ConvEncoder(nn.Module):
    """Convolve along the string, keep where things stood (flatten), end in a Gaussian over z.

    Padding never leaks: features beyond the end of a string are zero after every layer, so a molecule's
    posterior does not depend on the batch it came in.
    """

    def __init__(
        self,
        vocab: int,
        length: int,
        latent: int,
        *,
        embed: int,
        channels: Sequence[int],
        kernels: Sequence[int],
        strides: Sequence[int],
        hidden: Sequence[int],
        activation: str = "gelu",
        batch_norm: bool = False,
        dropout: float = 0.0,
    ):
        """Build the layers.

        Args:
            vocab: number of token ids, the four special ones included.
            length: longest string in tokens, the end mark included.
            latent: dimensions of z.
            embed: width of a token's embedding; 0 feeds one-hot vectors, as the 2018 model did.
            channels: output channels of each convolution.
            kernels: odd width of each convolution's kernel.
            strides: stride of each convolution.
            hidden: widths of the dense layers between the convolutions and z.
            activation: one of `tanh`, `relu`, `gelu`.
            batch_norm: normalise after each convolution and dense layer.
            dropout: share of dense features dropped in training.
        """
        super().__init__()
        self.vocab, self.one_hot = vocab, embed == 0
        self.embed = nn.Identity() if self.one_hot else nn.Embedding(vocab, embed, padding_idx=PAD)
        widths = [embed or vocab, *channels]
        self.convs = nn.ModuleList(
            nn.Conv1d(a, b, k, stride=s, padding=k // 2)
            for a, b, k, s in zip(widths, channels, kernels, strides, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(c) if batch_norm else nn.Identity() for c in channels)
        self.strides = tuple(strides)
        self.act = ACTIVATIONS[activation]()
        self.positions = length
        for stride in strides:
            self.positions = -(-self.positions // stride)
        self.flat = nn.Linear(channels[-1] * self.positions, hidden[0])
        dense: list[nn.Module] = []
        for a, b in zip(hidden, [*hidden[1:], None], strict=True):
            dense += [nn.BatchNorm1d(a)] * batch_norm + [ACTIVATIONS[activation](), nn.Dropout(dropout)]
            dense += [nn.Linear(a, b)] if b else []
        self.dense = nn.Sequential(*dense)
        self.to_posterior = nn.Linear(hidden[-1], 2 * latent)

    def forward(self, x: Int[Tensor, "batch length"]) -> DiagonalGaussian:
        """Return q(z|x) for ids padded at the right."""
        mask = x != PAD  # batch x length
        features = nn.functional.one_hot(x, self.vocab).float() * mask[..., None] if self.one_hot else self.embed(x)
        features = features.mT  # batch x embed x length
        for conv, norm, stride in zip(self.convs, self.norms, self.strides, strict=True):
            mask = mask[:, ::stride]
            features = self.act(norm(conv(features))) * mask[:, None, :]  # batch x channels x shorter
        mean, log_var = self.to_posterior(self.dense(self._flatten(features))).chunk(2, dim=-1)
        return DiagonalGaussian(mean, log_var.clamp(*LOG_VAR_RANGE))

    def _flatten(self, features: Float[Tensor, "batch channels positions"]) -> Float[Tensor, "batch hidden"]:
        """Apply the first dense layer to the positions that exist; the missing ones are zero and cost nothing."""
        here = features.shape[-1]
        weight = self.flat.weight.view(self.flat.out_features, -1, self.positions)[:, :, :here]
        return torch.einsum("bcp,hcp->bh", features, weight) + self.flat.bias


def lengths_of(x: Int[Tensor, "batch length"]) -> Int[Tensor, " batch"]:
    """Count the tokens of each row before its padding."""
    return is_token(x).sum(dim=1)


def is_token(x: Int[Tensor, "batch length"]) -> Bool[Tensor, "batch length"]:
    """Tell tokens from padding."""
    return x != PAD
