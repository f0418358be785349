"""What a run keeps: lines that a person reads, checkpoints that run no code."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from chemvae.training.keeping import WholeCheckpoints, epoch_line, write_rows


def test_an_epoch_in_one_line() -> None:
    row = {
        "epoch": 2,
        "seconds": 90.0,
        "valid_loss": 3.0,
        "valid_nll": 2.5,
        "exact_reconstruction": 0.125,
        "mae_qed": 0.05,
    }
    line = epoch_line(row, 7)
    assert line.startswith("epoch 2/7 | 1.5 min | loss 3.00")
    assert "12.5% exact" in line
    assert line.endswith("MAE qed 0.050")


def test_the_log_is_replaced_whole(tmp_path: Path) -> None:
    for rows in ([{"epoch": 1}], [{"epoch": 1}, {"epoch": 2}]):
        write_rows(tmp_path / "log.csv", rows)
    assert pd.read_csv(tmp_path / "log.csv")["epoch"].tolist() == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path(__file__).with_name("bomb"),))


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": Bomb()}, tmp_path / "bad.ckpt")
    with pytest.raises(Exception, match="weights_only|Weights only"):
        WholeCheckpoints().load_checkpoint(tmp_path / "bad.ckpt")
    assert not Path(__file__).with_name("bomb").exists()


def test_a_checkpoint_comes_back(tmp_path: Path) -> None:
    WholeCheckpoints().save_checkpoint({"a": torch.ones(2), "b": [1, "x"]}, tmp_path / "c.ckpt")
    back = WholeCheckpoints().load_checkpoint(tmp_path / "c.ckpt")
    assert back["b"] == [1, "x"]
    assert torch.equal(back["a"], torch.ones(2))
