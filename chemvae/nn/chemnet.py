"""ChemNet: the network whose view of molecules the Fréchet ChemNet distance compares; weights from the fcd-torch wheel.

Two strided convolutions over one-hot characters, two LSTMs, and of the second what it knows at the end (Mayr et al.,
2018; Preuer et al., 2018). Only the wheel's weights are read, as tensors; its code is never imported.
"""

import hashlib
import importlib.util
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from chemvae.errors import InputError

EXTRA = "fcd_torch"
WEIGHTS = "ChemNet_v0.13_pretrained.pt"
SHA256 = "a36658cc7c94d3c728eacd7ed2d2f104753bb2fde742c2817daefe9533a28080"
"""Of the weights: with others the distances could not be compared, and no other file is ever opened."""
SYMBOLS = (
    "C", "N", "O", "H", "F", "Cl", "P", "B", "Br", "S", "I", "Si", "#", "(", ")", "+", "-", "1", "2", "3", "4", "5",
    "6", "7", "8", "=", "[", "]", "@", "c", "n", "o", "s", "X", ".",
)  # fmt: skip
UNKNOWN, END, NOTHING = SYMBOLS.index("X"), SYMBOLS.index("."), len(SYMBOLS)
SYMBOL = re.compile(r".[ril]|.")  # ChemNet's own reading: a letter before r, i or l is one symbol with it
LENGTH = 350  # the network was trained on strings padded to this, and what it says depends on it
FEATURES = 512
BATCH = 256  # larger ones are no faster on a CPU


class ChemNet(nn.Module):
    """Molecules to 512 numbers each."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = nn.Conv1d(len(SYMBOLS), 32, 4, stride=2, bias=False)
        self.narrower = nn.Conv1d(32, 32, 4, stride=2, bias=False)
        self.backward_pass = nn.LSTM(32, 128, batch_first=True)
        self.forward_pass = nn.LSTM(128, FEATURES, batch_first=True)

    def forward(self, ids: Int[Tensor, "batch length"]) -> Float[Tensor, "batch features"]:
        """Return what the last layer before the predictions holds."""
        x = F.one_hot(ids, NOTHING + 1)[..., :NOTHING].mT / len(SYMBOLS)  # batch x symbols x 350
        x = F.selu(self.narrow(F.pad(x, (1, 1))))  # batch x 32 x 175
        x = F.selu(self.narrower(F.pad(x, (1, 2))))  # batch x 32 x 88
        x, _ = self.backward_pass(x.mT.flip(1))  # batch x 88 x 128, from the end to the beginning
        x, _ = self.forward_pass(x.flip(1))
        return x[:, -1]


def weights_path() -> Path | None:
    """Return where the extra's wheel keeps the weights, or None if it is not installed."""
    found = importlib.util.find_spec(EXTRA)
    path = Path(found.origin).with_name(WEIGHTS) if found is not None and found.origin else None
    return path if path is not None and path.is_file() else None


def read_chemnet(path: Path, device: torch.device | str = "cpu") -> ChemNet:
    """Return the network with ChemNet's published weights; nothing but tensors and plain values is read.

    Raises:
        InputError: the file holds something else.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"Expected ChemNet's weights at {path}, but got: {error.strerror}.") from None
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise InputError(
            f"Expected ChemNet's weights with sha256 {SHA256[:12]}... at {path}, but got {found[:12]}.... "
            "Install fcd-torch 1.0.7 again."
        )
    layers: Any = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)  # a kind and (state, ...) each
    net = ChemNet()
    for part, (_, (state, *_)) in zip(net.children(), layers, strict=True):
        part.load_state_dict(state)
    return net.to(device).eval().requires_grad_(False)


def to_ids(smiles: Sequence[str]) -> Int[Tensor, "n length"]:
    """Return the symbols of canonical SMILES as numbers; what is past the first dot or the 349th symbol is not seen."""
    ids = np.full((len(smiles), LENGTH), NOTHING, dtype=np.int64)
    number = {symbol: at for at, symbol in enumerate(SYMBOLS)}
    for row, text in enumerate(smiles):
        symbols = SYMBOL.findall(text.split(".", 1)[0])[: LENGTH - 1]
        ids[row, : len(symbols)] = [number.get(symbol, UNKNOWN) for symbol in symbols]
        ids[row, len(symbols)] = END
    return torch.from_numpy(ids)


@torch.no_grad()
def activations(net: ChemNet, smiles: Sequence[str]) -> Iterator[Float[ndarray, "batch features"]]:
    """Yield what the network makes of canonical SMILES, a few hundred at a time, in order."""
    device = net.narrow.weight.device
    for at in range(0, len(smiles), BATCH):
        yield net(to_ids(smiles[at : at + BATCH]).to(device)).cpu().numpy()
