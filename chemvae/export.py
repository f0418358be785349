"""export: the encoder, the property head and the step of the decoder as ONNX, each checked against torch."""

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor, nn

from chemvae.errors import BundleError, ConfigError
from chemvae.io.atomic import atomic_path, refuse_existing, sha256, write_json
from chemvae.model import MoleculeModel
from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.graphs import EncoderGraph, StartGraph, StepGraph
from chemvae.nn.parts import BOS, EOS, PAD, UNK

NEEDED = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE = 1e-4
"""How far a number may be from torch's, relative to the larger of it and 1."""
ROWS, CHECKED = 2, 7
"""Rows of the batch that a graph is traced with, and of another batch that it is checked with."""
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What `export` wrote."""

    folder: Path
    """where the graphs are"""
    differences: dict[str, float]
    """of each graph, the largest difference to torch, relative to the larger of the number and 1"""

    def __str__(self) -> str:
        lines = [f"  {name:<20} differs from torch by {apart:.1e} at most" for name, apart in self.differences.items()]
        return "\n".join([f"written to {self.folder}, with {MANIFEST}:", *lines])


@dataclass(frozen=True, slots=True)
class Graph:
    """One network to be written."""

    file: str
    """its name in the folder"""
    network: nn.Module
    """with plain tensors in and out"""
    inputs: dict[str, Tensor]
    """an example of each, by its name; those of more than a number have `ROWS` rows"""
    outputs: tuple[str, ...]
    """names of what it returns"""


def export(model: MoleculeModel, out: Path | str, *, overwrite: bool = False) -> Exported:
    """Write a model as ONNX, for programs without torch, and compare every graph with torch in onnxruntime.

    The folder holds `encoder.onnx`, `head.onnx` (if the model has a head), `decoder_start.onnx`, `decoder_step.onnx`
    and `manifest.json`: the vocabulary, the marks, sizes, and of each file its inputs, outputs and SHA-256. The number
    of rows is free in each. The rules by which the decoder writes SMILES are not in it.

    Args:
        model: from `chemvae.load`.
        out: the folder to write.
        overwrite: replace it if it is there.

    Raises:
        ConfigError: the extra [onnx] is not installed.
        BundleError: a graph does not answer as torch does; nothing is written.
        ExistsError: `out` exists.
    """
    # 1. what was asked for
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        raise ConfigError(
            f"Expected {', '.join(missing)} to write ONNX, but it is not installed. Run pip install 'chemvae[onnx]'."
        )
    refuse_existing(out, overwrite=overwrite)
    # 2. each network as a graph, compared with torch
    differences: dict[str, float] = {}
    with atomic_path(out) as beside:
        beside.mkdir()
        graphs = graphs_of(model, ROWS)
        for graph, other in zip(graphs, graphs_of(model, CHECKED), strict=True):
            write(graph, beside / graph.file)
            differences[graph.file] = compare(other, beside / graph.file)
        # 3. what a program needs to know of them
        write_json(beside / MANIFEST, manifest(model, graphs, differences, beside))
    return Exported(Path(out), differences)


def graphs_of(model: MoleculeModel, rows: int) -> list[Graph]:
    """Return the networks with examples of so many rows: molecules that the model writes itself."""
    vae = copy.deepcopy(model.vae).cpu()
    if not isinstance(vae.decoder, GRUDecoder):
        raise BundleError(f"Expected a decoder that can be exported, but got {type(vae.decoder).__name__}.")
    z = torch.from_numpy(model.prior(rows, seed=rows))
    written = vae.decoder.sample(z, rules=model.rules)[:, : model.length]
    ids = torch.full((rows, model.length), PAD)
    ids[:, : written.shape[1]] = written
    token = written[:, 0].clone()
    state = vae.decoder.start(z)
    graphs = [
        Graph("encoder.onnx", EncoderGraph(vae), {"ids": ids}, ("mean", "std")),
        Graph("decoder_start.onnx", StartGraph(vae.decoder), {"z": z}, ("state",)),
        Graph(
            "decoder_step.onnx",
            StepGraph(vae.decoder),
            {"z": z, "token": token, "at": torch.tensor(rows), "state": state},
            ("logits", "next_state"),
        ),
    ]
    if vae.head is not None:
        graphs.insert(1, Graph("head.onnx", vae.head, {"z": z}, ("properties",)))
    return graphs


def write(graph: Graph, path: Path) -> None:
    """Write a graph whose number of rows is free."""
    rows = torch.export.Dim("batch", min=1)
    free = tuple(
        {} if value.dim() == 0 else {1: rows} if name == "state" else {0: rows} for name, value in graph.inputs.items()
    )
    with silent():
        torch.onnx.export(
            graph.network.eval(),
            tuple(graph.inputs.values()),
            str(path),
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_shapes=free,
            dynamo=True,
            external_data=False,
            verbose=False,
        )


@torch.no_grad()
def compare(graph: Graph, path: Path) -> float:
    """Return the largest difference between what onnxruntime and torch answer.

    Raises:
        BundleError: it is larger than rounding explains.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(list(graph.outputs), {name: value.numpy() for name, value in graph.inputs.items()})
    ours = graph.network(*graph.inputs.values())
    ours = ours if isinstance(ours, tuple) else (ours,)
    apart = max(difference(a, b.numpy()) for a, b in zip(theirs, ours, strict=True))
    if not apart <= TOLERANCE:
        raise BundleError(
            f"Expected {graph.file} to answer as torch does, but it differs by {apart:.1e}. Report it with the "
            "versions that `chemvae doctor` prints."
        )
    return apart


def difference(a: ndarray, b: ndarray) -> float:
    """Return the largest difference, relative to the larger of the number and 1; infinite if shapes or gaps differ."""
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return float("inf")
    fine = np.isfinite(b)
    return float((np.abs(a[fine] - b[fine]) / np.maximum(np.abs(b[fine]), 1.0)).max(initial=0.0))


def manifest(model: MoleculeModel, graphs: list[Graph], differences: dict[str, float], folder: Path) -> dict[str, Any]:
    """Return everything that a program needs to use the graphs."""
    return {
        "format_version": 1,
        "model": model.name,
        "fingerprint": model.fingerprint,
        "latent": model.latent,
        "length": model.length,
        "properties": list(model.property_names),
        "marks": {"pad": PAD, "begin": BOS, "end": EOS, "unknown": UNK},
        "tokenizer": model.tokenizer.to_dict(),
        "graphs": {
            graph.file: {
                "inputs": {name: str(value.dtype).removeprefix("torch.") for name, value in graph.inputs.items()},
                "outputs": list(graph.outputs),
                "sha256": sha256(folder / graph.file),
                "largest_difference_to_torch": differences[graph.file],
            }
            for graph in graphs
        },
    }


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Keep what the exporter says of its own progress off the screen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
