"""Exploring: rows stay in line from table to table, pictures stand beside it, nothing is overwritten."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.explore import LatentModel, decode, encode, interpolate, neighbors, sample
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict

KNOWN = ["CCO", "CCN", "CCC", "c1ccccc1", "CC(=O)O"]


class Fake:
    """Knows five molecules; molecule i lies at (i, -i)."""

    latent = 2
    property_names = ()

    def posterior(self, smiles) -> Encoded:
        rows = [KNOWN.index(text) if text in KNOWN else np.nan for text in smiles]
        mean = np.array([[row, -row] for row in rows], dtype=np.float32).reshape(len(rows), 2)
        judged = [
            Molecule(str(text), text, Verdict.VALID) if text in KNOWN else Molecule(str(text), None, Verdict.UNPARSABLE)
            for text in smiles
        ]
        return Encoded(mean, np.ones_like(mean), judged)

    def decode(self, z, temperature=0.0, beam=1, seed=None, *, free=False) -> list[Molecule]:
        self.asked = (temperature, beam, seed)
        bad = Molecule("C1", None, Verdict.UNPARSABLE)
        return [
            bad if np.isnan(row[0]) else Molecule("x", KNOWN[round(float(row[0])) % len(KNOWN)], Verdict.VALID)
            for row in z
        ]

    def sample(self, n, temperature=1.0, seed=None, *, free=False) -> list[Molecule]:
        return self.decode(np.random.default_rng(seed).uniform(0, 4, (n, 2)))

    def neighbors(self, smiles, n=50, radius=1.0, seed=0) -> pd.DataFrame:
        return pd.DataFrame({"smiles": KNOWN, "distance": np.arange(5.0) * radius, "similarity": 0.5}).head(n)

    def interpolate(self, *corners, steps=10, method="slerp", temperature=0.0, seed=0) -> pd.DataFrame:
        rows = 1 if len(corners) == 2 else steps
        places = [(row, column) for row in range(rows) for column in range(steps)]
        table = pd.DataFrame(places, columns=["row", "column"])
        return table.assign(smiles=[None, *["CCO"] * (len(places) - 1)], similarity=0.5)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text("id,smiles\n007,CCO\nb,nonsense\nc,c1ccccc1\n")
    return path


def test_the_real_model_is_what_exploring_expects():
    from chemvae.model import MoleculeModel

    assert isinstance(Fake(), LatentModel)
    for name in ("posterior", "decode", "sample", "neighbors", "interpolate", "latent"):
        assert hasattr(MoleculeModel, name)


def test_encode_keeps_columns_and_places(table: Path, tmp_path: Path):
    done = encode(Fake(), table, tmp_path / "z.csv", progress=False)
    assert (done.rows, done.valid) == (3, 2)
    lines = (tmp_path / "z.csv").read_text().splitlines()
    assert lines[0] == "id,smiles,z_0,z_1,reason"
    assert lines[1] == "007,CCO,0.0,0.0,"
    assert lines[2] == "b,nonsense,,,RDKit cannot read it"


def test_there_and_back(table: Path, tmp_path: Path):
    encode(Fake(), table, tmp_path / "z.parquet", progress=False)
    done = decode(Fake(), tmp_path / "z.parquet", tmp_path / "back.csv", progress=False)
    assert (done.rows, done.valid) == (3, 2)
    back = pd.read_csv(tmp_path / "back.csv", dtype=str, keep_default_na=False)
    assert list(back.columns) == ["id", "smiles", "reason", "decoded_smiles", "text", "decoded_reason"]
    assert back["decoded_smiles"].tolist() == ["CCO", "", "c1ccccc1"]


def test_decode_of_a_text_table_passes_its_settings_on(table: Path, tmp_path: Path):
    encode(Fake(), table, tmp_path / "z.csv", progress=False)
    model = Fake()
    decode(model, tmp_path / "z.csv", tmp_path / "back.csv", temperature=0.5, seed=7, progress=False)
    assert model.asked == (0.5, 1, 7)


def test_each_frame_is_decoded_with_a_seed_of_its_own(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("chemvae.explore.CHUNK", 2)
    pd.DataFrame({"z_0": [0.0] * 3, "z_1": [0.0] * 3}).to_csv(tmp_path / "z.csv", index=False)
    model = Fake()
    decode(model, tmp_path / "z.csv", tmp_path / "back.csv", seed=7, progress=False)
    assert model.asked[2] == 8


def test_decode_needs_the_points_of_this_model(table: Path, tmp_path: Path):
    with pytest.raises(InputError, match="Expected columns z_0 to z_1"):
        decode(Fake(), table, tmp_path / "back.csv", progress=False)
    assert not (tmp_path / "back.csv").exists()


def test_sample_keeps_every_draw(tmp_path: Path):
    done = sample(Fake(), 20, tmp_path / "s.csv", seed=1)
    assert (done.rows, len(pd.read_csv(tmp_path / "s.csv"))) == (20, 20)
    assert sample(Fake(), 20, seed=1).table.equals(done.table)
    assert not sample(Fake(), 20, seed=2).table.equals(done.table)


def test_neighbors_are_drawn_beside_the_table(tmp_path: Path):
    done = neighbors(Fake(), "CCO", tmp_path / "n.csv.gz", n=3, radius=2.0)
    assert [path.name for path in done.written] == ["n.csv.gz", "n.svg", "n.png", "n.html"]
    assert all(path.stat().st_size for path in done.written)
    drawn = (tmp_path / "n.svg").read_text()
    assert drawn.index("the middle") < drawn.index("distance 0") < drawn.index("distance 4")
    assert done.rows == 3 and "asked" not in str(done)


def test_no_picture_may_be_in_the_way(tmp_path: Path):
    (tmp_path / "n.png").write_text("mine")
    with pytest.raises(ExistsError, match=r"n\.png exists"):
        neighbors(Fake(), "CCO", tmp_path / "n.csv")
    assert not (tmp_path / "n.csv").exists()
    neighbors(Fake(), "CCO", tmp_path / "n.csv", overwrite=True)


def test_nothing_is_written_unasked():
    done = neighbors(Fake(), "CCO")
    assert done.written == () and len(done.table) == 5
    assert "50 were asked for" in str(done)


def test_a_line_is_drawn_between_its_ends(tmp_path: Path):
    done = interpolate(Fake(), ["CCO", "CCN"], tmp_path / "l.csv", steps=4)
    drawn = (tmp_path / "l.svg").read_text()
    assert done.rows == 4 and drawn.count("<title>") == 6
    assert drawn.index(">from<") < drawn.index("similarity") < drawn.index(">to<")


def test_a_grid_keeps_its_shape_and_counts_what_is_no_molecule(tmp_path: Path):
    done = interpolate(Fake(), KNOWN[:4], tmp_path / "g.csv", steps=3)
    assert (done.rows, done.valid) == (9, 8)
    assert 'width="660"' in (tmp_path / "g.svg").read_text()
    assert "no molecule" in (tmp_path / "g.svg").read_text()


def test_rings_hold_the_nearest_and_say_so(tmp_path: Path):
    done = neighbors(Fake(), "CCO", tmp_path / "n.csv", n=2, rings=1)
    assert done.table["ring"].tolist() == [1] * 5 and "6 were asked for" in str(done)
    assert "ring 1: up to 4.00" in (tmp_path / "n.svg").read_text()
    page = (tmp_path / "n.html").read_text()
    assert "ring 1: up to 4.00" in page and page.count('class="mol"') == 5
    with pytest.raises(InputError, match="0 to 6 rings"):
        neighbors(Fake(), "CCO", rings=7)


def test_samples_of_two_models_stand_beside_each_other(tmp_path: Path):
    class Mute(Fake):
        name = "mute"

        def sample(self, n, temperature=1.0, seed=None, *, free=False) -> list[Molecule]:
            return [Molecule("C1", None, Verdict.UNPARSABLE)] * n

    done = sample(Fake(), 5, tmp_path / "s.csv", seed=1, beside=Mute())
    assert done.table["model"].tolist() == ["model"] * 5 + ["mute"] * 5
    assert "mute: 0 of 5 samples are molecules" in str(done)
    drawn = (tmp_path / "s.svg").read_text()
    assert drawn.count("no molecule") == 10 and drawn.index("model: 5 of 5") < drawn.index("mute: 0 of 5")
    assert all((tmp_path / name).stat().st_size for name in ("s.png", "s.html"))
