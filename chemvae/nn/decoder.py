"""GRUDecoder: a point z to a string of tokens, teacher-forced in training, token by token after."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.config import DecoderConfig
from chemvae.nn.parts import BOS, PAD, UNK
from chemvae.nn.writing import write, write_beam

NEVER = (PAD, BOS, UNK)
"""Ids that no string holds, so that none is ever written."""

PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


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
        self, z: Float[Tensor, "batch latent"], temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> Int[Tensor, "batch length"]:
        """Write one string per point: greedy at temperature 0, else drawn from softmax(logits / temperature)."""
        return write(Step(self, z), torch.arange(len(z), device=z.device), self.length, temperature, generator)

    @torch.no_grad()
    def beam(self, z: Float[Tensor, "batch latent"], width: int) -> Int[Tensor, "batch length"]:
        """Write the likeliest string per point that a beam search of this width finds."""
        rows = torch.arange(len(z), device=z.device)
        return write_beam(Step(self, z.repeat_interleave(width, dim=0)), rows, self.length, width)


class Step:
    """One step of the recurrence with everything hoisted out of it that does not depend on the step.

    A token's share of the first layer's gates is a row of a table, the share of z a slice of one product made
    before the first step; what is left is one product per layer.
    """

    def __init__(self, decoder: GRUDecoder, z: Float[Tensor, "batch latent"]):
        """Make the table and the shares of z."""
        self.decoder, gru = decoder, decoder.gru
        self.cells = [[getattr(gru, f"{part}_l{n}") for part in PARTS] for n in range(gru.num_layers)]
        split = decoder.embed.embedding_dim
        weight, bias = self.cells[0][0], self.cells[0][2]
        self.token_gates = decoder.embed.weight @ weight[:, :split].T + bias  # vocab x 3 width
        self.memory, self.memory_weight = None, weight[:, split:].T
        if decoder.settings.injection == "every-step":
            self.memory = (z @ self.memory_weight)[:, None, :]  # batch x 1 x 3 width, the same at every step
        elif decoder.settings.injection == "positional":
            self.memory = decoder.read(z, decoder.length)  # batch x length x memory
        self.state = list(decoder.start(z).unbind(0))

    def __call__(self, token: Int[Tensor, " batch"], at: int) -> Float[Tensor, "batch vocab"]:
        """Feed the last token of each row, move the state on, return the logits of the next."""
        gates = self.token_gates[token]
        if self.decoder.settings.injection == "every-step" and self.memory is not None:
            gates = gates + self.memory[:, 0]
        elif self.memory is not None:
            gates = torch.addmm(gates, self.memory[:, at], self.memory_weight)
        for n, (w_in, w_state, b_in, b_state) in enumerate(self.cells):
            if n > 0:
                gates = torch.addmm(b_in, self.state[n - 1], w_in.T)
            kept = torch.addmm(b_state, self.state[n], w_state.T)
            self.state[n] = gru_cell(gates, kept, self.state[n])
        logits: Tensor = self.decoder.to_logits(self.state[-1])
        logits[:, list(NEVER)] = -torch.inf
        return logits

    def keep(self, rows: Int[Tensor, " rows"]) -> None:
        """Keep only these rows of the batch, in this order; a row may be taken twice."""
        self.state = [state[rows] for state in self.state]
        if self.memory is not None:
            self.memory = self.memory[rows]


def gru_cell(
    gates: Float[Tensor, "batch gates"], kept: Float[Tensor, "batch gates"], state: Float[Tensor, "batch width"]
) -> Float[Tensor, "batch width"]:
    """Return the next state of a GRU from the input's and the state's share of its gates (Cho et al., 2014)."""
    width = state.shape[1]
    both = (gates[:, : 2 * width] + kept[:, : 2 * width]).sigmoid_()
    reset, update = both[:, :width], both[:, width:]
    new = torch.addcmul(gates[:, 2 * width :], reset, kept[:, 2 * width :]).tanh_()
    return torch.lerp(new, state, update)
