"""Holes: validity falls with the distance at which a model stops writing molecules, and distances are the nearest."""

import numpy as np
import pandas as pd
import pytest

from chemvae.errors import InputError
from chemvae.holes import ProbedModel, nearest, probe
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict

KNOWN = ["CCO", "CCN", "CCC", "c1ccccc1", "CC(=O)O", "CCCCO"]


class Fake:
    """Six molecules on a line, far from each other; writes molecules within a distance of 1 of one of them."""

    name, property_names = "fake", ()
    places = np.array([[20.0 * at, at % 2, at % 3] for at in range(6)], dtype=np.float32)

    def posterior(self, smiles) -> Encoded:
        mean = np.stack([self.places[KNOWN.index(text)] for text in smiles])
        return Encoded(mean, np.ones_like(mean), [Molecule(text, text, Verdict.VALID) for text in smiles])

    def prior(self, n, seed=None):
        return np.random.default_rng(seed).standard_normal((n, 3)).astype(np.float32)

    def predict_z(self, z):
        return z[:, :0]

    def decode(self, z, temperature=0.0, beam=1, seed=None, *, free=False):
        assert free
        near = nearest(z.astype(np.float64), self.places.astype(np.float64)) < 1.0
        return [
            Molecule("C1", "CCO", Verdict.VALID) if one else Molecule("C1", None, Verdict.UNPARSABLE) for one in near
        ]


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "library.csv"
    path.write_text("\n".join(["smiles", *KNOWN]) + "\n")
    return path


def test_the_real_model_is_what_a_probe_expects():
    from chemvae.model import MoleculeModel

    assert isinstance(Fake(), ProbedModel)
    assert all(hasattr(MoleculeModel, name) for name in ("decode", "prior", "posterior"))


def test_validity_falls_where_the_model_stops(library, tmp_path):
    found = probe(Fake(), library, tmp_path / "holes.png", radius=2.0, steps=10, progress=False)
    assert len(found.table) == 6 * 10 + 6
    around = found.table[found.table["source"] == "around"]
    np.testing.assert_allclose(around["distance"], around["radius"], atol=1e-4)
    assert (found.curve["valid"].iloc[0], found.curve["valid"].iloc[-1]) == (1.0, 0.0)
    assert found.curve["distance"].is_monotonic_increasing and (found.curve["low"] <= found.curve["valid"]).all()
    assert [path.name for path in found.written] == ["holes.png", "holes.svg", "holes.html", "holes.csv"]
    page = (tmp_path / "holes.html").read_text()
    assert "standard deviations" in page and "RDKit cannot read it" in page and page.count("<li title") == 12
    assert len(pd.read_csv(tmp_path / "holes.csv")) == 66
    again = probe(Fake(), library, tmp_path / "again.svg", radius=2.0, steps=10, progress=False)
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "holes.png").read_bytes() and again.written


def test_bad_numbers(library):
    for given in ({"n": 0}, {"steps": 1}, {"radius": 0.0}):
        with pytest.raises(InputError, match="Expected n >= 1"):
            probe(Fake(), library, **given)
