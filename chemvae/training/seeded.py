"""SeededTask: what every Lightning task here has: noise of its own, sums of an epoch, checkpoints of both."""

from typing import Any, Protocol, runtime_checkable

import pytorch_lightning as pl
import torch
from torch import Tensor

from chemvae.training.ranks import gathered, own, ranks, summed

RANK_SEEDS = 1_000_003
"""How far apart the seeds of two ranks lie."""


@runtime_checkable
class Epochs(Protocol):
    """Batches whose order an epoch decides."""

    def begin(self, epoch: int) -> None:
        """Stand at the beginning of an epoch; if inside it already, stay there."""
        ...


class SeededTask(pl.LightningModule):
    """A task whose noise one seed decides, and which goes on after a kill as if it had never stopped."""

    counted = "images"
    """what the sums of an epoch are divided by the number of"""
    verb = "train"
    """the command that goes on with a run"""

    def __init__(self, seed: int):
        """Store the seed; the noise has a generator of its own."""
        super().__init__()
        self.seed = seed
        self._chance: torch.Generator | None = None
        self._chance_state: Tensor | None = None
        self._dropout_state: Tensor | None = None
        self._sums: dict[str, float] = {}
        self.kl_per_dimension: list[float] = []
        """of the last look at the validation set, in nats; empty where there is none"""

    @property
    def chance(self) -> torch.Generator:
        """The generator of this run's noise, on the model's device, made at its first use."""
        if self._chance is None:
            self._chance = torch.Generator(self.device).manual_seed(self._own_seed)
            take_back(self._chance, self._chance_state)
        return self._chance

    @property
    def _own_seed(self) -> int:
        """The seed, and for every further rank one of its own: two that drew the same noise would be as good as one."""
        return self.seed + RANK_SEEDS * ranks().rank

    def on_train_start(self) -> None:
        """Seed what dropout draws from, which has no generator of its own, or go on where a checkpoint left it."""
        torch.manual_seed(self._own_seed)
        take_back(global_generator(self.device), self._dropout_state)

    def on_train_epoch_start(self) -> None:
        """Let the batches begin this epoch: Lightning takes back where they stood inside an epoch, not between two."""
        batches = self.trainer.train_dataloader
        if isinstance(batches, Epochs):
            batches.begin(self.current_epoch)

    def count(self, parts: dict[str, Tensor], n: int, weight: float = 1.0) -> None:
        """Add to the sums of this epoch what each of n inputs gave; with a weight of 0 they only name the sums."""
        counts = float(weight > 0)
        for name, value in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + counts * float(value.detach().sum())
        self._sums[self.counted] = self._sums.get(self.counted, 0.0) + counts * n

    def epoch_means(self) -> dict[str, float]:
        """Return the means over the inputs of this epoch so far, and begin anew."""
        sums = summed(self._sums, self.device)
        n = sums.pop(self.counted, 1.0)
        means = {name: total / n for name, total in sums.items()}
        self._sums = {}
        return means

    def line(self, row: dict[str, float], epochs: int | None) -> str:
        """Tell an epoch in one line."""
        told = (f"{name} {value:.4g}" for name, value in row.items() if name not in ("epoch", "step", "seconds"))
        return f"epoch {row['epoch']:.0f}/{epochs} | {row['seconds'] / 60:.1f} min | {', '.join(told)}"

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the state of the noise, of dropout and of the epoch's sums."""
        checkpoint["chance"] = gathered(self.chance.get_state(), self.device)
        checkpoint["dropout"] = gathered(global_generator(self.device).get_state(), self.device)
        checkpoint["sums"] = summed(self._sums, self.device)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take them back; noise and dropout when the device is known."""
        self._chance_state, self._dropout_state = own(checkpoint["chance"]), own(checkpoint.get("dropout"))
        counts = float(ranks().rank == 0)  # the first rank goes on with the sums of all
        self._sums = {name: counts * total for name, total in checkpoint["sums"].items()}


def global_generator(device: torch.device) -> torch.Generator:
    """Return the generator that PyTorch's own layers draw from on a device."""
    return torch.cuda.default_generators[device.index or 0] if device.type == "cuda" else torch.default_generator


def take_back(generator: torch.Generator, state: Tensor | None) -> None:
    """Let a generator go on from a state, if there is one of its kind: one of another device has another size."""
    if state is not None and state.numel() == generator.get_state().numel():
        generator.set_state(state.cpu())
