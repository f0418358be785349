"""Bundles: a model to share, as a folder of safetensors and JSON; reading one never runs code of its maker."""

import hashlib
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from chemvae.config import ModelConfig
from chemvae.errors import BundleError, InputError
from chemvae.io.atomic import atomic_path, read_json, sha256, write_json, write_text

FORMAT_VERSION = 1
WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "MODEL_CARD.md"
MOST_BYTES = 2 * 1024**3
"""A weights file beyond this is refused before a byte of it is read."""
MOST_CONFIG_BYTES = 32 * 1024**2
HEADER = struct.Struct("<Q")
"""A safetensors file begins with the length of its header."""
MOST_HEADER_BYTES = 16 * 1024**2
MOST_LAYERS = 256
"""Entries of a list in a model's configuration, and layers: more would take minutes to lay out."""
LARGEST = 10**7
"""Of a whole number in a model's configuration, and of tokens in a string."""
NEEDED: dict[str, type] = {
    "name": str,
    "weights_sha256": str,
    "length": int,
    "targets": dict,
    "model": dict,
    "tokenizer": dict,
    "latent": dict,
    "figures": dict,
    "notes": dict,
}
"""What a configuration holds beside its format, and as what."""
STATISTICS = ("mean", "std", "posterior_std")
"""What is known of each latent dimension."""


@dataclass(frozen=True)
class Bundle:
    """A model as plain values and arrays: what is on disk, checked."""

    name: str
    """what the model calls itself"""
    model: ModelConfig
    """how large the networks are"""
    tokenizer: dict[str, Any]
    """what `Tokenizer.from_dict` takes"""
    length: int
    """longest string in tokens, the end mark included"""
    targets: dict[str, bool]
    """each property, and whether it is a yes/no label"""
    latent: dict[str, list[float]]
    """mean and standard deviation of the posterior means over the training molecules, and the mean posterior std"""
    figures: dict[str, Any]
    """what was measured of it"""
    weights: dict[str, Shaped[ndarray, "..."]] = field(repr=False)
    """every parameter and buffer, float32 in memory"""
    notes: dict[str, Any] = field(default_factory=dict)
    """where it comes from: data, recipe, versions"""


def write_bundle(bundle: Bundle, folder: Path | str, card: str, *, half: bool = True) -> None:
    """Write a bundle whole or not at all.

    Args:
        bundle: the model.
        folder: where; replaced if it exists.
        card: text of the model card, in Markdown.
        half: store matrices as float16, which halves the file; figures are measured on what is read back. Vectors,
            among them the scales of the properties, stay float32: they weigh little and may lie beyond 65,504.
    """
    kept = {
        name: np.asarray(
            value.astype(np.float16) if half and value.ndim > 1 and value.dtype == np.float32 else value, order="C"
        )
        for name, value in bundle.weights.items()
    }
    raw = save_tensors(kept)
    with atomic_path(folder) as beside:
        beside.mkdir()
        (beside / WEIGHTS).write_bytes(raw)
        write_json(
            beside / CONFIG,
            {
                "format_version": FORMAT_VERSION,
                "name": bundle.name,
                "weights_sha256": hashlib.sha256(raw).hexdigest(),
                "length": bundle.length,
                "targets": bundle.targets,
                "model": bundle.model.model_dump(mode="json"),
                "tokenizer": bundle.tokenizer,
                "latent": bundle.latent,
                "figures": bundle.figures,
                "notes": bundle.notes,
            },
        )
        write_text(beside / CARD, card)


