"""MOSES' VAE written anew from its published settings: what our speed and our figures are held against.

Sources: `moses/vae/config.py` (the defaults that made the published table), `moses/vae/README.md` and the paper
(Polykovskiy et al., 2020). Where these disagree, on the encoder's second direction, the code's default holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence


@dataclass(frozen=True)
class MosesSettings:
    """The defaults of `moses/vae/config.py`."""

    encoder: int = 256
    """q_d_h"""
    both_directions: bool = False
    """q_bidir: off in the code, on in the paper"""
    decoder: int = 512
    """d_d_h"""
    layers: int = 3
    """d_n_layers; between them no dropout (d_dropout 0)"""
    latent: int = 128
    """d_z"""
    batch_size: int = 512
    """n_batch"""
    learning_rate: float = 3e-4
    """lr_start = lr_end: constant, Adam"""
    clip: float = 50.0
    """clip_grad, of the gradient's norm"""
    kl_weight: float = 0.05
    """kl_w_end: reached linearly, epoch by epoch, from 0"""
    epochs: int = 100
    """lr_n_period x lr_n_restarts"""
    max_length: int = 100
    """of a sample, the begin mark counted"""


class Characters:
    """MOSES' vocabulary: every character of the training strings, then four marks."""

    def __init__(self, characters: Sequence[str]):
        """Give each a number."""
        self.characters = list(characters)
        self.ids = {character: i for i, character in enumerate(self.characters)}
        n = len(self.characters)
        self.bos, self.eos, self.pad, self.unk = n, n + 1, n + 2, n + 3

    @classmethod
    def of(cls, strings: Iterable[str]) -> "Characters":
        """Collect the characters of some strings."""
        return cls(sorted(set().union(*strings)))

    def __len__(self) -> int:
        """Count the ids."""
        return len(self.characters) + 4

    def encode(self, text: str) -> Tensor:
        """Return the ids of a string between its begin and end marks."""
        return torch.tensor([self.bos, *(self.ids.get(character, self.unk) for character in text), self.eos])

    def decode(self, ids: Sequence[int]) -> str:
        """Return the string of some ids up to the end mark."""
        text = []
        for i in ids:
            if i == self.eos:
                break
            if i < len(self.characters):
                text.append(self.characters[i])
        return "".join(text)


class MosesVAE(nn.Module):
    """GRU encoder; GRU decoder of three layers that sees z beside every character, and in its first states."""

    def __init__(self, vocab: Characters, settings: MosesSettings | None = None):
        """Build the layers; an embedding is as wide as the vocabulary, as theirs."""
        super().__init__()
        self.vocab, self.settings = vocab, settings or MosesSettings()
        s, n = self.settings, len(vocab)
        self.embed = nn.Embedding(n, n, padding_idx=vocab.pad)
        self.encoder = nn.GRU(n, s.encoder, batch_first=True, bidirectional=s.both_directions)
        width = s.encoder * (2 if s.both_directions else 1)
        self.to_mean, self.to_log_var = nn.Linear(width, s.latent), nn.Linear(width, s.latent)
        self.to_state = nn.Linear(s.latent, s.decoder)
        self.decoder = nn.GRU(n + s.latent, s.decoder, s.layers, batch_first=True)
        self.to_logits = nn.Linear(s.decoder, n)

    def posterior(self, x: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x); the strings come longest first."""
        _, state = self.encoder(pack_sequence([self.embed(row) for row in x]))
        last = state.transpose(0, 1).flatten(1)  # batch x width, both directions side by side
        return self.to_mean(last), self.to_log_var(last)

    def forward(self, x: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return KL (summed over z, averaged over strings) and reconstruction (averaged over characters)."""
        mean, log_var = self.posterior(x)
        z = mean + (log_var / 2).exp() * torch.randn_like(mean)
        kl = 0.5 * (log_var.exp() + mean**2 - 1 - log_var).sum(dim=1).mean()
        return kl, self.reconstruction(x, z)

    def reconstruction(self, x: Sequence[Tensor], z: Tensor) -> Tensor:
        """Return the cross-entropy of the next character, averaged over all characters of the batch."""
        padded = pad_sequence(list(x), batch_first=True, padding_value=self.vocab.pad)
        fed = torch.cat([self.embed(padded), z[:, None].expand(-1, padded.shape[1], -1)], dim=-1)
        packed = pack_padded_sequence(fed, [len(row) for row in x], batch_first=True)
        states, _ = pad_packed_sequence(self.decoder(packed, self.first_state(z))[0], batch_first=True)
        logits = self.to_logits(states)[:, :-1]  # batch x length - 1 x vocab
        return F.cross_entropy(logits.flatten(0, 1), padded[:, 1:].flatten(), ignore_index=self.vocab.pad)

    def first_state(self, z: Tensor) -> Tensor:
        """Return the first state of every layer: one linear image of z, the same for all."""
        return self.to_state(z).expand(self.settings.layers, -1, -1).contiguous()

    @torch.no_grad()
    def sample(self, z: Tensor, temperature: float = 1.0, max_length: int | None = None) -> list[str]:
        """Write one string per point with MOSES' loop: every row takes every step to `max_length`.

        A finished row stays in the batch, as there. Temperature 0 takes the likeliest character, which theirs
        does not offer; everything else is drawn.
        """
        length, n = max_length or self.settings.max_length, len(z)
        state, character = self.first_state(z), torch.full((n,), self.vocab.bos)
        ids = torch.full((n, length), self.vocab.pad)
        ids[:, 0] = self.vocab.bos
        ended = torch.zeros(n, dtype=torch.bool)
        for at in range(1, length):
            fed = torch.cat([self.embed(character), z], dim=-1)[:, None]
            out, state = self.decoder(fed, state)
            logits = self.to_logits(out[:, 0])
            if temperature > 0:
                character = torch.multinomial((logits / temperature).softmax(dim=-1), 1)[:, 0]
            else:
                character = logits.argmax(dim=-1)
            ids[~ended, at] = character[~ended]
            ended |= character == self.vocab.eos
        return [self.vocab.decode(row) for row in ids.tolist()]


def collate(vocab: Characters, strings: Iterable[str]) -> list[Tensor]:
    """Encode the strings of a batch, longest first, as MOSES' data loader does for every batch."""
    return sorted((vocab.encode(text) for text in strings), key=len, reverse=True)


def train_step(
    model: MosesVAE, adam: torch.optim.Optimizer, x: Sequence[Tensor], kl_weight: float
) -> tuple[float, float]:
    """Take one step of MOSES' training; return KL and reconstruction, which theirs reads after every step too."""
    kl, reconstruction = model(x)
    adam.zero_grad()
    (kl_weight * kl + reconstruction).backward()
    nn.utils.clip_grad_norm_(model.parameters(), model.settings.clip)
    adam.step()
    return kl.item(), reconstruction.item()
