"""ChemNet: our network says what fcd-torch's says, and nothing but tensors is read from the wheel."""

import gzip
import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.chem.frechet import frechet_distance
from chemvae.errors import InputError
from chemvae.nn.chemnet import END, LENGTH, NOTHING, SYMBOLS, UNKNOWN, activations, read_chemnet, to_ids, weights_path

PATH = weights_path()
needs_weights = pytest.mark.skipif(PATH is None, reason="the extra [fcd] is not installed")


def seen(smiles: list[str]) -> np.ndarray:
    return np.concatenate(list(activations(read_chemnet(PATH), smiles)))


@pytest.mark.parametrize(
    ("smiles", "symbols"),
    [
        ("CCl", ["C", "Cl", "."]),
        ("C[Si]Br", ["C", "[", "Si", "]", "Br", "."]),
        ("C.CCC", ["C", "."]),
        ("[Al]", ["[", None, "]", "."]),
        ("C%10", ["C", None, "1", None, "."]),
    ],
)
def test_symbols(smiles, symbols):
    row = to_ids([smiles])[0].tolist()
    expected = [UNKNOWN if symbol is None else SYMBOLS.index(symbol) for symbol in symbols]
    assert row == expected + [NOTHING] * (LENGTH - len(symbols))


def test_what_is_too_long_is_cut_and_still_ends():
    row = to_ids(["C" * 1000])[0]
    assert row.shape == (LENGTH,) and row[-1] == END and (row[:-1] == 0).all()


@needs_weights
def test_agrees_with_fcd_torch():
    carried = Path(__file__).parents[2] / "data" / "druglike.csv.gz"
    lines = gzip.decompress(carried.read_bytes()).decode().splitlines()
    smiles = [line.split(",")[0] for line in lines[1:201]]
    smiles += ["CC(=O)[O-].[Na+]", "C[Si](C)(C)Cl", "[Al]CC", "C" * 400]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        utils = pytest.importorskip("fcd_torch.utils")
        theirs = utils.load_imported_model(torch.load(PATH, weights_only=True)).eval()
    hot = np.stack([utils.get_one_hot(one, LENGTH) for one in smiles])  # n x length x symbols
    ours = torch.nn.functional.one_hot(to_ids(smiles), NOTHING + 1)[..., :NOTHING].numpy()
    assert [one for one, a, b in zip(smiles, ours, hot, strict=True) if (a != b).any()] == []
    with torch.no_grad():
        expected = theirs(torch.from_numpy(hot / len(SYMBOLS)).float().mT).numpy()
    apart = np.abs(seen(smiles) - expected).max()
    assert apart < 1e-4  # float32 over 88 steps


@needs_weights
def test_the_distance_of_moses_own_test():
    made = ["CNC", "Oc1ccccc1-c1cccc2cnccc12", "CCCP", "Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1"]
    tested = ["Oc1ccccc1-c1cccc2cnccc12", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1"]
    assert frechet_distance(seen(made), seen(tested)) == pytest.approx(52.58371754126664, abs=1e-3)


def test_without_the_extra_there_are_no_weights(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert weights_path() is None


@pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps(os.system)], ids=["empty", "junk", "code"])
def test_another_file_is_refused_unopened(tmp_path, content):
    (tmp_path / "net.pt").write_bytes(content)
    with pytest.raises(InputError, match="Expected ChemNet's weights with sha256"):
        read_chemnet(tmp_path / "net.pt")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_chemnet(tmp_path / "net.pt")
