"""export: graphs that answer as torch does; a loop without torch over them writes what the model writes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.errors import ConfigError
from chemvae.export import difference, export, graphs_of
from chemvae.model import MoleculeModel, load
from chemvae.nn.graphs import EncoderGraph, StartGraph, StepGraph


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> MoleculeModel:
    return load(tiny_bundle)


def test_the_step_is_the_decoders_own(model: MoleculeModel) -> None:
    decoder, z = model.vae.decoder, torch.from_numpy(model.prior(4, seed=0))
    graph, start, theirs = StepGraph(decoder), StartGraph(decoder), decoder.step(z)
    token, state = torch.full((4,), 1), start(z)
    for at in range(model.length + 2):
        ours, state = graph(z, token, torch.tensor(at), state)
        assert difference(ours.detach().numpy(), theirs(token, at).detach().numpy()) < 1e-5
        token = ours.argmax(dim=1)


def test_the_encoder_takes_strings_padded_to_the_cap(model: MoleculeModel, small_molecules: list[str]) -> None:
    ids = torch.zeros(len(small_molecules), model.length, dtype=torch.int64)
    for row, tokens in enumerate(model.read(small_molecules)[1]):
        ids[row, : len(tokens)] = torch.tensor(tokens)
    mean, _ = EncoderGraph(model.vae)(ids)
    assert difference(mean.detach().numpy(), model.encode(small_molecules)) < 1e-5


def test_examples_have_as_many_rows_as_asked(model: MoleculeModel) -> None:
    for graph in graphs_of(model, 5):
        for name, value in graph.inputs.items():
            assert value.dim() == 0 or value.shape[1 if name == "state" else 0] == 5


def test_a_difference_is_seen() -> None:
    a = np.array([1.0, -np.inf, 200.0])
    assert difference(a, a) == 0.0
    assert difference(a, np.array([1.0, -np.inf, 202.0])) == pytest.approx(2 / 202)
    assert difference(a, np.array([1.0, 0.0, 200.0])) == np.inf
    assert difference(a, a[:2]) == np.inf


def test_without_the_extra_it_says_what_to_install(model: MoleculeModel, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["chemvae.export"], "find_spec", lambda package: None)
    with pytest.raises(ConfigError, match=r"pip install 'chemvae\[onnx\]'"):
        export(model, tmp_path / "onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_loop_without_torch_writes_what_the_model_writes(
    model: MoleculeModel, tiny_bundle: Path, small_molecules: list[str], tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    out = tmp_path / "onnx"
    command = [sys.executable, "-m", "chemvae", "export", "-m", str(tiny_bundle), "-o", str(out)]
    subprocess.run(command, check=True, capture_output=True)  # apart: shape checks would be traced into the graphs
    told = json.loads((out / "manifest.json").read_text())
    run = {name: onnxruntime.InferenceSession(str(out / name)).run for name in told["graphs"]}
    assert set(run) == {"encoder.onnx", "head.onnx", "decoder_start.onnx", "decoder_step.onnx"}
    rows = model.read(small_molecules)[1]
    ids = np.zeros((len(rows), told["length"]), dtype=np.int64)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = tokens
    z, _ = run["encoder.onnx"](None, {"ids": ids})
    np.testing.assert_allclose(z, model.encode(small_molecules), atol=1e-4)
    np.testing.assert_allclose(run["head.onnx"](None, {"z": z})[0], model.predict_z(z), atol=1e-4)
    (state,) = run["decoder_start.onnx"](None, {"z": z})
    token, written = np.full(len(z), told["marks"]["begin"]), []
    for at in range(told["length"]):
        logits, state = run["decoder_step.onnx"](None, {"z": z, "token": token, "at": np.array(at), "state": state})
        token = logits.argmax(axis=1)
        written.append(token)
    texts = [model.tokenizer.decode(row) for row in np.stack(written, axis=1).tolist()]
    assert texts == [molecule.text for molecule in model.decode(z, free=True)]
