"""The chemical VAE of 2018 as a plain PyTorch re-creation, padded to 120 characters: what our speed is held against.

Sources: `models/zinc_properties/exp.json` and `chemvae/hyperparameters.py` of the original, and the paper
(Gómez-Bombarelli et al., 2018). Three things differ, each to the peer's advantage or of no weight in time: PyTorch's
GRU cell instead of Keras', noise drawn anew for every batch, no property head (1 % of the arithmetic).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

PADDING = " "


@dataclass(frozen=True)
class ChemicalSettings:
    """What was shipped for ZINC with properties."""

    length: int = 120
    """MAX_LEN, padded at the right with spaces"""
    channels: tuple[int, ...] = (9, 9, 10)
    """8 x 1.15875^j, rounded down, of conv_depth - 1 = 3 layers"""
    kernels: tuple[int, ...] = (9, 9, 11)
    """8 x 1.17581^j, rounded down; no padding"""
    latent: int = 196
    """hidden_dim; one dense layer of this width before z and one after (middle_layer 1)"""
    decoder: int = 488
    """recurrent_dim"""
    layers: int = 3
    """gru_depth 4: three and the terminal one, which has as many units as there are characters"""
    dropout: float = 0.082832929704794792
    """dropout_rate_mid"""
    batch_size: int = 182
    learning_rate: float = 0.00045619868229310396
    beta1: float = 0.99027641036225744
    """momentum, which is Adam's first beta"""


class ChemicalVAE(nn.Module):
    """Convolutions over one-hot characters; three GRUs over z repeated; a last one fed the characters before."""

    def __init__(self, characters: str, settings: ChemicalSettings | None = None):
        """Build the layers for an alphabet, the padding included."""
        super().__init__()
        s = self.settings = settings or ChemicalSettings()
        self.characters, n = characters, len(characters)
        self.ids = {character: i for i, character in enumerate(characters)}
        layers: list[nn.Module] = []
        left = s.length
        for inward, outward, kernel in zip((n, *s.channels), s.channels, s.kernels, strict=False):
            layers += [nn.Conv1d(inward, outward, kernel), nn.Tanh(), nn.BatchNorm1d(outward)]
            left -= kernel - 1
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        self.middle = self.dense(left * s.channels[-1])
        self.to_mean, self.to_log_var = nn.Linear(s.latent, s.latent), nn.Linear(s.latent, s.latent)
        self.unfold = self.dense(s.latent)
        self.decoder = nn.GRU(s.latent, s.decoder, s.layers, batch_first=True)
        self.terminal = nn.GRU(s.decoder + n, n, batch_first=True)

    def dense(self, inward: int) -> nn.Sequential:
        """Return a layer beside z."""
        s = self.settings
        return nn.Sequential(nn.Linear(inward, s.latent), nn.Tanh(), nn.Dropout(s.dropout), nn.BatchNorm1d(s.latent))

    def encode(self, strings: Iterable[str]) -> Tensor:
        """Return the ids of strings, padded: batch x length."""
        rows = [text.ljust(self.settings.length, PADDING) for text in strings]
        return torch.tensor([[self.ids[character] for character in row] for row in rows])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return KL and cross-entropy, each averaged over everything, as there."""
        one_hot = F.one_hot(x, len(self.characters)).float()  # batch x length x characters
        middle = self.middle(self.convolutions(one_hot.mT))
        mean, log_var = self.to_mean(middle), self.to_log_var(middle)
        z = mean + (log_var / 2).exp() * torch.randn_like(mean)
        before = F.pad(one_hot[:, :-1], (0, 0, 1, 0))  # the true character of the place before
        logits, _ = self.terminal(torch.cat([self.states(z), before], dim=-1))
        kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).mean()
        return kl, F.cross_entropy(logits.mT, x)

    def states(self, z: Tensor) -> Tensor:
        """Return what the three GRUs make of z repeated: batch x length x width, no character in it."""
        return self.decoder(self.unfold(z)[:, None].expand(-1, self.settings.length, -1))[0]

    @torch.no_grad()
    def sample(self, z: Tensor) -> list[str]:
        """Write a string per point: every row takes every step; the likeliest character, which is fed to the next."""
        states, n = self.states(z), len(self.characters)
        before, state = torch.zeros(len(z), n), torch.zeros(1, len(z), n)
        ids = torch.empty(len(z), self.settings.length, dtype=torch.long)
        for at in range(self.settings.length):
            _, state = self.terminal(torch.cat([states[:, at], before], dim=-1)[:, None], state)
            ids[:, at] = state[0].argmax(dim=-1)
            before = F.one_hot(ids[:, at], n).float()
        return ["".join(self.characters[i] for i in row).rstrip(PADDING) for row in ids.tolist()]


def train_step(model: ChemicalVAE, adam: torch.optim.Optimizer, strings: Iterable[str], kl_weight: float) -> None:
    """Take one step of training, one-hot encoding included."""
    kl, reconstruction = model(model.encode(strings))
    adam.zero_grad()
    (reconstruction + kl_weight * kl).backward()
    adam.step()
