"""Evaluation: the files say what was measured, on what, how many, and nothing is silently left out."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chemvae.chem.properties import compute
from chemvae.errors import ExistsError, InputError, MissingFileError
from chemvae.evaluate import Judged, evaluate
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.named import named_molecules

KNOWN = ["CCO", "CCN", "CCC", "c1ccccc1", "CC(=O)O"]
WRITTEN = ["CCO", "CCN", "CCO", None, "CC(=O)O"]
TABLE = "smiles,mine\nOCC,1\nCCN,2\nnonsense,3\nCCC,4\nCCCCCCCCCCCC,5\n"


@pytest.fixture(autouse=True)
def no_chemnet(monkeypatch):
    """FCD takes a second a time, so only the test that is of it measures it."""
    monkeypatch.setattr("chemvae.report.likeness.weights_path", lambda: None)


class Fake:
    """Knows five molecules, molecule i at (i, 0); confuses CCC with CCO; writes nonsense in the fourth place."""

    name = "fake"
    property_names = ("qed", "mine", "nobody knows")
    rules = None

    def posterior(self, smiles) -> Encoded:
        rows = [KNOWN.index(text) if text in KNOWN else np.nan for text in smiles]
        mean = np.array([[row, row * 0] for row in rows], dtype=np.float32)
        judged = [
            Molecule(t, t if t in KNOWN else None, Verdict.VALID if t in KNOWN else Verdict.TOO_LONG) for t in smiles
        ]
        return Encoded(mean, np.where(np.isnan(mean), np.nan, 1).astype(np.float32), judged)

    def decode(self, z, temperature=0.0, beam=1, seed=None) -> list[Molecule]:
        bad = Molecule("C1", None, Verdict.UNPARSABLE)
        texts = [None if np.isnan(row[0]) else WRITTEN[int(row[0].clip(0, 4))] for row in z]
        return [bad if text is None else Molecule(text, text, Verdict.VALID) for text in texts]

    def sample(self, n, temperature=1.0, seed=None, *, free=False) -> list[Molecule]:
        return self.decode(np.random.default_rng(seed).integers(0, 5, (n, 2)).astype(np.float32))

    def predict_z(self, z):
        return np.stack([z[:, 0] * 0 + 0.5, z[:, 0], z[:, 0]], axis=1)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "held_out.csv").write_text(TABLE)
    return tmp_path / "held_out.csv"


def test_the_real_model_is_what_evaluation_expects():
    from chemvae.model import MoleculeModel

    assert isinstance(Fake(), Judged)
    assert all(hasattr(MoleculeModel, name) for name in ("name", "property_names", "posterior", "decode", "sample"))


def test_figures_of_a_hand_made_case(table: Path):
    found = evaluate(Fake(), table, n_sample=200, target_columns=["mine"], progress=False)
    assert found["exact_reconstruction"] == 0.5  # of CCO, CCN, CCC -> CCO, and one that is too long
    assert found["active_units"] == 0.5
    assert found["validity"] == pytest.approx(0.8, abs=0.1)
    assert found["novelty"] == pytest.approx(1 / 3)  # CCO and CCN are known, CC(=O)O is not
    truth = compute(["CCO", "CCN", "CCC"], ["qed"])["qed"]
    assert found["mae_qed"] == pytest.approx(np.abs(0.5 - truth).mean())
    assert found["mae_mine"] == pytest.approx((1 + 1 + 2) / 3)


def test_the_keys_that_everyone_reads(table: Path, tmp_path: Path):
    found = evaluate(Fake(), table, tmp_path / "out", n_sample=1_000, progress=False)
    said = json.loads((tmp_path / "out" / "metrics.json").read_text())
    keys = (
        "exact_reconstruction validity unique_at_1k novelty fcd snn frag scaf int_div int_div2 filters active_units kl"
    )
    assert set(keys.split()) | {"latent_smoothness", "mae"} <= said.keys()
    assert said["fcd"] is None and "chemvae[fcd]" in said["figures"]["fcd"]["protocol"]
    assert 0.7 < said["snn"] < 0.95  # three of four valid samples are in the table
    assert said["filters"] == 1.0
    assert said["scaf"] is None  # no rings at all
    assert said["figures"]["snn"]["against"] == {"name": "held_out.csv", "sha256": found.data.sha256}
    assert said["figures"]["validity"]["against"] is None
    assert sum(row["n"] for row in said["reconstruction_by_length"]) == 4
    assert len(said["latent_smoothness_by_radius"]) == 11
    assert sum(said["kl_per_dimension"]) == pytest.approx(said["kl"])


def test_the_page_and_the_pictures(table: Path, tmp_path: Path):
    evaluate(Fake(), table, tmp_path / "out", n_sample=50, progress=False)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Evaluation of fake" in page and "latent smoothness" in page
    pictures = {path.stem for path in (tmp_path / "out").glob("*.svg")}
    assert {"reconstruction_by_length", "kl_per_dimension", "latent_smoothness", "histogram_qed"} <= pictures


def test_ten_encodings_and_a_hundred_decodings(table: Path):
    found = evaluate(Fake(), table, n_sample=5, n_repeat=4, progress=False)
    merit = next(merit for merit in found.merits if merit.name == "stochastic_reconstruction")
    assert merit.n == 4 and 0 <= merit.value < 1
    assert "stochastic_reconstruction" not in {
        m.name for m in evaluate(Fake(), table, n_sample=5, progress=False).merits
    }


class Searching(Fake):
    """Confuses nothing when it searches."""

    def decode(self, z, temperature=0.0, beam=1, seed=None) -> list[Molecule]:
        if beam == 1:
            return super().decode(z)
        return [Molecule(KNOWN[int(row[0])], KNOWN[int(row[0])], Verdict.VALID) for row in np.nan_to_num(z)]


def test_reconstruction_with_a_beam_stands_beside_the_greedy_one(table: Path):
    found = evaluate(Searching(), table, n_sample=5, beam=3, progress=False)
    assert found["beam_reconstruction"] > found["exact_reconstruction"]
    assert "with a beam of 3" in next(m for m in found.merits if m.name == "beam_reconstruction").protocol


class Mute(Fake):
    """Writes nothing that is a molecule, reads nothing, and has no head."""

    property_names = ()

    def posterior(self, smiles) -> Encoded:
        nothing = np.full((len(smiles), 2), np.nan, dtype=np.float32)
        return Encoded(nothing, nothing, [Molecule(text, None, Verdict.TOO_LONG) for text in smiles])

    def sample(self, n, temperature=1.0, seed=None, *, free=False) -> list[Molecule]:
        return [Molecule("C1", None, Verdict.UNPARSABLE)] * n


class Ruled(Fake):
    """Writes nonsense only where it is free to."""

    rules = "never C1"

    def sample(self, n, temperature=1.0, seed=None, *, free=False) -> list[Molecule]:
        return super().sample(n, temperature, seed) if free else [Molecule("CCO", "CCO", Verdict.VALID)] * n


def test_what_a_model_writes_free_of_its_rules_is_told_apart(table: Path):
    found = evaluate(Ruled(), table, n_sample=200, progress=False)
    assert found["validity"] == 1.0
    assert 0.7 < found["validity_free"] < 0.9
    assert "under the rules" in next(m for m in found.merits if m.name == "validity").protocol
    alike = evaluate(Fake(), table, n_sample=200, progress=False)
    assert alike["validity"] == found["validity_free"]
    assert "validity_free" not in {m.name for m in alike.merits}


def test_a_model_that_can_do_nothing_gets_figures_and_reasons(table: Path, tmp_path: Path):
    found = evaluate(Mute(), table, tmp_path / "out", n_sample=20, n_repeat=2, progress=False)
    said = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert said["exact_reconstruction"] == said["validity"] == said["stochastic_reconstruction"] == 0.0
    assert [said[name] for name in ("fcd", "snn", "frag", "scaf", "int_div", "filters", "kl")] == [None] * 7
    assert said["mae"] == {} and said["kl_per_dimension"] == []
    assert np.isnan(found["latent_smoothness"])
    assert "No sample is a molecule" in (tmp_path / "out" / "report.html").read_text()


def test_more_filters_come_from_a_table(table: Path, tmp_path: Path):
    (tmp_path / "mcf.csv").write_text("names,smarts\nalcohol,[#6]-[#8]-[H]\n")
    found = evaluate(Fake(), table, n_sample=100, filters=tmp_path / "mcf.csv", progress=False)
    assert 0 < found["filters"] < 1  # CCO and acetic acid fail, CCN passes
    (tmp_path / "other.csv").write_text("names\nalcohol\n")
    with pytest.raises(InputError, match="'smarts'"):
        evaluate(Fake(), table, n_sample=1, filters=tmp_path / "other.csv", progress=False)
    (tmp_path / "bad.csv").write_text("smarts\n[#6\n")
    with pytest.raises(InputError, match="SMARTS"):
        evaluate(Fake(), table, n_sample=1, filters=tmp_path / "bad.csv", progress=False)


def test_files_name_the_data_by_hash_and_the_versions(table: Path, tmp_path: Path):
    evaluate(Fake(), table, tmp_path / "out", n_sample=100, target_columns=["mine"], progress=False)
    said = json.loads((tmp_path / "out" / "metrics.json").read_text())
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert said["data"] == {"name": "held_out.csv", "sha256": digest, "rows": 5, "molecules": 4}
    assert said["reference"] == said["data"]
    assert said["exact_reconstruction"] == said["figures"]["exact_reconstruction"]["value"] == 0.5
    assert set(said["mae"]) == {"qed", "mine"}
    assert {"rdkit", "chemvae", "torch"} <= said["versions"].keys()
    assert "unique_at_100" in said
    for name, figure in said["figures"].items():
        assert (figure["n"] > 0 or name == "fcd") and len(figure["protocol"]) > 20, name  # fcd is not measured here
    assert said["figures"]["validity"]["low"] < said["validity"] < said["figures"]["validity"]["high"]


def test_the_molecules_behind_the_figures_are_kept(table: Path, tmp_path: Path):
    evaluate(Fake(), table, tmp_path / "out", n_sample=50, progress=False)
    back = pd.read_csv(tmp_path / "out" / "reconstructed.csv")
    assert back["exact"].tolist() == [True, True, False, False]
    assert len(pd.read_csv(tmp_path / "out" / "samples.csv")) == 50


def test_the_same_seed_gives_the_same_bytes(table: Path, tmp_path: Path):
    for name in "ab":
        evaluate(Fake(), table, tmp_path / name, n_reconstruct=2, n_sample=50, seed=3, progress=False)
    assert (tmp_path / "a" / "metrics.json").read_bytes() == (tmp_path / "b" / "metrics.json").read_bytes()


def test_novelty_against_another_set():
    found = evaluate(Fake(), ["CCO"], n_sample=100, reference=["CCN", "OCC", "CC(=O)O"], progress=False)
    assert found["novelty"] == 0.0
    assert "given (3 molecules" in str(found)


def test_a_set_keeps_the_name_that_it_was_given():
    known = replace(named_molecules(["CCN", "OCC"]), name="the training molecules")
    found = evaluate(Fake(), ["CCO"], n_sample=100, reference=known, progress=False)
    assert "the training molecules (2 molecules" in str(found)


def test_reads_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"CCO\nCCN\n")))
    found = evaluate(Fake(), "-", n_sample=10, progress=False)
    assert found.data.name == "-" and found.data.sha256 == hashlib.sha256(b"CCO\nCCN").hexdigest()


def test_shows_a_table(table: Path):
    shown = str(evaluate(Fake(), table, n_sample=10, progress=False))
    assert shown.splitlines()[0].split() == ["figure", "value", "95", "%", "interval", "n"]
    assert "decoded greedily" in shown


def test_mistakes_are_told(table: Path, tmp_path: Path):
    with pytest.raises(InputError, match="none of its 1 rows is one"):
        evaluate(Fake(), ["nonsense"], progress=False)
    with pytest.raises(MissingFileError, match="no such file"):
        evaluate(Fake(), tmp_path / "none.csv", progress=False)
    with pytest.raises(InputError, match="at least 1"):
        evaluate(Fake(), table, n_sample=0)
    with pytest.raises(InputError, match="--jtvae-protocol"):
        evaluate(Fake(), table, n_repeat=-1)
    with pytest.raises(InputError, match="1 or more for --beam"):
        evaluate(Fake(), table, beam=0)
    with pytest.raises(InputError, match="'qedd'"):
        evaluate(Fake(), table, target_columns=["qedd"], n_sample=10, progress=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(ExistsError):
        evaluate(Fake(), table, tmp_path / "out")
    evaluate(Fake(), table, tmp_path / "out", n_sample=10, overwrite=True, progress=False)
    assert (tmp_path / "out" / "mine").exists()
