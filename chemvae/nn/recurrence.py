"""Step: one step of a GRU over a batch of strings that are being written, with all hoisted out that no step changes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chemvae.nn.parts import BOS, PAD, UNK
from chemvae.nn.products import FloatProducts, Int8Products

NEVER = (PAD, BOS, UNK)
"""Ids that no string holds, so that none is ever written."""

PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class Step:
    """Feeds the last token of each row and returns the logits of the next; rows can leave, or be taken twice.

    A token's share of the first layer's gates is a row of a table, the share of z a product made before the first
    step where it is the same at every place. What is left is one product per layer and state.
    """

    def __init__(
        self,
        gru: nn.GRU,
        embed: Float[Tensor, "vocab embed"],
        to_logits: nn.Linear,
        start: Float[Tensor, "layers batch width"],
        memory: Float[Tensor, "batch positions memory"] | None = None,
        *,
        int8: bool = False,
    ):
        """Make the table, the shares of z and the products.

        Args:
            gru: the layers; their input is a token's embedding and, beside it, the memory.
            embed: of every token.
            to_logits: from the last layer's state.
            start: first state of every layer.
            memory: what is fed beside the token at each place; with one position, the same at every place.
            int8: multiply in whole numbers of eight bits; only on a CPU.
        """
        batch, split = start.shape[1], embed.shape[1]
        self.products: FloatProducts | Int8Products = FloatProducts(batch)
        if int8 and start.device.type == "cpu":
            self.products = Int8Products(max(1.0, float(start.abs().max())))
        cells = [[getattr(gru, f"{part}_l{n}").detach() for part in PARTS] for n in range(gru.num_layers)]
        self.into = [self.products.of(w_in, b_in) for w_in, _, b_in, _ in cells[1:]]
        self.kept = [self.products.of(w_state, b_state) for _, w_state, _, b_state in cells]
        weight, bias = cells[0][0], cells[0][2]
        self.table = torch.addmm(bias, embed.detach(), weight[:, :split].T)  # vocab x 3 width
        self.memory_weight = weight[:, split:].T
        self.same = memory is not None and memory.shape[1] == 1
        if memory is not None:
            memory = memory[:, 0] @ self.memory_weight if self.same else memory.transpose(0, 1).contiguous()
        self.memory = memory  # batch x 3 width, or positions x batch x memory: a step reads one block
        self.rows = torch.arange(batch, device=start.device)
        self.state = list(start.unbind(0))
        self.seen = [self.products.see(state) for state in self.state]
        barred = torch.zeros_like(to_logits.bias)
        barred[list(NEVER)] = -torch.inf
        self.to_logits = to_logits.weight.detach().T, to_logits.bias.detach() + barred

    def __call__(self, token: Int[Tensor, " batch"], at: int) -> Float[Tensor, "batch vocab"]:
        """Feed the last token of each row, move the state on, return the logits of the next."""
        gates = self.table[token]
        if self.memory is not None and self.same:
            gates += self.memory
        elif self.memory is not None:
            gates = torch.addmm(gates, self.memory[min(at, len(self.memory) - 1)][self.rows], self.memory_weight)
        for n, kept in enumerate(self.kept):
            if n > 0:
                gates = self.into[n - 1](self.seen[n - 1])
            self.state[n] = gru_cell(gates, kept(self.seen[n]), self.state[n])
            self.seen[n] = self.products.see(self.state[n])
        weight, bias = self.to_logits
        return torch.addmm(bias, self.state[-1], weight)

    def keep(self, rows: Int[Tensor, " rows"]) -> None:
        """Keep only these rows of the batch, in this order; a row may be taken twice."""
        self.rows = self.rows[rows]
        self.state = [state[rows] for state in self.state]
        self.seen = [self.products.see(state) for state in self.state]
        if self.memory is not None and self.same:
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
