"""ConvEncoder: token ids to a posterior over z by strided 1-D convolutions."""

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from chemvae.config import EncoderConfig
from chemvae.nn.parts import PAD
from chemvae.nn.posterior import DiagonalGaussian

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
LOG_VAR_RANGE = (-12.0, 4.0)  # keeps exp() finite; sigma between .0025 and 7.4


class ConvEncoder(nn.Module):
    """Convolve along the string, keep where things stood (flatten), end in a Gaussian over z.

    Padding never leaks: features beyond the end of a string are zero after every layer, so a molecule's
    posterior does not depend on the batch it came in.
    """

    def __init__(self, vocab: int, length: int, latent: int, settings: EncoderConfig):
        """Build the layers.

        Args:
            vocab: number of token ids, the four special ones included.
            length: longest string in tokens, the end mark included.
            latent: dimensions of z.
            settings: widths, kernels, strides and the rest.
        """
        super().__init__()
        self.vocab, self.one_hot = vocab, settings.embed == 0
        self.embed = nn.Identity() if self.one_hot else nn.Embedding(vocab, settings.embed, padding_idx=PAD)
        channels, self.strides = settings.channels, settings.strides
        self.convs = nn.ModuleList(
            nn.Conv1d(a, b, kernel, stride=stride, padding=kernel // 2)
            for a, b, kernel, stride in zip(
                [settings.embed or vocab, *channels[:-1]], channels, settings.kernels, self.strides, strict=True
            )
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(c) if settings.batch_norm else nn.Identity() for c in channels)
        self.act = ACTIVATIONS[settings.activation]()
        self.positions = length
        for stride in self.strides:
            self.positions = -(-self.positions // stride)
        widths = settings.hidden
        self.flat = nn.Linear(channels[-1] * self.positions, widths[0])
        self.pooled = nn.Linear(channels[-1], widths[0], bias=False) if settings.pool else None
        self.dense = nn.Sequential(*(layer for i in range(len(widths)) for layer in self._dense(i, settings)))
        self.to_posterior = nn.Linear(widths[-1], 2 * latent)

    @staticmethod
    def _dense(i: int, settings: EncoderConfig) -> list[nn.Module]:
        width = settings.hidden[i]
        first: list[nn.Module] = [nn.Linear(settings.hidden[i - 1], width)] if i > 0 else []
        norm: list[nn.Module] = [nn.BatchNorm1d(width)] if settings.batch_norm else []
        return [*first, *norm, ACTIVATIONS[settings.activation](), nn.Dropout(settings.dropout)]

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
        hidden = nn.functional.linear(features.flatten(1), weight.flatten(1), self.flat.bias)
        return hidden if self.pooled is None else hidden + self.pooled(features.sum(dim=-1))


def lengths_of(x: Int[Tensor, "batch length"]) -> Int[Tensor, " batch"]:
    """Count the tokens of each row before its padding."""
    return is_token(x).sum(dim=1)


def is_token(x: Int[Tensor, "batch length"]) -> Bool[Tensor, "batch length"]:
    """Tell tokens from padding."""
    return x != PAD
