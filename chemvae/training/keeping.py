"""What a training run keeps while it runs: its log, its checkpoints, and what it does when told to stop."""

import math
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import pytorch_lightning as pl
import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from chemvae.errors import ChemvaeError
from chemvae.io.atomic import atomic_path
from chemvae.training.seeded import SeededTask

LAST, BEST = "last.ckpt", "best.ckpt"


class InterruptedRunError(ChemvaeError):
    """Training was told to stop and has saved itself."""


class WholeCheckpoints(TorchCheckpointIO):
    """Checkpoints written beside and renamed into place, and read without running code."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        """Write a checkpoint whole or not at all."""
        with atomic_path(path) as beside:
            super().save_checkpoint(checkpoint, beside, storage_options)

    def load_checkpoint(self, path: Any, map_location: Any | None = None, weights_only: bool | None = None) -> Any:  # noqa: ARG002 - always true here
        """Read plain tensors and values; anything else is refused."""
        return torch.load(path, map_location=map_location or "cpu", weights_only=True)


class Keeper(pl.Callback):
    """Writes `metrics.csv` and `kl_per_dimension.csv` every epoch, `last.ckpt` often, `best.ckpt` when it is one.

    It also ends a run that gets no better, since a resume must know that it had ended.
    Ctrl-C ends the step that is under way, saves, and raises `InterruptedRunError`.
    """

    def __init__(self, folder: Path, minutes: float, say: Callable[[str], None], patience: int | None = None):
        """Store where to keep things, how often to save, how to tell about an epoch, and how many to wait for a better.

        None waits for all.
        """
        self.folder, self.seconds, self.say, self.patience = folder, 60.0 * minutes, say, patience
        self.rows: list[dict[str, float]] = []
        self.kl_rows: list[dict[str, float]] = []
        self.best = float("inf")
        self._saved_at = self._began = time.monotonic()
        self._stop = False
        self._ended = False  # before the last epoch, by one who had seen enough
        self._handler: Any = None

    def state_dict(self) -> dict[str, Any]:
        """Return the log so far, so that a resumed run goes on with it."""
        log = {"rows": self.rows, "kl_rows": self.kl_rows, "best": self.best, "seconds": self._elapsed()}
        return log | {"ended": self._ended}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the log of the run that is resumed."""
        self.rows, self.kl_rows, self.best = list(state["rows"]), list(state["kl_rows"]), state["best"]
        self._ended = state.get("ended", False)
        self._began = time.monotonic() - state["seconds"]

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def on_train_start(self, trainer: pl.Trainer, _: pl.LightningModule) -> None:
        """Take Ctrl-C over, where Python allows it (the main thread); a run that had ended trains no more."""
        self._saved_at = time.monotonic()
        trainer.should_stop = self._ended
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: Ctrl-C is not meant for us
            return
        try:
            self._handler = signal.signal(signal.SIGINT, self._on_signal)
        except ValueError:  # not the main thread: whoever runs us there stops us there
            self._handler = None

    def on_train_end(self, trainer: pl.Trainer, _: pl.LightningModule) -> None:
        """Save the last state and give Ctrl-C back."""
        self._ended = trainer.should_stop
        self._save(trainer, LAST)
        self._release()

    def on_exception(self, _: pl.Trainer, __: pl.LightningModule, ___: BaseException) -> None:
        """Give Ctrl-C back."""
        self._release()

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self._stop = True

    def _release(self) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            self._handler = None

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Save if it is time to, or if told to stop; with an epoch's last batch both wait for its validation."""
        if trainer.fit_loop.epoch_loop.batch_progress.is_last_batch:
            return  # a run resumed from here would begin the next epoch, and this one would have no line and no best
        if any_wants(trainer, self._stop):
            self._save(trainer, LAST)
            self._refuse_to_go_on(trainer)
        if any_wants(trainer, time.monotonic() - self._saved_at > self.seconds):
            self._save(trainer, LAST)

    def on_train_epoch_end(self, trainer: pl.Trainer, task: pl.LightningModule) -> None:
        """Write the epoch's line; Lightning has validated by now."""
        if not isinstance(task, SeededTask):
            raise TypeError(f"Expected a SeededTask, but got {type(task).__name__}.")
        figures = {name: float(value) for name, value in trainer.callback_metrics.items() if name != "nll"}
        row = {"epoch": trainer.current_epoch + 1, "step": trainer.global_step, "seconds": round(self._elapsed(), 1)}
        self.rows.append({**row, **task.epoch_means(), **figures})
        if task.kl_per_dimension:
            self.kl_rows.append({**row, **{f"kl_{i:03d}": kl for i, kl in enumerate(task.kl_per_dimension)}})
        if trainer.is_global_zero:
            write_rows(self.folder / "metrics.csv", self.rows)
            if self.kl_rows:
                write_rows(self.folder / "kl_per_dimension.csv", self.kl_rows)
            self.say(task.line(self.rows[-1], trainer.max_epochs))
        if figures.get("valid_loss", float("inf")) < self.best:
            self.best = figures["valid_loss"]
            self._save(trainer, BEST)
        self._ended = trainer.should_stop = any_wants(trainer, trainer.should_stop or self._waited_enough())
        self._save(trainer, LAST)
        if any_wants(trainer, self._stop):
            self._refuse_to_go_on(trainer)

    def _waited_enough(self) -> bool:
        """Whether so many epochs were no better than one before them, or the last one gave no number."""
        losses = [row.get("valid_loss", math.inf) for row in self.rows]
        return self.patience is not None and (
            not math.isfinite(losses[-1]) or len(losses) - 1 - losses.index(min(losses)) >= self.patience
        )

    def _refuse_to_go_on(self, trainer: pl.Trainer) -> None:
        verb = getattr(trainer.lightning_module, "verb", "train")
        raise InterruptedRunError(
            f"Stopped in epoch {trainer.current_epoch + 1} as asked, and saved. "
            f"Go on with `chemvae {verb} --resume {self.folder}`."
        )

    def _save(self, trainer: pl.Trainer, name: str) -> None:
        trainer.save_checkpoint(self.folder / "checkpoints" / name)
        self._saved_at = time.monotonic()


def any_wants(trainer: pl.Trainer, wish: bool) -> bool:
    """Whether any rank wants something that all must do together."""
    return trainer.strategy.reduce_boolean_decision(wish, all=False)


def write_rows(path: Path, rows: list[dict[str, float]]) -> None:
    """Write a log as CSV, whole or not at all."""
    with atomic_path(path) as beside:
        pd.DataFrame(rows).to_csv(beside, index=False)


def epoch_line(row: dict[str, float], epochs: int | None) -> str:
    """Tell an epoch in one line."""
    told = [
        f"{words} {', '.join(f'{name.removeprefix(start)} {value:.3f}' for name, value in found)}"
        for start, words in (("mae_", "MAE"), ("auroc_", "AUROC"))
        if (found := [(name, value) for name, value in row.items() if name.startswith(start)])
    ]
    return (
        f"epoch {row['epoch']:.0f}/{epochs} | {row['seconds'] / 60:.1f} min | loss {row.get('valid_loss', 0):.2f} | "
        f"reconstruction {row.get('valid_nll', 0):.2f} nats, {row.get('exact_reconstruction', 0):.1%} exact, "
        f"{row.get('token_accuracy', 0):.2%} of tokens | KL {row.get('valid_kl', 0):.1f} nats, "
        f"{row.get('active_units', 0):.0%} active{''.join(f' | {words}' for words in told)}"
    )
