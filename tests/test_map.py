"""Maps: each row keeps its place, colours come from where they are said to, files stand side by side, seeds decide."""

import io

import numpy as np
import pandas as pd
import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.latent import Encoded
from chemvae.map import MappedModel, colour_source, draw_map
from chemvae.molecule import Molecule, Verdict

KNOWN = ["CCO", "CCN", "CCC", "c1ccccc1", "CC(=O)O", "CCCCO"]


class Fake:
    """Knows six molecules; predicts the first coordinate of a point as its `pull`."""

    name = "fake"
    property_names = ("pull",)

    def posterior(self, smiles) -> Encoded:
        rng = np.random.default_rng(0)
        places = dict(zip(KNOWN, rng.standard_normal((len(KNOWN), 3)).astype(np.float32), strict=True))
        mean = np.stack([places.get(text, np.full(3, np.nan, np.float32)) for text in smiles])
        judged = [
            Molecule(str(text), text, Verdict.VALID)
            if text in places
            else Molecule(str(text), None, Verdict.UNPARSABLE)
            for text in smiles
        ]
        return Encoded(mean, np.ones_like(mean), judged)

    def prior(self, n, seed=None):
        return np.random.default_rng(seed).standard_normal((n, 3)).astype(np.float32)

    def predict_z(self, z):
        return z[:, :1]


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "library.csv"
    rows = [f"{text},{at}" for at, text in enumerate(KNOWN)]
    path.write_text("\n".join(["smiles,worth", *rows[:2], "nonsense,7", *rows[2:5], "CCCCO,"]) + "\n")
    return path


def test_the_real_model_is_what_a_map_expects():
    from chemvae.model import MoleculeModel

    assert isinstance(Fake(), MappedModel)
    assert all(hasattr(MoleculeModel, name) for name in ("name", "property_names", "posterior", "prior", "predict_z"))


def test_every_row_keeps_its_place_and_all_files_stand_side_by_side(library, tmp_path):
    found = draw_map(Fake(), library, tmp_path / "map.png", color_by="worth", progress=False)
    assert [path.name for path in found.written] == ["map.png", "map.svg", "map.html", "map.csv"]
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    written = pd.read_csv(tmp_path / "map.csv")
    assert list(written.columns) == ["row", "smiles", "pc_1", "pc_2", "worth", "reason"]
    assert written["smiles"].tolist() == [*KNOWN[:2], "nonsense", *KNOWN[2:]]
    assert np.flatnonzero(written["pc_1"].isna()).tolist() == [2]
    assert written["worth"].isna().tolist() == [False] * 6 + [True]
    assert "6 of them on the map" in str(found) and "1 have no value" in str(found)
    drawn, page = (tmp_path / "map.svg").read_text(), (tmp_path / "map.html").read_text()
    assert all(word in drawn for word in ("worth", "prior", "library", "principal component 2"))
    assert page.count("<title>") == 1 + 6 and "CC(=O)O\nworth 4" in page  # of the page, and of each point
    assert page.count('class="mol"') == 6 and "RDKit cannot read it" in page


def test_the_same_seed_gives_the_same_bytes(library, tmp_path):
    for name in ("a", "b"):
        draw_map(Fake(), library, tmp_path / f"{name}.svg", n=5, progress=False)
    for kind in (".png", ".svg", ".csv"):
        assert (tmp_path / f"a{kind}").read_bytes() == (tmp_path / f"b{kind}").read_bytes()
    assert len(pd.read_csv(tmp_path / "a.csv")) == 5


def test_colours_come_from_a_column_else_rdkit_else_the_head(library):
    assert colour_source(Fake(), ["qed"], "qed") == ("qed", "column")
    assert colour_source(Fake(), ["smiles"], "qed") == ("qed", "computed")
    assert colour_source(Fake(), ["smiles"], None) == ("predicted_pull", "predicted")
    table = draw_map(Fake(), library, progress=False).table
    mean = Fake().posterior(table["smiles"].tolist()).mean
    assert np.allclose(table["predicted_pull"], mean[:, 0], equal_nan=True)
    computed = draw_map(Fake(), library, color_by="heavy_atoms", progress=False).table["heavy_atoms"]
    assert computed.isna().tolist() == [False, False, True, False, False, False, False] and computed[0] == 3


def test_an_unknown_colour_and_a_column_of_words_are_refused(library):
    with pytest.raises(InputError, match="Did you mean"):
        draw_map(Fake(), library, color_by="wort", progress=False)
    with pytest.raises(InputError, match="Expected numbers in column 'smiles'"):
        draw_map(Fake(), library, color_by="smiles", progress=False)


def test_a_file_in_the_way_is_kept(library, tmp_path):
    (tmp_path / "map.svg").write_text("mine")
    with pytest.raises(ExistsError, match=r"map\.svg exists"):
        draw_map(Fake(), library, tmp_path / "map.png", progress=False)
    assert not (tmp_path / "map.png").exists()


def test_the_table_alone_goes_to_standard_output(library, capsys):
    found = draw_map(Fake(), library, "-", progress=False)
    assert found.written == ()
    assert len(pd.read_csv(io.StringIO(capsys.readouterr().out))) == 7
