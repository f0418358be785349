"""The image sets that recipes know by name: train, validation and test images, with labels where there are some."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.errors import InputError, MissingFileError
from chemvae.io.atomic import sha256
from chemvae.io.images import as_rows, read_amat, read_idx, read_matlab, read_npz
from chemvae.systems.recipe import ImageDataConfig

SPLITS = ("train", "valid", "test")
DIGITS_SHAPE, MNIST_SHAPE, FREY_SHAPE = (8, 8), (28, 28), (28, 20)
DIGITS_SPLIT, MNIST_SPLIT, T10K_SPLIT, FREY_SPLIT = (1297, 1497), (50_000, 60_000), (7_500, 8_000), (1_565, 1_765)
"""Where validation and test begin."""
DRAW = 0
"""Seed of a binarisation that is drawn once, so that it is the same for every run."""


@dataclass(frozen=True)
class Images:
    """Images in three parts, and the files they came from."""

    shape: tuple[int, int]
    """height and width"""
    parts: dict[str, Float[ndarray, "n pixels"]]
    """train, valid and test, between 0 and 1"""
    labels: dict[str, Int[ndarray, " n"]] | None = None
    """class of each image; None if nobody knows"""
    files: dict[str, str] = field(default_factory=dict)
    """name to sha256"""

    @property
    def classes(self) -> int:
        """Count the classes; 0 if nobody knows them."""
        return 0 if self.labels is None else 1 + max(int(labels.max()) for labels in self.labels.values())


def load_images(config: ImageDataConfig, seed: int = 0) -> Images:
    """Read a set as the recipe wants it: whole or in part, grey or black and white.

    Raises:
        MissingFileError: its files are not there.
        InputError: a file is not what it should be.
    """
    images = SETS[config.name](Path(config.folder or Path("data", config.name.removesuffix("_t10k"))))
    if config.train_images is not None:
        images = fewer(images, config.train_images, seed)
    return black_and_white(images, config)


def fewer(images: Images, n: int, seed: int) -> Images:
    """Return a set of n training images at most, drawn with the seed."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(images.parts["train"]))[:n])
    parts = images.parts | {"train": images.parts["train"][chosen]}
    labels = images.labels and images.labels | {"train": images.labels["train"][chosen]}
    return replace(images, parts=parts, labels=labels)


def black_and_white(images: Images, config: ImageDataConfig) -> Images:
    """Binarise what the recipe wants binarised once; of a dynamic binarisation that is all but the training images."""
    if config.binarise == "none" or config.name == "binarized_mnist":
        return images
    if config.binarise == "threshold":
        return replace(images, parts={name: (x > 0.5).astype(np.float32) for name, x in images.parts.items()})  # noqa: PLR2004
    once = {
        name: drawn(x, np.random.default_rng((DRAW, at)))
        for at, (name, x) in enumerate(images.parts.items())
        if name != "train" or config.binarise == "fixed"
    }
    return replace(images, parts=images.parts | once)


def drawn(grey: Float[ndarray, "n pixels"], rng: np.random.Generator) -> Float[ndarray, "n pixels"]:
    """Make each pixel white with the probability that its grey is."""
    return (rng.random(grey.shape, dtype=np.float32) < grey).astype(np.float32)


def digits(_: Path) -> Images:
    """Return scikit-learn's 1,797 digits of 8 x 8 pixels and 17 levels, in an order that is always the same."""
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(DRAW).permutation(len(found.data))
    rows = as_rows(found.data[order], DIGITS_SHAPE, greatest=16.0)
    return split(DIGITS_SHAPE, rows, found.target[order].astype(np.int64), DIGITS_SPLIT)


def mnist(folder: Path) -> Images:
    """Return MNIST in grey: 50,000 to train on, the last 10,000 of the training files to validate, 10,000 to test."""
    paths = [
        one_of(folder, [f"{part}-{kind}.gz", f"{part}-{kind}"], "mnist")
        for part in ("train", "t10k")
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    rows = np.concatenate([as_rows(read_idx(path), MNIST_SHAPE) for path in paths[::2]])
    labels = np.concatenate([read_idx(path) for path in paths[1::2]]).astype(np.int64)
    return with_files(split(MNIST_SHAPE, rows, labels, MNIST_SPLIT), paths)


def mnist_t10k(folder: Path) -> Images:
    """Return MNIST's test files alone, in their order: 7,500 / 500 / 2,000."""
    paths = [
        one_of(folder, [f"t10k-{kind}.gz", f"t10k-{kind}"], "mnist")
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    rows, labels = as_rows(read_idx(paths[0]), MNIST_SHAPE), read_idx(paths[1]).astype(np.int64)
    return with_files(split(MNIST_SHAPE, rows, labels, T10K_SPLIT), paths)


def binarized_mnist(folder: Path) -> Images:
    """Return the published fixed binarisation, 50,000 / 10,000 / 10,000; it has no labels, its test set is sorted."""
    paths = [
        one_of(folder, [f"binarized_mnist_{part}{end}" for end in (".mat", ".amat")], "binarized_mnist")
        for part in SPLITS
    ]
    read = [read_matlab(path, "X") if path.suffix == ".mat" else read_amat(path) for path in paths]
    parts = {part: as_rows(rows, MNIST_SHAPE, greatest=1.0) for part, rows in zip(SPLITS, read, strict=True)}
    return with_files(Images(MNIST_SHAPE, parts), paths)


def frey_faces(folder: Path) -> Images:
    """Return 1,965 faces in grey, shuffled in an order that is always the same: 1,565 / 200 / 200."""
    path = one_of(folder, ["frey_faces_uint8_28x20.npz", "frey_rawface.mat"], "frey_faces")
    faces = read_npz(path, "images") if path.suffix == ".npz" else read_matlab(path, "ff").T
    rows = as_rows(faces, FREY_SHAPE)
    return with_files(
        split(FREY_SHAPE, rows[np.random.default_rng(DRAW).permutation(len(rows))], None, FREY_SPLIT), [path]
    )


SETS: dict[str, Callable[[Path], Images]] = {
    "digits": digits,
    "mnist": mnist,
    "mnist_t10k": mnist_t10k,
    "binarized_mnist": binarized_mnist,
    "frey_faces": frey_faces,
}
"""A folder to images."""


def one_of(folder: Path, names: list[str], name: str) -> Path:
    """Return the first of some files that is there.

    Raises:
        MissingFileError: none is.
    """
    for candidate in names:
        if (folder / candidate).is_file():
            return folder / candidate
    raise MissingFileError(
        f"Expected {' or '.join(names)} in {folder}, but it is not there. Run `chemvae data fetch {name}`, or set "
        "data.folder to where it lies."
    )


def split(
    shape: tuple[int, int],
    rows: Float[ndarray, "n pixels"],
    labels: Int[ndarray, " n"] | None,
    begins: tuple[int, int],
) -> Images:
    """Cut rows into the three parts.

    Raises:
        InputError: there are not enough, or not as many labels.
    """
    if len(rows) <= begins[1] or (labels is not None and len(labels) != len(rows)):
        told = len(rows) if labels is None else f"{len(rows)} with {len(labels)} labels"
        raise InputError(f"Expected more than {begins[1]} images, a label each, but got {told}. Fetch them again.")
    parts = dict(zip(SPLITS, np.split(rows, begins), strict=True))
    return Images(shape, parts, None if labels is None else dict(zip(SPLITS, np.split(labels, begins), strict=True)))


def with_files(images: Images, paths: list[Path]) -> Images:
    """Return images with the checksums of the files they came from."""
    return replace(images, files={path.name: sha256(path) for path in paths})
