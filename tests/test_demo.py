"""The demo on a small stand-in: new molecules only, best first, and a report that holds them."""

import gzip
import importlib
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chemvae.chem.judge import canonical, judge
from chemvae.chem.properties import compute
from chemvae.errors import ExistsError, InputError
from chemvae.molecule import Molecule

ACIDS = ["CC", "CCC", "CC(C)", "c1ccccc1", "c1ccncc1", "Cc1ccccc1", "Clc1ccccc1", "C1CCCCC1", "COc1ccccc1", "c1ccsc1"]
AMINES = ["N", "NC", "NCC", "NC1CC1", "N1CCOCC1", "N1CCCC1", "Nc1ccccc1", "Nc1ccncc1", "NCc1ccccc1", "NCCO", "N1CCNCC1"]
AMIDES = [[canonical(f"{a}C(=O){b}") or "" for b in AMINES] for a in ACIDS]


class Fake:
    """Amides on a plane: the first coordinate is the acid, the second the amine; outside lies nonsense."""

    name, fingerprint, latent, property_names = "fake", "0", 2, ()

    def encode(self, smiles) -> np.ndarray:
        places = {text: (i, j) for i, row in enumerate(AMIDES) for j, text in enumerate(row)}
        rows = [places.get(text, (np.nan, np.nan)) for text in smiles]
        return ((np.array(rows, dtype=np.float32).reshape(-1, 2) - 5) / 3).astype(np.float32)

    def decode(self, z) -> list[Molecule]:
        places = np.rint(np.asarray(z) * 3 + 5).astype(int)
        inside = [0 <= i < len(ACIDS) and 0 <= j < len(AMINES) for i, j in places]
        return judge([AMIDES[i][j] if ok else "C1(" for (i, j), ok in zip(places, inside, strict=True)])

    def prior(self, n, seed=None) -> np.ndarray:
        return np.random.default_rng(seed).standard_normal((n, 2)).astype(np.float32)

    def predict(self, smiles) -> pd.DataFrame:
        return pd.DataFrame(index=range(len(smiles)))


@pytest.fixture
def carried(tmp_path: Path, monkeypatch) -> list[str]:
    """A package that carries 40 of the 110 amides, and the model above."""
    every = list(itertools.chain.from_iterable(AMIDES))
    some = np.random.default_rng(0).choice(every, 40, replace=False).tolist()
    (tmp_path / "druglike.csv.gz").write_bytes(gzip.compress("\n".join(["smiles", *some]).encode()))
    module = importlib.import_module("chemvae.demo")  # `chemvae.demo` itself is the function
    monkeypatch.setattr(module, "druglike_path", lambda: tmp_path / "druglike.csv.gz")
    monkeypatch.setattr(module, "load", lambda name: Fake())
    monkeypatch.setattr(module, "METHOD", "random")
    return some


@pytest.fixture
def run(carried, tmp_path: Path):
    from chemvae.demo import demo

    return demo(tmp_path / "demo", budget=80, progress=False)


def test_candidates_are_valid_distinct_new_and_best_first(run, carried):
    table = pd.read_csv(run.table)
    assert len(table) > 10 and table["smiles"].is_unique
    assert [canonical(text) for text in table["smiles"]] == table["smiles"].tolist()
    assert not set(table["smiles"]) & set(carried)
    assert table["objective"].is_monotonic_decreasing
    values = compute(table["smiles"].tolist(), ["qed", "sa"])
    np.testing.assert_allclose(table["objective"], 5 * values["qed"] - values["sa"])


def test_start_molecules_are_carried_ones(run, carried):
    assert len(run.start) == 20 and set(run.start["smiles"]) <= set(carried)


def test_the_report_holds_the_best_and_what_was_rejected(run):
    html = run.report.read_text()
    assert all(f"<code>{smiles}</code>" in html for smiles in run.best["smiles"].head(3))
    assert "RDKit cannot read it" in html and "the package carries it already" in html
    assert "chemvae demo -o" in html


def test_says_what_came_out_and_where_to_look(run):
    said = str(run)
    assert f"{run.best['objective'].mean():.2f} on average" in said
    assert str(run.report) in said and str(run.table) in said
    assert len(said.split("\n\n")[1].splitlines()) == 11


def test_the_same_seed_finds_the_same(run, tmp_path: Path):
    from chemvae.demo import demo

    again = demo(tmp_path / "again", budget=80, progress=False)
    assert again.table.read_bytes() == run.table.read_bytes()


def test_mistakes_are_told(run, tmp_path: Path):
    from chemvae.demo import demo

    with pytest.raises(ExistsError, match="--overwrite"):
        demo(tmp_path / "demo", budget=80, progress=False)
    with pytest.raises(InputError, match="budget"):
        demo(tmp_path / "new", budget=0, progress=False)


@pytest.mark.slow
def test_what_the_package_carries_does_the_main_job(tmp_path: Path):
    from chemvae.demo import demo

    done = demo(tmp_path / "demo", progress=False)
    assert len(done.candidates) >= 50
    assert done.best["objective"].mean() > done.start["objective"].max()
