"""fit: loss falls, the log says so, and a run that was killed and resumed ends in the same weights."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from chemvae.config import Recipe
from chemvae.errors import InputError
from chemvae.io.prepared import PreparedData
from chemvae.training.fit import fit
from chemvae.training.keeping import BEST, LAST, InterruptedRunError, Keeper


def recipe(**train: Any) -> Recipe:
    return Recipe.model_validate(
        {
            "seed": 3,
            "model": {
                "latent": 4,
                "encoder": {"embed": 8, "channels": [16], "kernels": [3], "strides": [2], "hidden": [16]},
                "decoder": {"embed": 8, "width": 24, "memory": 4, "hidden": 8, "word_dropout": 0.1},
                "head": {"hidden": [8]},
            },
            "train": {"epochs": 3, "batch_size": 8, "warmup_steps": 5, "threads": 1, "checkpoint_minutes": 60, **train},
        }
    )


def weights(folder: Path, name: str = LAST) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / name, weights_only=True)["state_dict"]


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def undisturbed(tiny_prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    fit(recipe(), PreparedData(tiny_prepared), folder, say=lambda _: None)
    return folder


def test_loss_falls_and_the_log_tells_it(undisturbed: Path) -> None:
    log = pd.read_csv(undisturbed / "metrics.csv")
    assert log["epoch"].tolist() == [1, 2, 3]
    assert log["train_nll"].is_monotonic_decreasing
    assert log["valid_loss"].iloc[-1] < log["valid_loss"].iloc[0]
    assert {"exact_reconstruction", "token_accuracy", "active_units", "mae_logp", "mae_qed", "beta"} <= set(log)
    kl = pd.read_csv(undisturbed / "kl_per_dimension.csv")
    per_dimension = kl[[f"kl_{i:03d}" for i in range(4)]]
    assert per_dimension.iloc[-1].sum() == pytest.approx(log["valid_kl"].iloc[-1], rel=1e-4)


def test_the_noise_is_fresh_at_every_step(tiny_prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chemvae.nn.posterior import DiagonalGaussian

    drawn: list[torch.Tensor] = []
    plain = DiagonalGaussian.sample

    def spy(self: DiagonalGaussian, generator: torch.Generator | None = None, k: int = 1) -> torch.Tensor:
        z = plain(self, generator, k)
        drawn.append(((z - self.mean) / self.std).detach()[0, 0])
        return z

    monkeypatch.setattr(DiagonalGaussian, "sample", spy)
    fit(recipe(epochs=1), PreparedData(tiny_prepared), tmp_path / "run", say=lambda _: None)
    assert len({tuple(noise.tolist()) for noise in drawn}) == len(drawn) > 5


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from chemvae.config import Recipe
    from chemvae.io.prepared import PreparedData
    from chemvae.training.fit import fit
    from chemvae.training.keeping import LAST, Keeper

    steps = 0
    plain = Keeper.on_train_batch_end

    def dies(self, trainer, *rest):
        global steps
        steps += 1
        plain(self, trainer, *rest)
        if steps == SAVE:
            self._save(trainer, LAST)
        if steps == SAVE + 2:
            os.kill(os.getpid(), signal.SIGKILL)

    Keeper.on_train_batch_end = dies
    recipe = Recipe.model_validate_json(sys.argv[1])
    fit(recipe, PreparedData(sys.argv[2]), Path(sys.argv[3]), say=lambda _: None)
"""


@pytest.mark.parametrize("save", [3, 13])
def test_killed_with_minus_9_and_resumed_gives_the_same_bits(
    undisturbed: Path, tiny_prepared: Path, tmp_path: Path, save: int
) -> None:
    folder = tmp_path / "run"
    script = textwrap.dedent(KILLED).replace("SAVE", str(save))
    command = [sys.executable, "-c", script, recipe().model_dump_json(), str(tiny_prepared), str(folder)]
    died = subprocess.run(command, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}, timeout=300)
    assert died.returncode == -signal.SIGKILL
    before = torch.load(folder / "checkpoints" / LAST, weights_only=True)["global_step"]
    assert before == save
    fit(recipe(), PreparedData(tiny_prepared), folder, resume=True, say=lambda _: None)
    assert same(weights(folder), weights(undisturbed))
    assert same(weights(folder, BEST), weights(undisturbed, BEST))
    log, whole = (pd.read_csv(f / "metrics.csv").drop(columns="seconds") for f in (folder, undisturbed))
    pd.testing.assert_frame_equal(log, whole)


