"""Ranks: shares of a batch are its parts, and two processes train to what one does."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from chemvae.config import Recipe
from chemvae.errors import ConfigError
from chemvae.io.prepared import PreparedData
from chemvae.training.batches import LengthBuckets, share
from chemvae.training.fit import fit
from chemvae.training.keeping import LAST
from chemvae.training.ranks import Ranks, environment, launched, leads, others, own


def recipe(**train: Any) -> Recipe:
    return Recipe.model_validate(
        {
            "seed": 3,
            "model": {
                "latent": 4,
                "encoder": {"embed": 8, "channels": [16], "kernels": [3], "strides": [2], "hidden": [16]},
                "decoder": {"embed": 8, "width": 24, "memory": 4, "hidden": 8, "word_dropout": 0.0},
                "head": {"hidden": [8]},
            },
            "train": {"epochs": 3, "batch_size": 8, "warmup_steps": 5, "threads": 1, "checkpoint_minutes": 60, **train},
        }
    )


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "checkpoints" / LAST, weights_only=True)["state_dict"]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("world", [1, 2, 3])
def test_shares_are_the_batch_and_their_means_weigh_what_they_should(n: int, world: int) -> None:
    rows, loss = np.arange(n) + 10, np.random.default_rng(n).random(n + 10)
    shares = [share(rows, Ranks(rank, world)) for rank in range(world)]
    assert sorted(row for some, weight in shares if weight for row in some) == rows.tolist()
    together = np.mean([loss[some].mean() * weight for some, weight in shares])
    assert together == pytest.approx(loss[rows].mean())


def test_one_alone_has_every_batch_whole_and_validation_is_never_shared(
    tiny_prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = PreparedData(tiny_prepared)
    drawn = [LengthBuckets(data, data.rows("train"), 8, 0, pad_to_cap=False, same_order=same) for same in (False, True)]
    assert [sum(len(batch.x) for batch in one) for one in drawn] == [60, 60]
    monkeypatch.setattr("chemvae.training.batches.ranks", lambda: Ranks(1, 2))
    half, whole = (sum(len(batch.x) for batch in one) for one in drawn)
    assert (half, whole) == (30, 60)


def test_a_rank_takes_back_its_own_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    states = torch.arange(6).reshape(2, 3)
    for rank, found in ((0, [0, 1, 2]), (1, [3, 4, 5]), (2, None)):
        monkeypatch.setattr("chemvae.training.ranks.ranks", lambda rank=rank: Ranks(rank, 3))
        state = own(states)
        assert (state is None) if found is None else (state is not None and state.tolist() == found)
        assert (own(states[0]) is None) == (rank > 0)  # a checkpoint of one alone


def test_several_hosts_want_a_launcher() -> None:
    with pytest.raises(ConfigError, match="torchrun"), others(recipe(nodes=2).train, []):
        pass
    assert leads()
    with environment({"RANK": "1", "LOCAL_RANK": "1"}):
        assert not leads()
        with others(recipe(nodes=2).train, []):  # whoever started this one started the others
            pass
    with environment({"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}):
        assert launched() and not leads()
    with environment({"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}):
        assert not launched() and leads()


RANK = """
    import sys
    from pathlib import Path
    from chemvae.config import Recipe
    from chemvae.io.prepared import PreparedData
    from chemvae.nn.posterior import DiagonalGaussian
    from chemvae.training.fit import fit

    def mean(self, generator=None, k=1):
        return self.mean.expand(k, *self.mean.shape)

    DiagonalGaussian.sample = mean
    fit(Recipe.model_validate_json(sys.argv[1]), PreparedData(sys.argv[2]), Path(sys.argv[3]), say=lambda _: None)
"""


def started(prepared: Path, folder: Path, **train: Any) -> list[subprocess.Popen[bytes]]:
    """Train without noise, as a launcher would start it: a process for each device."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    asked, world = recipe(**train).model_dump_json(), train.get("devices", 1)
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "NODE_RANK": "0", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", textwrap.dedent(RANK), asked, str(prepared), str(folder)]
    paths = os.pathsep.join(sys.path)
    ranks = [{"LOCAL_RANK": str(rank), "RANK": str(rank)} if world > 1 else {} for rank in range(world)]
    return [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths, **meeting, **rank}) for rank in ranks]


@pytest.mark.slow
def test_two_processes_train_to_what_one_does(tiny_prepared: Path, tmp_path: Path) -> None:
    """Without the noise of z, which each rank draws for itself, only the order of additions differs."""
    runs = [process for n in (1, 2) for process in started(tiny_prepared, tmp_path / str(n), devices=n)]
    assert [process.wait(timeout=600) for process in runs] == [0, 0, 0]
    one, two = weights(tmp_path / "1"), weights(tmp_path / "2")
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-3, atol=1e-4)
    logs = [pd.read_csv(tmp_path / n / "metrics.csv").drop(columns="seconds") for n in ("1", "2")]
    pd.testing.assert_frame_equal(*logs, rtol=1e-3)


@pytest.mark.slow
def test_two_processes_killed_and_resumed_end_in_the_same_bits(tiny_prepared: Path, tmp_path: Path) -> None:
    data, asked = PreparedData(tiny_prepared), recipe(devices=2, checkpoint_minutes=1e-9)
    whole = fit(asked, data, tmp_path / "whole", say=lambda _: None)
    one = fit(recipe(), data, tmp_path / "one", say=lambda _: None)
    assert whole.kept["valid_loss"] == pytest.approx(one.kept["valid_loss"], rel=0.1)
    assert not torch.distributed.is_initialized()
    code = textwrap.dedent(RANK).replace("DiagonalGaussian.sample = mean", "")
    command = [sys.executable, "-c", code, asked.model_dump_json(), str(tiny_prepared), str(tmp_path / "killed")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=env) as process:
        last = tmp_path / "killed" / "checkpoints" / LAST
        while process.poll() is None and not (last.is_file() and step_of(last) >= 11):
            pass
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    fit(asked, data, tmp_path / "killed", resume=True, say=lambda _: None)
    before, after = weights(tmp_path / "whole"), weights(tmp_path / "killed")
    assert all(torch.equal(after[name], value) for name, value in before.items())
    logs = [pd.read_csv(tmp_path / name / "metrics.csv").drop(columns="seconds") for name in ("whole", "killed")]
    pd.testing.assert_frame_equal(*logs, check_exact=True)


def step_of(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, weights_only=True)["global_step"])
