"""Readers of image files: idx (MNIST), MATLAB, the text of binarised MNIST, NumPy; pixels as rows between 0 and 1."""

import gzip
import math
import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from chemvae.errors import InputError

IDX_BYTES = 0x08  # the type of the numbers, third byte of an idx file
GZIP = b"\x1f\x8b"
BYTE = 255.0


def read_idx(path: Path) -> UInt8[ndarray, "..."]:
    """Read an idx file of bytes, zipped or not.

    Raises:
        InputError: it is no idx file, or shorter or longer than it says.
    """
    raw = path.read_bytes()
    if raw[:2] == GZIP:
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise InputError(f"Expected a whole gzip file at {path}, but got: {error}. Fetch it again.") from None
    if len(raw) < 4 or raw[:3] != bytes((0, 0, IDX_BYTES)):  # noqa: PLR2004 (the magic number)
        raise InputError(f"Expected an idx file of bytes at {path}, but got something else. Fetch it again.")
    sizes = np.frombuffer(raw, ">u4", count=min(raw[3], (len(raw) - 4) // 4), offset=4)
    content = raw[4 + 4 * raw[3] :]
    if len(sizes) != raw[3] or len(content) != math.prod(map(int, sizes)):
        raise InputError(
            f"Expected {' x '.join(map(str, sizes))} bytes in {path}, but got {len(content)}. Fetch it again."
        )
    return np.frombuffer(content, np.uint8).reshape(tuple(map(int, sizes)))


def read_matlab(path: Path, name: str) -> ndarray:
    """Read one variable of a MATLAB file.

    Raises:
        InputError: it is no MATLAB file, or has no such variable.
    """
    from scipy.io import loadmat

    try:
        content = loadmat(path)
    except (ValueError, TypeError, NotImplementedError, OSError) as error:
        raise InputError(f"Expected a MATLAB file at {path}, but got: {error}. Fetch it again.") from None
    if name not in content:
        found = ", ".join(key for key in content if not key.startswith("__")) or "nothing"
        raise InputError(f"Expected the variable {name} in {path}, but got {found}. Fetch it again.")
    return content[name]


def read_amat(path: Path) -> ndarray:
    """Read rows of 0 and 1 as text.

    Raises:
        InputError: it holds something else.
    """
    try:
        return np.loadtxt(path, dtype=np.uint8, ndmin=2)
    except ValueError as error:
        raise InputError(f"Expected rows of 0 and 1 in {path}, but got: {error}. Fetch it again.") from None


def read_npz(path: Path, name: str) -> ndarray:
    """Read one array of a NumPy archive; pickles are refused.

    Raises:
        InputError: it is no such archive, or has no such array.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            return content[name]
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"Expected an array {name} in {path}, but got: {error}. Fetch it again.") from None


def as_rows(images: ndarray, shape: tuple[int, int], *, greatest: float = BYTE) -> Float[ndarray, "n pixels"]:
    """Return images as rows of numbers between 0 and 1.

    Raises:
        InputError: they have another size, or a value that is out of range.
    """
    rows = images.reshape(len(images), -1)
    if rows.shape[1] != math.prod(shape):
        raise InputError(
            f"Expected images of {shape[0]} x {shape[1]} pixels, but got {rows.shape[1]} each. Fetch them again."
        )
    scaled = rows.astype(np.float32) / np.float32(greatest)
    if scaled.size and not (scaled.min() >= 0.0 and scaled.max() <= 1.0):
        raise InputError(
            f"Expected pixels between 0 and {greatest:g}, but got {rows.min()} to {rows.max()}. Fetch them again."
        )
    return scaled
