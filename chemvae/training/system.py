"""SystemTask and fit_system: what the training of every image system shares, whatever its loss is."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from chemvae.errors import TrainingError
from chemvae.systems.recipe import ImageRecipe
from chemvae.training.fit import lightning, progress, quiet
from chemvae.training.image_batches import ImageBatch, ImageBatches
from chemvae.training.keeping import BEST, LAST, Keeper
from chemvae.training.seeded import SeededTask
from chemvae.training.tracking import trackers

FLOOR = 0.01
"""The learning rate at the end of a cosine, as a share of the full one."""


class SystemTask(SeededTask):
    """A model and its recipe; a family says what a step and a look at validation images are.

    It overrides `training_step` (which calls `count`) and `look`; with optimisers of its own also
    `configure_optimizers`, and sets `automatic_optimization = False`.
    """

    verb = "image"

    def __init__(self, model: nn.Module, recipe: ImageRecipe, batches_per_epoch: int):
        """Store the model and what to do with it."""
        super().__init__(recipe.seed)
        self.model, self.settings, self.batches_per_epoch = model, recipe.train, batches_per_epoch
        self._seen: list[tuple[int, dict[str, Tensor]]] = []
        self._look_chance: torch.Generator | None = None
        self._cpu_before, self._cpu_began = 0.0, time.process_time()

    def look(self, batch: ImageBatch, generator: torch.Generator) -> dict[str, Tensor]:
        """Return figures of validation images, a value for each image; `valid_loss` decides which weights are best."""
        raise NotImplementedError

    def summarise(self, seen: dict[str, Tensor]) -> dict[str, float]:
        """Return the figures of a whole look; what is not finite is left out."""
        means = {name: float(values.mean()) for name, values in seen.items()}
        return {name: value for name, value in means.items() if math.isfinite(value)}

    @property
    def cpu_seconds(self) -> float:
        """Processor time of this run so far, before it was resumed included."""
        return self._cpu_before + time.process_time() - self._cpu_began

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction of the one under way."""
        return self.trainer.global_step / self.batches_per_epoch

    def on_train_start(self) -> None:
        """Begin the clock beside the noise."""
        super().on_train_start()
        self._cpu_began = time.process_time()

    def on_validation_epoch_start(self) -> None:
        """Give every look the same noise, apart from that of training."""
        self._look_chance = torch.Generator(self.device).manual_seed(self.seed)

    def validation_step(self, batch: ImageBatch, _: int) -> None:
        """Keep what each image gave."""
        if self._look_chance is None:
            self.on_validation_epoch_start()
        found = self.look(batch, self._look_chance or self.chance)
        self._seen.append((len(batch.x), {name: value.float() for name, value in found.items()}))

    def on_validation_epoch_end(self) -> None:
        """Log the figures of the validation images."""
        seen = {name: torch.cat([part[name] for _, part in self._seen]) for name in self._seen[0][1]}
        self._seen.clear()
        self.log_dict(self.summarise(seen))

    def on_train_epoch_end(self) -> None:
        """Stop if the processor time is used up."""
        if self.settings.cpu_seconds is not None and self.cpu_seconds >= self.settings.cpu_seconds:
            self.trainer.should_stop = True

    def epoch_means(self) -> dict[str, float]:
        """Return the means over the images of this epoch, and the processor time so far."""
        return {"cpu_seconds": round(self.cpu_seconds, 1), **super().epoch_means()}

    def rate_at(self, step: int) -> float:
        """Return the share of the full learning rate at a step."""
        if self.settings.decay == "none":
            return 1.0
        done = min(step / (self.settings.epochs * self.batches_per_epoch), 1.0)
        return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * done))

    def configure_optimizers(self) -> Any:
        """Return Adam with the recipe's schedule, moved at every step."""
        train = self.settings
        kind = torch.optim.AdamW if train.weight_decay > 0 else torch.optim.Adam
        adam = kind(self.model.parameters(), lr=train.learning_rate, betas=train.betas, weight_decay=train.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: self.rate_at(step))
        return {"optimizer": adam, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the processor time."""
        super().on_save_checkpoint(checkpoint)
        checkpoint["cpu_seconds"] = self.cpu_seconds

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take it back."""
        super().on_load_checkpoint(checkpoint)
        self._cpu_before = checkpoint["cpu_seconds"]

    def transfer_batch_to_device(self, batch: ImageBatch, device: torch.device, _: int) -> ImageBatch:
        """Move a batch."""
        return batch.to(device)


def fit_system(
    task: SystemTask,
    batches: ImageBatches,
    looks: ImageBatches,
    folder: Path,
    *,
    resume: bool = False,
    say: Callable[[str], None] = print,
) -> list[dict[str, float]]:
    """Train the task's model, load the weights that the recipe keeps into it, and return a line of figures per epoch.

    Args:
        task: what a step is.
        batches: of the training images.
        looks: validation images, in one order.
        folder: the run, where logs and checkpoints go.
        resume: go on from `checkpoints/last.ckpt`, to the bit on a CPU.
        say: how to tell about an epoch.

    Raises:
        InterruptedRunError: stopped by Ctrl-C; saved.
        TrainingError: no epoch had a finite validation loss.
    """
    quiet()
    train = task.settings
    if train.threads is not None:
        torch.set_num_threads(train.threads)
    keeper = Keeper(folder, train.checkpoint_minutes, say, train.patience)
    trainer = lightning(
        folder,
        [*progress(say), keeper, *trackers(train.track, folder, folder.name, keeper)],
        epochs=train.epochs,
        clip=train.clip if task.automatic_optimization else None,
    )
    last = folder / "checkpoints" / LAST
    with torch.random.fork_rng():  # the global generators are left as they were
        trainer.fit(task, batches, looks, ckpt_path=str(last) if resume and last.is_file() else None, weights_only=True)
    kept = folder / "checkpoints" / (BEST if train.keep == "best" else LAST)
    if not kept.is_file():
        raise TrainingError(
            f"Expected a finite validation loss in {folder / 'metrics.csv'}, but every epoch's is NaN or infinite. "
            "Lower train.learning_rate or set train.clip."
        )
    state = torch.load(kept, map_location="cpu", weights_only=True)["state_dict"]
    task.model.load_state_dict({name.removeprefix("model."): value for name, value in state.items()})
    task.model.cpu().eval()
    return keeper.rows
