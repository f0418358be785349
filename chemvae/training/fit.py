"""fit: a prepared table, a recipe and a folder become a trained model; it can be killed and resumed at any moment."""

import contextlib
import logging
import math
import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytorch_lightning as pl
import torch
from jaxtyping import Int
from numpy import ndarray
from pytorch_lightning.callbacks import TQDMProgressBar
from pytorch_lightning.strategies import DDPStrategy

from chemvae.config import Recipe, TrainConfig
from chemvae.errors import InputError, TrainingError
from chemvae.io.prepared import PreparedData
from chemvae.io.progress import bar_wanted
from chemvae.io.recipes import with_start
from chemvae.nn.vae import VAE
from chemvae.settings import n_jobs
from chemvae.training.batches import LengthBuckets
from chemvae.training.keeping import BEST, LAST, InterruptedRunError, Keeper, WholeCheckpoints
from chemvae.training.ranks import end_with, meeting_place, others
from chemvae.training.start import first_weights
from chemvae.training.task import VAETask
from chemvae.training.tracking import trackers

MINUTE = 60.0


@dataclass(frozen=True)
class Fitted:
    """What training left."""

    vae: VAE
    """with the weights of the epoch that the recipe keeps, in evaluation mode, on the CPU"""
    rows: list[dict[str, float]]
    """one line of figures per epoch"""
    kept: dict[str, float]
    """the line of the epoch that was kept"""


@dataclass(frozen=True)
class Walk:
    """Everything that a training walks through, the same on every rank."""

    recipe: Recipe
    task: VAETask
    batches: LengthBuckets
    looks: LengthBuckets
    keeper: Keeper

    def go(self, checkpoint: str) -> None:
        """Train from the beginning, or from a checkpoint if one is named."""
        trainer = make_trainer(self.recipe, self.keeper)
        with torch.random.fork_rng():  # the global generators are left as they were
            trainer.fit(self.task, self.batches, self.looks, ckpt_path=checkpoint or None, weights_only=True)


