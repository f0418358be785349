"""Image files: what each format says comes back, and anything else is refused in one line."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from chemvae.errors import InputError
from chemvae.io.images import as_rows, read_amat, read_idx, read_matlab, read_npz

PIXELS = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx(images: np.ndarray) -> bytes:
    """Write bytes in the idx format."""
    head = bytes((0, 0, 8, images.ndim)) + struct.pack(f">{images.ndim}I", *images.shape)
    return head + images.astype(np.uint8).tobytes()


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_comes_back(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(idx(PIXELS)) if zipped else idx(PIXELS))
    assert np.array_equal(read_idx(path), PIXELS)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", idx(PIXELS)[:-1], idx(PIXELS) + b"x", idx(PIXELS)[:6], gzip.compress(idx(PIXELS), mtime=0)[:-9],
     b"\0\0\x0d" + idx(PIXELS)[3:]],
)  # fmt: skip
def test_what_is_no_idx_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(InputError, match="Fetch it again"):
        read_idx(tmp_path / "images")


def test_matlab_comes_back(tmp_path: Path) -> None:
    savemat(tmp_path / "x.mat", {"X": PIXELS[0]})
    assert np.array_equal(read_matlab(tmp_path / "x.mat", "X"), PIXELS[0])
    with pytest.raises(InputError, match="variable Y .* but got X"):
        read_matlab(tmp_path / "x.mat", "Y")
    (tmp_path / "no.mat").write_bytes(b"<html>no</html>" * 20)
    with pytest.raises(InputError, match="Expected a MATLAB file"):
        read_matlab(tmp_path / "no.mat", "X")


def test_text_comes_back(tmp_path: Path) -> None:
    (tmp_path / "x.amat").write_text("0 1 0\n1 1 0\n")
    assert read_amat(tmp_path / "x.amat").tolist() == [[0, 1, 0], [1, 1, 0]]
    (tmp_path / "x.amat").write_text("<html>")
    with pytest.raises(InputError, match="rows of 0 and 1"):
        read_amat(tmp_path / "x.amat")


def test_an_archive_comes_back_and_a_pickle_does_not(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", images=PIXELS, objects=np.array([{}], dtype=object))
    assert np.array_equal(read_npz(tmp_path / "x.npz", "images"), PIXELS)
    for name in ("objects", "faces"):
        with pytest.raises(InputError, match=f"an array {name}"):
            read_npz(tmp_path / "x.npz", name)
    (tmp_path / "x.npz").write_bytes(b"<html>")
    with pytest.raises(InputError, match="an array images"):
        read_npz(tmp_path / "x.npz", "images")


def test_rows_lie_between_0_and_1() -> None:
    assert as_rows(np.full((1, 2, 2), 255, np.uint8), (2, 2)).tolist() == [[1.0] * 4]
    with pytest.raises(InputError, match="3 x 5 pixels, but got 12 each"):
        as_rows(PIXELS, (3, 5))
    with pytest.raises(InputError, match="between 0 and 1, but got 0 to 23"):
        as_rows(PIXELS, (3, 4), greatest=1.0)
