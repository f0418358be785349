"""The networks as graphs with plain tensors in and out, for programs that have ONNX and no torch."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.recurrence import NEVER, PARTS, gru_cell
from chemvae.nn.vae import VAE


class EncoderGraph(nn.Module):
    """Ids, padded to the longest string that the model takes, to mean and standard deviation of the posterior."""

    def __init__(self, vae: VAE):
        """Store the encoder."""
        super().__init__()
        self.encoder = vae.encoder

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Encode `batch x length`; `batch x latent` twice."""
        posterior = self.encoder(ids)
        return posterior.mean, posterior.std


class StartGraph(nn.Module):
    """Points to the state in which the decoder begins."""

    def __init__(self, decoder: GRUDecoder):
        """Store the decoder."""
        super().__init__()
        self.decoder = decoder

    def forward(self, z: Tensor) -> Tensor:
        """Return `layers x batch x width`."""
        return self.decoder.start(z)


class StepGraph(nn.Module):
    """Points, the token before, its place and the state to what the decoder expects next, and the next state."""

    barred: Tensor

    def __init__(self, decoder: GRUDecoder):
        """Store the decoder, and what no string may hold."""
        super().__init__()
        self.decoder = decoder
        barred = torch.zeros(decoder.vocab)
        barred[list(NEVER)] = -torch.inf
        self.register_buffer("barred", barred)

    def forward(self, z: Tensor, token: Tensor, at: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Take one step.

        Args:
            z: `batch x latent`.
            token: `batch`, the id before; at the first place the mark of the beginning.
            at: a number, the place that is written, from 0.
            state: `layers x batch x width`.

        Returns:
            Logits `batch x vocab` and the next state.
        """
        decoder, x = self.decoder, self.decoder.embed(token)
        if decoder.settings.injection == "every-step":
            x = torch.cat([x, z], dim=-1)
        elif decoder.settings.injection == "positional":
            x = torch.cat([x, self.memory(z, at)], dim=-1)
        states = []
        for n, before in enumerate(state.unbind(0)):
            w_in, w_state, b_in, b_state = (getattr(decoder.gru, f"{part}_l{n}") for part in PARTS)
            x = gru_cell(F.linear(x, w_in, b_in), F.linear(before, w_state, b_state), before)
            states.append(x)
        return decoder.to_logits(x) + self.barred, torch.stack(states)

    def memory(self, z: Tensor, at: Tensor) -> Tensor:
        """Return what z says at a place: `batch x memory`; beyond the last place, what it says there."""
        decoder = self.decoder
        place = at.clamp(max=decoder.length - 1).reshape(1)
        weight = decoder.from_memory.weight.view(decoder.length, decoder.memory, -1).index_select(0, place)[0]
        bias = decoder.from_memory.bias.view(decoder.length, decoder.memory).index_select(0, place)[0]
        return F.linear(F.gelu(decoder.to_memory(z)), weight, bias)
