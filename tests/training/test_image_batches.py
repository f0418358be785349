"""Batches of images: every image once an epoch, the same after a resume, white as often as it is grey."""

import numpy as np
import torch

from chemvae.io.image_sets import load_images
from chemvae.systems.recipe import ImageDataConfig
from chemvae.training.image_batches import ImageBatches

IMAGES = load_images(ImageDataConfig(train_images=23))


def batches(**more) -> ImageBatches:
    return ImageBatches(IMAGES, "train", 5, 0, **more)


def test_every_image_comes_once_an_epoch_in_another_order() -> None:
    found = batches()
    first, second = (torch.cat([batch.x for batch in found]) for _ in range(2))
    assert len(found) == 5
    for epoch in (first, second):
        assert torch.equal(epoch.sum(dim=1).sort().values, torch.from_numpy(IMAGES.parts["train"]).sum(1).sort().values)
    assert not torch.equal(first, second)


def test_labels_go_with_their_images() -> None:
    assert IMAGES.labels is not None
    truth = {x.tobytes(): int(y) for x, y in zip(IMAGES.parts["train"], IMAGES.labels["train"], strict=True)}
    for batch in batches():
        assert batch.y is not None
        assert [truth[x.numpy().tobytes()] for x in batch.x] == batch.y.argmax(dim=1).tolist()


def test_a_resume_inside_an_epoch_sees_what_would_have_come() -> None:
    whole, cut = batches(dynamic=True), batches(dynamic=True)
    for found in (whole, cut):
        walk = iter(found)
        next(walk), next(walk)
    resumed = batches(dynamic=True)
    resumed.load_state_dict(cut.state_dict())
    rest = [batch.x for batch in resumed]
    assert len(rest) == 3
    assert all(torch.equal(a, b.x) for a, b in zip(rest, whole, strict=True))


def test_dynamic_binarisation_draws_anew_each_epoch() -> None:
    found = batches(dynamic=True, same_order=True)
    epochs = np.stack([torch.cat([batch.x for batch in found]).numpy() for _ in range(300)])
    assert set(np.unique(epochs)) == {0.0, 1.0}
    assert np.abs(epochs.mean(axis=0) - IMAGES.parts["train"]).max() < 0.15
