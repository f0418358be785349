"""Classifier files: a model of one's own as a safetensors file; reading one never runs code of its maker.

The tensors of a forest are `roots`, `column`, `threshold`, `left`, `right` and `value`; of a logistic regression,
`weights` and `intercept`. The entry `chemvae` of the file's metadata is JSON with `format` ("chemvae-classifier"),
`format_version`, `kind` ("forest" or "logistic"), `name`, `inputs` (radius, bits, counts, features) and `notes`.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from chemvae.chem.oracles.models import Classifier, Forest, Inputs, Logistic
from chemvae.errors import InputError, MissingFileError
from chemvae.io.atomic import atomic_path, refuse_existing
from chemvae.io.bundle import HEADER

FORMAT, FORMAT_VERSION = "chemvae-classifier", 1
MOST_BYTES = 1024**3
"""A file beyond this is refused before a byte of it is read."""

TENSORS: dict[str, dict[str, type[np.generic]]] = {
    "forest": {
        "roots": np.int32,
        "column": np.int32,
        "threshold": np.float64,
        "left": np.int32,
        "right": np.int32,
        "value": np.float64,
    },
    "logistic": {"weights": np.float64, "intercept": np.float64},
}


def write_classifier(classifier: Classifier, path: Path | str, *, overwrite: bool = False) -> None:
    """Write a classifier whole or not at all.

    Raises:
        InputError: its arrays do not fit together.
        ExistsError: something is there and nobody said to overwrite it.
    """
    refuse_existing(path, overwrite=overwrite)
    model = classifier.check().model
    kind = "forest" if isinstance(model, Forest) else "logistic"
    said = {"format": FORMAT, "format_version": FORMAT_VERSION, "kind": kind, "name": classifier.name}
    said |= {"inputs": asdict(classifier.inputs), "notes": classifier.notes}
    arrays = {
        name: np.atleast_1d(np.asarray(getattr(model, name), dtype=dtype)) for name, dtype in TENSORS[kind].items()
    }
    raw = save_tensors(arrays, metadata={"chemvae": json.dumps(said, ensure_ascii=False)})
    with atomic_path(path) as beside:
        beside.write_bytes(raw)


def read_classifier(path: Path | str) -> Classifier:
    """Read and check a classifier; no byte of it is executed.

    Raises:
        InputError: it is missing, truncated, of another format, or not what it says.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"Expected a classifier file at {path}, but no file is there. Check the name.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InputError(f"Expected a classifier file below {MOST_BYTES} bytes, but {path} has {size}.")
    raw = path.read_bytes()
    try:
        said = said_by(raw)
        tensors = load_tensors(raw)
    except (SafetensorError, KeyError, ValueError, TypeError, RecursionError):
        raise InputError(
            f"Expected a classifier file that chemvae wrote, but {path} is something else or damaged. A pickled model "
            "is never loaded: turn it into one with chemvae.chem.oracles.exported.from_sklearn."
        ) from None
    if said.get("format") != FORMAT or said.get("format_version") != FORMAT_VERSION or said.get("kind") not in TENSORS:
        shown = {key: said.get(key) for key in ("format", "format_version", "kind")}
        raise InputError(f"Expected {FORMAT} of version {FORMAT_VERSION} in {path}, but got {shown}. Update chemvae.")
    try:
        return built(said, tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"Expected a classifier in {path}, but its parts do not fit: {error}") from None


def said_by(raw: bytes) -> dict[str, Any]:
    """Return what a file says of itself.

    Raises:
        ValueError: nothing that can be read.
    """
    length = HEADER.unpack(raw[: HEADER.size])[0] if len(raw) >= HEADER.size else len(raw)
    if length > len(raw) - HEADER.size:
        raise ValueError("the header runs past the end")
    said = json.loads(json.loads(raw[HEADER.size : HEADER.size + length])["__metadata__"]["chemvae"])
    if not isinstance(said, dict):
        raise ValueError("no table")
    return said


def built(said: dict[str, Any], tensors: dict[str, Any]) -> Classifier:
    """Return the classifier of a file's parts, checked.

    Raises:
        KeyError: a tensor is missing.
        TypeError: a setting is missing, or one too many.
        ValueError: a tensor has another type or shape, or they do not fit together.
    """
    wanted = TENSORS[said["kind"]]
    arrays = {name: tensors[name] for name in wanted}
    for name, array in arrays.items():
        if array.dtype != wanted[name] or array.ndim != 1:
            raise ValueError(f"{name} is {array.dtype} in {array.ndim} dimensions")
    if said["kind"] == "forest":
        model: Forest | Logistic = Forest(**arrays)
    else:
        (intercept,) = arrays["intercept"].tolist()
        model = Logistic(arrays["weights"], intercept)
    notes = {str(key): str(value) for key, value in dict(said["notes"]).items()}
    return Classifier(str(said["name"]), Inputs(**said["inputs"]), model, notes).check()
