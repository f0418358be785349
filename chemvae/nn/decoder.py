"""GRUDecoder: a point z to a string of tokens, teacher-forced in training, token by token after."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.parts import BOS, PAD, UNK

Injection = Literal["initial", "every-step", "positional"]


class GRUDecoder(nn.Module):
    """Write a string one token at a time, each from the tokens before it and from z.

    How z reaches the recurrence is `injection`: `initial` sets the first hidden state only; `every-step` also
    feeds z beside every token; `positional` feeds what a small network makes of z for that position, which lets
    the recurrence copy instead of count (after the hybrid decoder of Semeniuta et al., 2017).
    """

    def __init__(
        self,
        vocab: int,
        length: int,
        latent: int,
        *,
        embed: int,
        width: int,
        layers: int,
        injection: Injection = "every-step",
        memory: int = 48,
        hidden: int = 512,
        dropout: float = 0.0,
        word_dropout: float = 0.0,
    ):
        """Build the layers.

        Args:
            vocab: number of token ids, the four special ones included.
            length: longest string in tokens, the end mark included; decoding stops there.
            latent: dimensions of z.
            embed: width of a token's embedding.
            width: units of each GRU layer.
            layers: number of GRU layers.
            injection: how z reaches the recurrence.
            memory: width of what `positional` feeds at each position.
            hidden: width of the network that makes it.
            dropout: between GRU layers.
            word_dropout: share of the fed-back tokens hidden in training, so that z has to be used.
        """
        super().__init__()
        self.vocab, self.length, self.latent = vocab, length, latent
        self.width, self.layers, self.injection, self.word_dropout = width, layers, injection, word_dropout
        self.embed = nn.Embedding(vocab, embed)
        self.to_state = nn.Linear(latent, layers * width)
        self.memory = {"initial": 0, "every-step": latent, "positional": memory}[injection]
        if injection == "positional":
            self.to_memory = nn.Sequential(nn.Linear(latent, hidden), nn.GELU(), nn.Linear(hidden, length * memory))
        self.gru = nn.GRU(embed + self.memory, width, layers, batch_first=True, dropout=dropout)
        self.to_logits = nn.Linear(width, vocab)

    def nll(
        self, z: Float[Tensor, "batch latent"], x: Int[Tensor, "batch length"], generator: torch.Generator | None = None
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over the tokens and the end mark of each string."""
        logits = self.logits(z, x, generator)  # batch x length x vocab
        return F.cross_entropy(logits.mT, x, ignore_index=PAD, reduction="none").sum(dim=1)

    def logits(
        self, z: Float[Tensor, "batch latent"], x: Int[Tensor, "batch length"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch length vocab"]:
        """Return what the decoder expects at each place when it is shown the true tokens before it."""
        fed = torch.cat([torch.full_like(x[:, :1], BOS), x[:, :-1]], dim=1)
        if self.training and self.word_dropout > 0:
            chance = torch.rand(fed.shape, generator=generator, device=fed.device)
            fed = torch.where((chance < self.word_dropout) & (fed > UNK), UNK, fed)
        parts = [self.embed(fed)]
        if self.memory:
            parts.append(self.read(z, x.shape[1]))
        states, _ = self.gru(torch.cat(parts, dim=-1), self.start(z))
        return self.to_logits(states)

    def start(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, "layers batch width"]:
        """Return the first hidden state of each layer."""
        return self.to_state(z).tanh().view(-1, self.layers, self.width).transpose(0, 1).contiguous()

    def read(self, z: Float[Tensor, "batch latent"], length: int) -> Float[Tensor, "batch length memory"]:
        """Return what z says at each of the first `length` positions."""
        if self.injection == "every-step":
            return z[:, None, :].expand(-1, length, -1)
        first, act, last = self.to_memory  # only the positions asked for are computed
        size = length * self.memory
        return F.linear(act(first(z)), last.weight[:size], last.bias[:size]).view(-1, length, self.memory)
