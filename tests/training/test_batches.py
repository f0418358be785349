"""LengthBuckets: every molecule once an epoch, like lengths together, and a resume that goes on where it stood."""

from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.io.prepared import PreparedData
from chemvae.training.batches import LengthBuckets


def buckets(folder: Path, seed: int = 0, size: int = 7, *, pad_to_cap: bool = False) -> LengthBuckets:
    data = PreparedData(folder)
    return LengthBuckets(data, data.rows("train"), size, seed, pad_to_cap=pad_to_cap)


def test_every_molecule_comes_once_an_epoch(tiny_prepared: Path) -> None:
    loader = buckets(tiny_prepared)
    for epoch in range(3):
        order = loader.order(epoch)
        assert len(order) == len(loader)
        assert sorted(np.concatenate(order)) == list(loader.rows)


def test_a_batch_is_what_the_table_says(tiny_prepared: Path) -> None:
    loader = buckets(tiny_prepared)
    batch, rows = next(iter(loader)), loader.order(0)[0]
    for x, y, row in zip(batch.x, batch.y, rows, strict=True):
        ids = loader.data.ids[loader.data.offsets[row] : loader.data.offsets[row + 1]]
        assert x[: len(ids)].tolist() == ids.tolist()
        assert (x[len(ids) :] == 0).all()
        np.testing.assert_array_equal(y, loader.data.targets[row])


def test_padding_goes_to_the_longest_of_the_batch_or_to_the_cap(tiny_prepared: Path) -> None:
    assert all((batch.x[:, -1] != 0).any() for batch in buckets(tiny_prepared))
    widths = {batch.x.shape[1] for batch in buckets(tiny_prepared)}
    assert len(widths) > 1
    assert {batch.x.shape[1] for batch in buckets(tiny_prepared, pad_to_cap=True)} == {max(widths)}


def test_seed_and_epoch_decide_the_order(tiny_prepared: Path) -> None:
    first = [
        np.concatenate(buckets(tiny_prepared, seed).order(epoch)).tolist() for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    assert first[0] == np.concatenate(buckets(tiny_prepared).order(0)).tolist()
    assert first[0] != first[1]
    assert first[0] != first[2]


@pytest.mark.parametrize("stop", [1, 4, 9, 10])
def test_a_resumed_loader_gives_the_rest(tiny_prepared: Path, stop: int) -> None:
    whole = buckets(tiny_prepared)
    batches = [*whole, *whole]
    broken = buckets(tiny_prepared)
    iterator = iter(broken)
    for _ in range(min(stop, len(broken))):
        next(iterator)
    fresh = buckets(tiny_prepared)
    fresh.load_state_dict(broken.state_dict())
    rest = [*fresh, *fresh]
    begin = min(stop, len(broken))
    for got, expected in zip(rest, batches[begin:], strict=False):
        assert torch.equal(got.x, expected.x)
