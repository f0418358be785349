"""Tracker: each line of the log once, in its order, also where a run was killed and resumed."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import chemvae.io.runs as runs
from chemvae.errors import ConfigError
from chemvae.training.tracking import MLflow, TensorBoard, Tracker, figures_of, trackers

ROWS = [
    {"epoch": n, "step": 10 * n, "seconds": 0.5, "valid_loss": 1.0 / n, "mae_logp": float("nan")} for n in (1, 2, 3)
]


class Paper:
    """A board that remembers, and was shown so many lines before."""

    def __init__(self, before: int) -> None:
        self.before, self.rows, self.ended = before, [], None

    def open(self) -> int:
        return self.before

    def line(self, row: dict[str, float]) -> None:
        self.rows.append(row["epoch"])

    def close(self, *, finished: bool) -> None:
        self.ended = finished


def walk(board, rows: list[dict[str, float]], before: int, *, killed: bool = False) -> None:
    """Let a board see a training that goes on after so many epochs."""
    keeper = SimpleNamespace(rows=rows[:before])
    tracker = Tracker([board], keeper)
    tracker.on_train_start(SimpleNamespace(is_global_zero=True))
    for row in rows[before:]:
        keeper.rows.append(row)
        tracker.on_train_epoch_end()
    if not killed:
        tracker.on_train_end()


@pytest.mark.parametrize(("kept", "shown"), [(0, 0), (2, 0), (2, 1), (1, 3)])
def test_what_was_not_shown_yet_is_shown_once(kept: int, shown: int) -> None:
    board = Paper(shown)
    walk(board, list(ROWS), kept)
    assert board.rows == [1, 2, 3][shown:]
    assert board.ended is True


def test_only_finite_figures_are_shown() -> None:
    assert figures_of(ROWS[1]) == {"valid_loss": 0.5}


def test_a_package_that_is_missing_is_told_before_anything_is_made(monkeypatch) -> None:
    monkeypatch.setattr(runs, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"Expected mlflow for train.track.*chemvae\[track\]"):
        runs.check_tracks(["mlflow"])
    assert trackers((), Path("nowhere"), "run", SimpleNamespace(rows=[])) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tensorboard_has_each_line_once(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    walk(TensorBoard(tmp_path, "run"), ROWS[:2], 0, killed=True)
    walk(TensorBoard(tmp_path, "run"), ROWS, 1)
    found = accumulator.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(one.step, round(one.value, 4)) for one in found.Scalars("valid_loss")] == [
        (10, 1),
        (20, 0.5),
        (30, 0.3333),
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mlflow_has_each_line_once_in_one_run(tmp_path: Path, monkeypatch) -> None:
    tracking = pytest.importorskip("mlflow.tracking")
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    walk(MLflow(folder, "mine"), ROWS[:2], 0, killed=True)
    walk(MLflow(folder, "mine"), ROWS, 1)
    client = tracking.MlflowClient((tmp_path / "runs").as_uri())
    (run,) = client.search_runs([client.get_experiment_by_name("chemvae").experiment_id])
    assert run.info.status == "FINISHED"
    assert [metric.step for metric in client.get_metric_history(run.info.run_id, "valid_loss")] == [10, 20, 30]
