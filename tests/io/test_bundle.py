"""Bundles: what is written comes back; what is damaged or hostile is refused in one line and runs nothing."""

import json
import pickle
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from chemvae.errors import BundleError
from chemvae.io.atomic import sha256
from chemvae.io.bundle import CONFIG, WEIGHTS, read_bundle, write_bundle


@pytest.fixture
def copy(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))


def change(folder: Path, **values: Any) -> None:
    stored = json.loads((folder / CONFIG).read_text())
    stored.update(values)
    (folder / CONFIG).write_text(json.dumps(stored))


def refused(folder: Path, match: str) -> None:
    with pytest.raises(BundleError, match=match) as caught:
        read_bundle(folder)
    assert "\n" not in str(caught.value)


def test_a_round_trip_keeps_everything(tiny_bundle: Path, tmp_path: Path) -> None:
    first = read_bundle(tiny_bundle)
    write_bundle(first, tmp_path / "again", "# card\n")
    second = read_bundle(tmp_path / "again")
    assert {name: getattr(first, name) for name in ("name", "model", "tokenizer", "length", "targets", "latent")} == {
        name: getattr(second, name) for name in ("name", "model", "tokenizer", "length", "targets", "latent")
    }
    for name, value in first.weights.items():
        np.testing.assert_array_equal(value, second.weights[name])
        assert value.dtype != np.float16


def test_half_precision_is_near_and_full_precision_is_exact(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = read_bundle(tiny_bundle)
    exact = {name: value + 1e-5 if value.dtype == np.float32 else value for name, value in bundle.weights.items()}
    from dataclasses import replace

    write_bundle(replace(bundle, weights=exact), tmp_path / "full", "", half=False)
    for name, value in read_bundle(tmp_path / "full").weights.items():
        np.testing.assert_array_equal(value, exact[name])
    size = [(folder / WEIGHTS).stat().st_size for folder in (tiny_bundle, tmp_path / "full")]
    assert size[0] < 0.6 * size[1]


def test_no_folder_and_no_weights(tmp_path: Path, copy: Path) -> None:
    refused(tmp_path / "none", "no config.json")
    (copy / WEIGHTS).unlink()
    refused(copy, "copy it again")


def test_truncated_or_altered_weights(copy: Path) -> None:
    raw = (copy / WEIGHTS).read_bytes()
    (copy / WEIGHTS).write_bytes(raw[:-1])
    refused(copy, "truncated or altered")
    (copy / WEIGHTS).write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    refused(copy, "truncated or altered")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path(__file__).with_name("bomb"),))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 7,
        struct.pack("<Q", 2**60) + b"{}",
        pickle.dumps(Bomb()),
        b"PK\x03\x04" + b"\x00" * 100,
        struct.pack("<Q", 2) + b"[]",
    ],
    ids=["empty", "short", "long header", "pickle", "zip", "no table"],
)
def test_weights_that_are_none_even_with_the_right_checksum(copy: Path, raw: bytes) -> None:
    (copy / WEIGHTS).write_bytes(raw)
    change(copy, weights_sha256=sha256(copy / WEIGHTS))
    refused(copy, "safetensors")
    assert not Path(__file__).with_name("bomb").exists()


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"format_version": 99}, "Update chemvae"),
        ({"length": -3}, "length"),
        ({"length": "long"}, "length"),
        ({"model": {"latent": 6, "secret": 1}}, "values do not fit"),
        ({"targets": ["logp"]}, "values do not fit"),
        ({"latent": {"mean": ["a"]}}, "values do not fit"),
    ],
)
def test_a_configuration_that_cannot_be(copy: Path, values: dict[str, Any], match: str) -> None:
    change(copy, **values)
    refused(copy, match)


def test_a_configuration_that_is_no_json_or_lacks_a_key(copy: Path) -> None:
    stored = json.loads((copy / CONFIG).read_text())
    del stored["tokenizer"]
    (copy / CONFIG).write_text(json.dumps(stored))
    refused(copy, "lacks 'tokenizer'")
    (copy / CONFIG).write_text('{"format_version": 1,')
    refused(copy, "damaged")
    (copy / CONFIG).write_text("[" * 100_000)
    refused(copy, "damaged")


def test_foreign_tensors_are_refused_by_the_model(copy: Path) -> None:
    from chemvae.model import load

    (copy / WEIGHTS).write_bytes(save_tensors({"a": np.zeros(3, dtype=np.float32)}))
    change(copy, weights_sha256=sha256(copy / WEIGHTS))
    with pytest.raises(BundleError, match="Expected weights"):
        load(copy)


def test_a_property_beyond_half_precision_keeps_its_scale(tiny_bundle: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    bundle = read_bundle(tiny_bundle)
    scale = {"head.mean": np.array([1e6, 330.123], dtype=np.float32), "head.std": np.array([2e5, 1e-9], np.float32)}
    write_bundle(replace(bundle, weights=bundle.weights | scale), tmp_path / "large", "")
    read = read_bundle(tmp_path / "large").weights
    for name, value in scale.items():
        np.testing.assert_array_equal(read[name], value)
