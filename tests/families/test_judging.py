"""The classifier that judges images learns digits in a moment, and a seed decides it."""

import torch

from chemvae.families.judging import judge_of
from chemvae.io.image_sets import load_images
from chemvae.systems.recipe import ImageDataConfig

DIGITS = load_images(ImageDataConfig(train_images=300))


def test_it_learns_and_is_kept_in_the_run_folder(tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, again = (judge_of(DIGITS, tmp_path / name, 0, 20, 8) for name in ("a", "b"))
    assert first is not None and again is not None
    x = torch.from_numpy(DIGITS.parts["test"])
    assert float((first.classes(x).numpy() == DIGITS.labels["test"]).mean()) > 0.7
    assert torch.equal(first.features(x), again.features(x))
    kept = (tmp_path / "a" / "classifier.safetensors").read_bytes()
    assert kept == (tmp_path / "b" / "classifier.safetensors").read_bytes()
    read = judge_of(DIGITS, tmp_path / "a", 0, 20, 8)
    assert read is not None and torch.equal(read.features(x), first.features(x))


def test_one_of_another_shape_is_trained_anew(tmp_path) -> None:
    judge_of(DIGITS, tmp_path, 0, 1, 8)
    other = judge_of(DIGITS, tmp_path, 0, 1, 6)
    assert other is not None and other.features(torch.rand(2, 64)).shape == (2, 6)


def test_nobody_judges_images_without_classes(tmp_path) -> None:
    from dataclasses import replace

    assert judge_of(replace(DIGITS, labels=None), tmp_path, 0, 1, 8) is None