@pytest.fixture
def foreground() -> Iterator[Any]:
    """Ctrl-C as a process in the foreground has it, wherever the tests run."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_saves_and_a_resume_goes_on(
    undisturbed: Path, tiny_prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreground: Any
) -> None:
    plain, steps = Keeper.on_train_batch_end, [0]

    def interrupted(self: Keeper, *rest: Any) -> None:
        steps[0] += 1
        if steps[0] == 11:
            os.kill(os.getpid(), signal.SIGINT)
        plain(self, *rest)

    monkeypatch.setattr(Keeper, "on_train_batch_end", interrupted)
    with pytest.raises(InterruptedRunError, match="--resume"):
        fit(recipe(), PreparedData(tiny_prepared), tmp_path / "run", say=lambda _: None)
    assert signal.getsignal(signal.SIGINT) is foreground
    fit(recipe(), PreparedData(tiny_prepared), tmp_path / "run", resume=True, say=lambda _: None)
    assert same(weights(tmp_path / "run"), weights(undisturbed))


def test_another_seed_gives_other_weights_and_the_same_seed_the_same(
    undisturbed: Path, tiny_prepared: Path, tmp_path: Path
) -> None:
    for name, changed in (("again", recipe()), ("other", recipe().model_copy(update={"seed": 4}))):
        fit(changed, PreparedData(tiny_prepared), tmp_path / name, say=lambda _: None)
    assert same(weights(tmp_path / "again"), weights(undisturbed))
    assert not same(weights(tmp_path / "other"), weights(undisturbed))


def test_early_stop(tiny_prepared: Path, tmp_path: Path) -> None:
    still = recipe(epochs=30, patience=2, learning_rate=1e-12)
    rows = fit(still, PreparedData(tiny_prepared), tmp_path / "run", say=lambda _: None).rows
    assert 3 <= len(rows) < 30
    assert fit(still, PreparedData(tiny_prepared), tmp_path / "run", resume=True, say=lambda _: None).rows == rows


def test_a_table_without_training_molecules_is_refused(tiny_prepared: Path, tmp_path: Path) -> None:
    data = PreparedData(tiny_prepared)
    data.split = data.split * 0 + 2
    with pytest.raises(InputError, match="Expected train molecules"):
        fit(recipe(), data, tmp_path / "run")


def test_progress_is_plain_lines_where_there_is_no_terminal(tiny_prepared: Path, tmp_path: Path) -> None:
    said: list[str] = []
    fit(recipe(epochs=2), PreparedData(tiny_prepared), tmp_path / "run", say=said.append)
    assert [line.split(" |")[0] for line in said] == ["epoch 1/2", "epoch 2/2"]
    assert "exact" in said[0]
    assert "MAE logp" in said[0]


def with_dropout(**train: Any) -> Recipe:
    plain = recipe(**train)
    encoder = plain.model.encoder.model_copy(update={"dropout": 0.2})
    return plain.model_copy(update={"model": plain.model.model_copy(update={"encoder": encoder})})


def test_every_checkpoint_goes_on_to_the_same_bits(
    tiny_prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, plain = tmp_path / "kept", Keeper._save

    def keeps(self: Keeper, trainer: Any, name: str) -> None:
        plain(self, trainer, name)
        shutil.copytree(self.folder, kept / f"{trainer.global_step:02d}", dirs_exist_ok=True)

    monkeypatch.setattr(Keeper, "_save", keeps)
    torch.manual_seed(1)  # what the caller's generator holds changes nothing
    fit(with_dropout(checkpoint_minutes=1e-9), PreparedData(tiny_prepared), tmp_path / "whole", say=lambda _: None)
    monkeypatch.setattr(Keeper, "_save", plain)
    for step in (7, 8, 9, 16):  # before, with and after the last batch of an epoch of 8
        folder = kept / f"{step:02d}"
        before = torch.get_rng_state()
        done = fit(with_dropout(), PreparedData(tiny_prepared), folder, resume=True, say=lambda _: None)
        assert torch.equal(torch.get_rng_state(), before)
        assert [row["epoch"] for row in done.rows] == [1, 2, 3]
        assert same(weights(folder), weights(tmp_path / "whole"))
        assert same(weights(folder, BEST), weights(tmp_path / "whole", BEST))
        log, whole = (pd.read_csv(f / "metrics.csv").drop(columns="seconds") for f in (folder, tmp_path / "whole"))
        pd.testing.assert_frame_equal(log, whole, check_exact=True)


@pytest.mark.usefixtures("foreground")
def test_ctrl_c_with_the_last_batch_of_an_epoch_waits_for_its_line(
    undisturbed: Path, tiny_prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Keeper.on_train_batch_end

    def interrupted(self: Keeper, trainer: Any, *rest: Any) -> None:
        if trainer.global_step == 8:
            os.kill(os.getpid(), signal.SIGINT)
        plain(self, trainer, *rest)

    monkeypatch.setattr(Keeper, "on_train_batch_end", interrupted)
    with pytest.raises(InterruptedRunError, match="epoch 1 "):
        fit(recipe(), PreparedData(tiny_prepared), tmp_path / "run", say=lambda _: None)
    assert pd.read_csv(tmp_path / "run" / "metrics.csv")["epoch"].tolist() == [1]
    fit(recipe(), PreparedData(tiny_prepared), tmp_path / "run", resume=True, say=lambda _: None)
    assert same(weights(tmp_path / "run"), weights(undisturbed))


def test_yes_or_no_and_missing_labels_train_side_by_side(tiny_prepared: Path, tmp_path: Path) -> None:
    """The second label is there for few molecules, and yes or no: its figure is an AUROC, its loss finite."""
    data = PreparedData(tiny_prepared)
    labels = np.array(data.targets)
    labels[:, 1] = np.where(np.arange(len(labels)) % 3 == 0, labels[:, 1] > np.median(labels[:, 1]), np.nan)
    data.targets = labels
    data.manifest["targets"][1] = {"name": "qed", "kind": "yesno", "mean": 0.5, "std": 0.5}
    said: list[str] = []
    last = fit(recipe(epochs=2, repeat_labelled=2), data, tmp_path / "run", say=said.append).rows[-1]
    assert 0 <= last["auroc_qed"] <= 1
    assert "mae_qed" not in last
    assert np.isfinite(list(last.values())).all()
    assert "| MAE logp" in said[-1]
    assert "| AUROC qed" in said[-1]