def read_bundle(folder: Path | str) -> Bundle:
    """Read and check a bundle; no byte of it is executed.

    Raises:
        BundleError: it is missing, truncated, altered, of another format, or not what it says.
    """
    folder = Path(folder)
    stored = read_config(folder)
    weights = read_weights(folder / WEIGHTS, stored["weights_sha256"])
    try:
        model = ModelConfig.model_validate(stored["model"])
        _check_sizes("model", stored["model"])
        return Bundle(
            name=str(stored["name"]),
            model=model,
            tokenizer=stored["tokenizer"],
            length=_whole(stored["length"]),
            targets={str(name): bool(kind) for name, kind in stored["targets"].items()},
            latent=_statistics(stored["latent"], model.latent),
            figures=dict(stored["figures"]),
            weights=weights,
            notes=dict(stored["notes"]),
        )
    except (ValidationError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise BundleError(f"Expected a model in {folder / CONFIG}, but its values do not fit: {said}.") from None


def read_config(folder: Path) -> dict[str, Any]:
    """Read what a bundle says of itself, checked for format and completeness."""
    path = folder / CONFIG
    if not path.is_file():
        raise BundleError(f"Expected a model bundle at {folder}, but it has no {CONFIG}. Give a run or bundle folder.")
    if path.stat().st_size > MOST_CONFIG_BYTES:
        raise BundleError(f"Expected {path} below {MOST_CONFIG_BYTES} bytes, but it has {path.stat().st_size}.")
    try:
        stored = read_json(path)
    except InputError as error:
        raise BundleError(f"{error} The bundle is damaged: copy it again.") from None
    if not isinstance(stored, dict) or stored.get("format_version") != FORMAT_VERSION:
        found = stored.get("format_version") if isinstance(stored, dict) else type(stored).__name__
        raise BundleError(
            f"Expected a bundle of format {FORMAT_VERSION} in {folder}, but got {found!r}. Update chemvae."
        )
    missing = [key for key in NEEDED if key not in stored]
    if missing:
        raise BundleError(f"Expected {CONFIG} in {folder} to hold {', '.join(NEEDED)}, but it lacks {missing[0]!r}.")
    wrong = [key for key, kind in NEEDED.items() if not isinstance(stored[key], kind)]
    if wrong:
        said = f"{wrong[0]} is {str(stored[wrong[0]])[:40]!r}"
        raise BundleError(f"Expected a model in {path}, but its values do not fit: {said}.")
    return stored


def read_weights(path: Path, checksum: str) -> dict[str, Shaped[ndarray, "..."]]:
    """Read a safetensors file whose size, header and checksum are right; float16 comes back as float32."""
    if not path.is_file():
        raise BundleError(f"Expected weights at {path}, but no file is there. The bundle is incomplete: copy it again.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BundleError(f"Expected weights below {MOST_BYTES} bytes in {path}, but it has {size}.")
    found = sha256(path)  # a piece at a time: nothing of its size is allocated before it is known to be what it was
    if found != checksum:
        raise BundleError(
            f"Expected {path} with sha256 {str(checksum)[:12]}..., but got {found[:12]}... ({size} bytes). "
            "It is truncated or altered: copy it again."
        )
    with path.open("rb") as file:
        begin = file.read(HEADER.size)
    if size < HEADER.size or HEADER.unpack(begin)[0] > min(size - HEADER.size, MOST_HEADER_BYTES):
        raise BundleError(f"Expected a safetensors file at {path}, but its header runs past its end or is too long.")
    raw = path.read_bytes()
    try:
        tensors = load_tensors(raw)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BundleError(f"Expected a safetensors file at {path}, but it cannot be read: {error}.") from None
    return {name: value.astype(np.float32) if value.dtype == np.float16 else value for name, value in tensors.items()}


def _whole(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise ValueError(f"length is {str(value)[:40]!r}, not a whole number from 1 to {LARGEST}")
    return value


def _check_sizes(name: str, value: Any) -> None:
    """Raise for what no model of ours has, before networks of that size are laid out."""
    if isinstance(value, dict | list):
        if len(value) > MOST_LAYERS:
            raise ValueError(f"{name} has {len(value)} entries, and {MOST_LAYERS} are too many")
        for key, inner in value.items() if isinstance(value, dict) else ((name, inner) for inner in value):
            _check_sizes(str(key), inner)
    elif isinstance(value, int) and value > (MOST_LAYERS if name == "layers" else LARGEST):
        raise ValueError(f"{name} is {str(value)[:40]}, which is too large")


def _statistics(stored: dict[str, Any], latent: int) -> dict[str, list[float]]:
    """Return the latent statistics, a finite number per dimension each."""
    found = {str(name): [float(x) for x in row] for name, row in stored.items()}
    for name in STATISTICS:
        row = found.get(name, [])
        if len(row) != latent or not np.isfinite(row).all():
            raise ValueError(f"latent.{name} is not {latent} numbers")
    return found
