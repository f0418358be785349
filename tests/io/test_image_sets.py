"""Image sets by name: their parts, their binarisation, and files that are not there."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from chemvae.errors import InputError, MissingFileError
from chemvae.io import image_sets
from chemvae.io.image_sets import SETS, load_images
from chemvae.systems.recipe import ImageDataConfig

SHARED = Path(os.environ.get("CHEMVAE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def idx(images: np.ndarray) -> bytes:
    """Write bytes in the idx format."""
    head = bytes((0, 0, 8, images.ndim)) + struct.pack(f">{images.ndim}I", *images.shape)
    return head + images.astype(np.uint8).tobytes()


def config(**more) -> ImageDataConfig:
    return ImageDataConfig.model_validate(more)


def test_digits_are_there_without_a_download() -> None:
    images = load_images(config())
    assert {name: x.shape for name, x in images.parts.items()} == {
        "train": (1297, 64), "valid": (200, 64), "test": (300, 64),
    }  # fmt: skip
    assert images.classes == 10
    assert images.labels is not None
    counts = np.bincount(images.labels["test"], minlength=10)
    assert counts.min() > 15  # shuffled: every class is in every part
    assert len(np.unique(images.parts["train"])) == 17


def test_fewer_are_drawn_with_the_seed() -> None:
    few, same, other = (load_images(config(train_images=20), seed) for seed in (0, 0, 1))
    assert few.parts["train"].shape == (20, 64)
    assert few.labels is not None and few.labels["train"].shape == (20,)
    assert np.array_equal(few.parts["train"], same.parts["train"])
    assert not np.array_equal(few.parts["train"], other.parts["train"])
    assert np.array_equal(few.parts["test"], other.parts["test"])


def test_binarisations_differ_in_what_they_leave_grey() -> None:
    grey = load_images(config())
    for how, train_is_grey in (("dynamic", True), ("fixed", False), ("threshold", False)):
        images = load_images(config(binarise=how))
        assert set(np.unique(images.parts["test"])) == {0.0, 1.0}
        assert np.array_equal(images.parts["train"], grey.parts["train"]) == train_is_grey
    once, again = (load_images(config(binarise="fixed"), seed) for seed in (0, 9))
    assert np.array_equal(once.parts["train"], again.parts["train"])
    many = np.stack([image_sets.drawn(grey.parts["test"][:50], np.random.default_rng(i)) for i in range(400)])
    assert np.abs(many.mean(axis=0) - grey.parts["test"][:50]).max() < 0.12


@pytest.fixture
def few(monkeypatch) -> None:
    """Let sets be split where files of ten images can be."""
    for name in ("MNIST_SPLIT", "T10K_SPLIT", "FREY_SPLIT"):
        monkeypatch.setattr(image_sets, name, (4, 6))


def write_mnist(folder: Path) -> np.ndarray:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (10, 28, 28), dtype=np.uint8)
    for part, rows in (("train", slice(0, 6)), ("t10k", slice(6, 10))):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images[rows])))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.arange(10)[rows])))
    return images


@pytest.mark.usefixtures("few")
def test_mnist_keeps_its_order(tmp_path: Path) -> None:
    images = write_mnist(tmp_path)
    found = load_images(config(name="mnist", folder=str(tmp_path)))
    assert np.allclose(found.parts["test"], images[6:].reshape(4, -1) / 255)
    assert found.labels is not None
    assert [part.tolist() for part in found.labels.values()] == [[0, 1, 2, 3], [4, 5], [6, 7, 8, 9]]
    assert len(found.files) == 4
    with pytest.raises(InputError, match="more than 6 images"):
        load_images(config(name="mnist_t10k", folder=str(tmp_path)))


@pytest.mark.parametrize("end", ["mat", "amat"])
def test_the_fixed_binarisation_has_three_files_and_no_labels(tmp_path: Path, end: str) -> None:
    white = (np.random.default_rng(0).random((3, 2, 784)) > 0.5).astype(np.uint8)
    for part, rows in zip(("train", "valid", "test"), white, strict=True):
        path = tmp_path / f"binarized_mnist_{part}.{end}"
        if end == "mat":
            savemat(path, {"X": rows})
        else:
            np.savetxt(path, rows, fmt="%d")
    found = load_images(config(name="binarized_mnist", binarise="fixed", folder=str(tmp_path)))
    assert np.array_equal(np.stack(list(found.parts.values())), white)
    assert found.classes == 0


@pytest.mark.usefixtures("few")
def test_faces_are_shuffled_and_lose_none(tmp_path: Path) -> None:
    faces = np.arange(10, dtype=np.uint8)[:, None, None] + np.zeros((10, 28, 20), np.uint8)
    np.savez(tmp_path / "frey_faces_uint8_28x20.npz", images=faces)
    found = load_images(config(name="frey_faces", folder=str(tmp_path)))
    first = np.concatenate([part[:, 0] for part in found.parts.values()]) * 255
    assert sorted(first.round().astype(int).tolist()) == list(range(10))
    assert first.round().astype(int).tolist() != list(range(10))


@pytest.mark.parametrize("name", [name for name in SETS if name != "digits"])
def test_what_is_not_there_says_how_to_get_it(name: str, tmp_path: Path) -> None:
    binarise = "fixed" if name == "binarized_mnist" else "none"
    with pytest.raises(MissingFileError, match=f"chemvae data fetch {name.removesuffix('_t10k')}"):
        load_images(config(name=name, binarise=binarise, folder=str(tmp_path)))


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the local copies: set CHEMVAE_DATA to their folder")
@pytest.mark.parametrize(("name", "sizes"), [
    ("mnist", (50_000, 10_000, 10_000)), ("mnist_t10k", (7_500, 500, 2_000)),
    ("binarized_mnist", (50_000, 10_000, 10_000)), ("frey_faces", (1_565, 200, 200)),
])  # fmt: skip
def test_the_real_files_are_read(name: str, sizes: tuple[int, int, int]) -> None:
    binarise = "fixed" if name == "binarized_mnist" else "none"
    folder = SHARED / name.removesuffix("_t10k")
    found = load_images(config(name=name, binarise=binarise, folder=str(folder)))
    assert tuple(len(part) for part in found.parts.values()) == sizes
