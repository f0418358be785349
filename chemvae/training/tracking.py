"""Tracker: the lines of a run's log in TensorBoard and MLflow too, each once, also after a kill and a resume."""

import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pytorch_lightning as pl

from chemvae.io.atomic import read_json, write_json

PLACES = ("epoch", "step", "seconds")
"""Columns of the log that say when, and are no figures."""
EXPERIMENT = "chemvae"

Row = dict[str, float]


@runtime_checkable
class Board(Protocol):
    """Where lines are shown."""

    def open(self) -> int:
        """Begin, or go on; returns how many lines stand there already."""
        ...

    def line(self, row: Row) -> None:
        """Show a line of the log."""
        ...

    def close(self, *, finished: bool) -> None:
        """Let go of files and connections."""
        ...


@runtime_checkable
class Log(Protocol):
    """Whose lines are shown: the keeper of a run."""

    rows: list[Row]
    """one line an epoch"""


class TensorBoard:
    """Event files in `tensorboard/` of the run; `tensorboard --logdir RUN` shows them."""

    def __init__(self, folder: Path, _: str):
        """Store where the run is."""
        self.folder = folder / "tensorboard"

    def open(self) -> int:
        """Begin anew: what was there is written again, since event files cannot be cut back to a checkpoint."""
        from torch.utils.tensorboard import SummaryWriter

        shutil.rmtree(self.folder, ignore_errors=True)
        self._writer = SummaryWriter(str(self.folder))
        return 0

    def line(self, row: Row) -> None:
        """Write each figure at its step."""
        for name, value in figures_of(row).items():
            self._writer.add_scalar(name, value, int(row["step"]))
        self._writer.flush()

    def close(self, *, finished: bool) -> None:  # noqa: ARG002 - event files do not say
        """Close the file."""
        self._writer.close()


class MLflow:
    """A run in MLflow: where `MLFLOW_TRACKING_URI` says, or in `mlruns/` beside the run.

    Its id lies in `mlflow.json`, so that a resumed run goes on with the same one.
    """

    def __init__(self, folder: Path, name: str):
        """Store where the run is and what it is called."""
        self.folder, self.name = folder, name

    def open(self) -> int:
        """Begin a run or go on with the one that is named on disk."""
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # a folder needs no server
        from mlflow.tracking import MlflowClient

        beside = (self.folder.resolve().parent / "mlruns").as_uri()
        self._client = MlflowClient(os.environ.get("MLFLOW_TRACKING_URI") or beside)
        noted = self.folder / "mlflow.json"
        if noted.is_file():
            self._run = str(read_json(noted)["run_id"])
            self._client.update_run(self._run, status="RUNNING")
            return len({metric.step for metric in self._client.get_metric_history(self._run, "seconds")})
        found = self._client.get_experiment_by_name(EXPERIMENT)
        experiment = found.experiment_id if found else self._client.create_experiment(EXPERIMENT)
        self._run = self._client.create_run(experiment, run_name=self.name).info.run_id
        self._client.log_param(self._run, "run", str(self.folder))
        write_json(noted, {"run_id": self._run})
        return 0

    def line(self, row: Row) -> None:
        """Log each figure, and last the time, whose presence says that the line is whole."""
        for name, value in {**figures_of(row), "seconds": row["seconds"]}.items():
            self._client.log_metric(self._run, name, value, step=int(row["step"]))

    def close(self, *, finished: bool) -> None:
        """Say how it ended."""
        self._client.set_terminated(self._run, "FINISHED" if finished else "KILLED")


BOARDS: dict[str, type[TensorBoard] | type[MLflow]] = {"tensorboard": TensorBoard, "mlflow": MLflow}


class Tracker(pl.Callback):
    """Shows the keeper's lines elsewhere; what a killed run had not shown yet is shown when it goes on."""

    def __init__(self, boards: Sequence[Board], keeper: Log):
        """Store where to show and whose lines."""
        self.boards, self.keeper = boards, keeper
        self._told: list[int] = []

    def on_train_start(self, trainer: Any, *_: Any) -> None:
        """Begin, or go on; of several processes the first one shows."""
        if trainer.is_global_zero:
            self._told = [board.open() for board in self.boards]
            self._tell()

    def on_train_epoch_end(self, *_: Any) -> None:
        """Show the epoch's line, which the keeper has made by now."""
        if self._told:
            self._tell()

    def on_train_end(self, *_: Any) -> None:
        """Let go."""
        self._close(finished=True)

    def on_exception(self, *_: Any) -> None:
        """Show what there is, and let go."""
        if self._told:
            self._tell()
        self._close(finished=False)

    def _tell(self) -> None:
        for at, board in enumerate(self.boards):
            for row in self.keeper.rows[self._told[at] :]:
                board.line(row)
            self._told[at] = max(self._told[at], len(self.keeper.rows))

    def _close(self, *, finished: bool) -> None:
        for board in self.boards[: len(self._told)]:
            board.close(finished=finished)
        self._told = []


def figures_of(row: Row) -> Row:
    """Return the finite figures of a line."""
    return {name: value for name, value in row.items() if name not in PLACES and math.isfinite(value)}


def trackers(tracks: Sequence[str], folder: Path, name: str, keeper: Log) -> list[pl.Callback]:
    """Return the callback that shows the keeper's lines where a recipe asks for it; none if it does not."""
    boards = [BOARDS[track](folder, name) for track in dict.fromkeys(tracks)]
    return [Tracker(boards, keeper)] if boards else []
