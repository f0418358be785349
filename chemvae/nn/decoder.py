"""GRUDecoder: a point z to a string of tokens, teacher-forced in training, token by token after."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.config import DecoderConfig
from chemvae.nn.parts import BOS, PAD, UNK, Rules
from chemvae.nn.recurrence import Step
from chemvae.nn.writing import write, write_beam


class GRUDecoder(nn.Module):
    """Write a string one token at a time, each from the tokens before it and from z.

    How z reaches the recurrence is `settings.injection`: `initial` sets the first hidden state only; `every-step` also
    feeds z beside every token; `positional` feeds what a small network makes of z for that position, which lets
    the recurrence copy instead of count (after the hybrid decoder of Semeniuta et al., 2017).
    """

    def __init__(self, vocab: int, length: int, latent: int, settings: DecoderConfig):
        """Build the layers.

        Args:
            vocab: number of token ids, the four special ones included.
            length: longest string in tokens, the end mark included; decoding stops there.
            latent: dimensions of z.
            settings: widths, layers and how z is injected.
        """
        super().__init__()
        self.vocab, self.length, self.latent, self.settings = vocab, length, latent, settings
        width, layers = settings.width, settings.layers
        self.embed = nn.Embedding(vocab, settings.embed)
        self.to_state = nn.Linear(latent, layers * width)
        self.memory = {"initial": 0, "every-step": latent, "positional": settings.memory}[settings.injection]
        if settings.injection == "positional":
            self.to_memory = nn.Linear(latent, settings.hidden)
            self.from_memory = nn.Linear(settings.hidden, length * self.memory)
        self.gru = nn.GRU(settings.embed + self.memory, width, layers, batch_first=True, dropout=settings.dropout)
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
        if self.training and self.settings.word_dropout > 0:
            chance = torch.rand(fed.shape, generator=generator, device=fed.device)
            fed = torch.where((chance < self.settings.word_dropout) & (fed > UNK), UNK, fed)
        parts = [self.embed(fed)]
        if self.memory:
            parts.append(self.read(z, x.shape[1]))
        states, _ = self.gru(torch.cat(parts, dim=-1), self.start(z))
        return self.to_logits(states)

    def start(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, "layers batch width"]:
        """Return the first hidden state of each layer."""
        return self.to_state(z).tanh().view(-1, self.settings.layers, self.settings.width).transpose(0, 1).contiguous()

    def read(self, z: Float[Tensor, "batch latent"], length: int) -> Float[Tensor, "batch length memory"]:
        """Return what z says at each of the first `length` positions."""
        if self.settings.injection == "every-step":
            return z[:, None, :].expand(-1, length, -1)
        size = length * self.memory  # only the positions asked for are computed
        hidden = F.gelu(self.to_memory(z))
        return F.linear(hidden, self.from_memory.weight[:size], self.from_memory.bias[:size]).view(
            -1, length, self.memory
        )

    @torch.no_grad()
    def sample(
        self,
        z: Float[Tensor, "batch latent"],
        temperature: float = 0.0,
        generator: torch.Generator | None = None,
        *,
        rules: Rules | None = None,
        int8: bool = False,
    ) -> Int[Tensor, "batch length"]:
        """Write one string per point: greedy at temperature 0, else drawn from softmax(logits / temperature).

        Tokens that `rules` do not allow are left out, at each step before the choice. `int8` multiplies in whole
        numbers of eight bits where that is faster, which now and then changes a token.
        """
        rows = torch.arange(len(z), device=z.device)
        return write(self.step(z, int8=int8), rows, self.room(rules), temperature, generator, rules)

    @torch.no_grad()
    def beam(
        self, z: Float[Tensor, "batch latent"], width: int, rules: Rules | None = None
    ) -> Int[Tensor, "batch length"]:
        """Write the likeliest string per point that a beam search of this width finds."""
        rows = torch.arange(len(z), device=z.device)
        return write_beam(self.step(z.repeat_interleave(width, dim=0)), rows, self.room(rules), width, rules)

    def room(self, rules: Rules | None) -> int:
        """Return how many tokens a string may have; under rules, twice as many, within which it then does end."""
        return self.length if rules is None else 2 * self.length

    def step(self, z: Float[Tensor, "batch latent"], *, int8: bool = False) -> Step:
        """Return the recurrence that writes from these points."""
        memory = {"initial": 0, "every-step": 1, "positional": self.length}[self.settings.injection]
        beside = self.read(z, memory) if memory else None
        return Step(self.gru, self.embed.weight, self.to_logits, self.start(z), beside, int8=int8)