class MinuteLines(pl.Callback):
    """Progress where there is no terminal: one plain line a minute."""

    def __init__(self, say: Callable[[str], None]):
        """Store how to tell."""
        self.say, self._told = say, time.monotonic()

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Tell how far the epoch is, once a minute."""
        if time.monotonic() - self._told < MINUTE:
            return
        self._told = time.monotonic()
        if not trainer.is_global_zero:
            return
        done = trainer.fit_loop.epoch_loop.batch_progress.current.completed
        nll = trainer.callback_metrics.get("nll")
        self.say(
            f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}, batch {done} of {trainer.num_training_batches}"
            f"{'' if nll is None else f', reconstruction {float(nll):.2f} nats'}"
        )


def fit(
    recipe: Recipe, data: PreparedData, folder: Path, *, resume: bool = False, say: Callable[[str], None] = print
) -> Fitted:
    """Train and return the model with the weights that validated best, or the last ones.

    Args:
        recipe: model, objective and schedule.
        data: the prepared table.
        folder: the run, where logs and checkpoints go.
        resume: go on from `checkpoints/last.ckpt`, to the bit on a CPU.
        say: how to tell about an epoch.

    Raises:
        InputError: the table has no training or validation molecules.
        InterruptedRunError: stopped by Ctrl-C; saved.
        TrainingError: no epoch had a finite validation loss.
    """
    walk = prepared_walk(recipe, data, folder, say)
    train, keeper, vae = walk.recipe.train, walk.keeper, walk.task.vae
    last = folder / "checkpoints" / LAST
    words = [recipe.model_dump_json(), str(data.folder), str(folder), str(last) if resume and last.is_file() else ""]
    with others(train, words):
        walk.go(words[-1])
    if not (folder / "checkpoints" / BEST).is_file():
        raise TrainingError(
            f"Expected a finite validation loss in {folder / 'metrics.csv'}, but every epoch's is NaN or infinite. "
            "Lower train.learning_rate or train.clip."
        )
    finite = [row for row in keeper.rows if math.isfinite(row["valid_loss"])]
    kept = finite[-1] if train.keep == "last" else min(finite, key=lambda row: row["valid_loss"])
    if train.keep == "last" and kept is not keeper.rows[-1]:
        raise TrainingError(
            f"Expected a finite validation loss in the last epoch of {folder / 'metrics.csv'}, but got none. Lower "
            "train.learning_rate or train.clip, or keep the best epoch."
        )
    name = LAST if train.keep == "last" else BEST
    weights = torch.load(folder / "checkpoints" / name, map_location="cpu", weights_only=True)["state_dict"]
    vae.load_state_dict({name.removeprefix("vae."): value for name, value in weights.items()})
    return Fitted(vae.cpu().eval(), keeper.rows, kept)


def prepared_walk(recipe: Recipe, data: PreparedData, folder: Path, say: Callable[[str], None]) -> Walk:
    """Return what is walked through; the networks stand at their beginning.

    Raises:
        InputError: the table has no training or validation molecules.
    """
    quiet()
    rows = rows_to_fit(data)
    recipe = with_start(recipe)
    vae, train = first_weights(recipe, data), recipe.train
    if (threads := threads_of(train)) is not None:
        torch.set_num_threads(threads)
    drawn = repeat_labelled(data, rows["train"], train.repeat_labelled)
    batches = LengthBuckets(data, drawn, train.batch_size, recipe.seed, pad_to_cap=train.pad_to_cap)
    keeper = Keeper(folder, train.checkpoint_minutes, say, train.patience)
    return Walk(recipe, VAETask(vae, recipe, len(batches)), batches, looks_at(data, recipe), keeper)


def threads_of(train: TrainConfig) -> int | None:
    """Return how many threads a process may use; several on one CPU share its cores. None leaves it as it is."""
    if train.threads is None and train.devices > 1 and not torch.cuda.is_available():
        return max(1, n_jobs() // train.devices)
    return train.threads


def follow(recipe: str, prepared: str, folder: str, checkpoint: str, lifeline: str) -> None:
    """Be another rank of a training on this host; this is what its process runs.

    Args:
        recipe: as JSON.
        prepared: the table's folder.
        folder: the run.
        checkpoint: where to go on from, or nothing.
        lifeline: a pipe that ends with the first rank.
    """
    end_with(int(lifeline))
    walk = prepared_walk(Recipe.model_validate_json(recipe), PreparedData(prepared), Path(folder), say=lambda _: None)
    with contextlib.suppress(InterruptedRunError):
        walk.go(checkpoint)


def looks_at(data: PreparedData, recipe: Recipe) -> LengthBuckets:
    """Return the validation molecules that every epoch looks at, in batches."""
    train = recipe.train
    chosen = np.random.default_rng(recipe.seed).permutation(data.rows("valid"))[: train.validate_molecules]
    return LengthBuckets(
        data, np.sort(chosen), 4 * train.batch_size, recipe.seed, pad_to_cap=train.pad_to_cap, same_order=True
    )


@torch.no_grad()
def look(vae: VAE, data: PreparedData, recipe: Recipe) -> dict[str, float]:
    """Return the figures that an epoch logs of the validation molecules, for networks in evaluation mode."""
    task = VAETask(vae, recipe, batches_per_epoch=1)
    for batch in looks_at(data, recipe):
        task.validation_step(batch, 0)
    return task.figures()


def rows_to_fit(data: PreparedData) -> dict[str, Int[ndarray, " rows"]]:
    """Return the rows to train on and those to validate with.

    Raises:
        InputError: there are none of either.
    """
    rows = {split: data.rows(split) for split in ("train", "valid")}
    for split, of_split in rows.items():
        if len(of_split) == 0:
            raise InputError(
                f"Expected {split} molecules in {data.folder}, but got none. Prepare it with another split."
            )
    return rows


def repeat_labelled(data: PreparedData, rows: Int[ndarray, " rows"], times: int) -> Int[ndarray, " more"]:
    """Return the rows with those that have a label named so many times."""
    if times == 1:
        return rows
    labelled = rows[~np.isnan(data.labels(rows)).all(axis=1)]
    return np.concatenate([rows, *[labelled] * (times - 1)])


def make_trainer(recipe: Recipe, keeper: Keeper) -> pl.Trainer:
    """Set Lightning up as the recipe says; those who keep the log come last."""
    train = recipe.train
    half = train.precision == "bf16" or (train.precision == "auto" and torch.cuda.is_available())
    return lightning(
        keeper.folder,
        [*progress(keeper.say), keeper, *trackers(train.track, keeper.folder, recipe.name, keeper)],
        world=(train.devices, train.nodes),
        epochs=train.epochs,
        clip=train.clip,
        precision="bf16-mixed" if half else "32-true",
    )


def progress(say: Callable[[str], None]) -> list[pl.Callback]:
    """Return what tells how far an epoch is: a bar on a terminal, plain lines elsewhere."""
    return [TQDMProgressBar(leave=False) if bar_wanted() else MinuteLines(say)]


def lightning(
    folder: Path,
    callbacks: Sequence[pl.Callback],
    *,
    epochs: int,
    clip: float | None = None,
    precision: Literal["32-true", "bf16-mixed"] = "32-true",
    world: tuple[int, int] = (1, 1),
) -> pl.Trainer:
    """Set Lightning up with our own log and checkpoints, on one device or so many on so many hosts."""
    return pl.Trainer(
        max_epochs=epochs,
        accelerator="auto",
        devices=world[0],
        num_nodes=world[1],
        strategy="auto" if world == (1, 1) else DDPStrategy(),
        precision=precision,
        gradient_clip_val=clip,
        callbacks=list(callbacks),
        plugins=[WholeCheckpoints(), *meeting_place()],
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=bar_wanted(),
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        default_root_dir=folder,
    )


def quiet() -> None:
    """Keep Lightning's advice about what we do on purpose off the screen."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (".*does not have many workers.*", ".*logging interval.*", ".*mid-epoch.*", ".*LeafSpec.*"):
        warnings.filterwarnings("ignore", message)
