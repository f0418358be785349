"""The page of an evaluation: one file, every figure in it, and nothing from outside unescaped."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from chemvae.named import named_molecules
from chemvae.report.evaluated import Evaluation
from chemvae.report.evaluation import evaluation_figures, evaluation_page
from chemvae.report.merit import Merit, average, share


@pytest.fixture
def found() -> Evaluation:
    known = named_molecules(["CCO", "CC"], jobs=1)
    values = np.array([0.1, 0.2, np.nan])
    return Evaluation(
        model="<b>mine</b>",
        merits=(
            share("exact_reconstruction", 3, 4, "how exact"),
            share("validity", 1, 2, "how valid"),
            share("novelty", 1, 1, "how new"),
            Merit(name="fcd", value=1.25, n=2, protocol="how far"),
            average("mae_logp", [0.5, 1.5], "how wrong"),
        ),
        data=known,
        reference=known,
        seed=0,
        reconstructed=pd.DataFrame({"smiles": ["CCO"], "decoded": ["CCO"], "exact": [True]}),
        samples=pd.DataFrame({"smiles": ["CCO", None], "text": ["OCC", "<i>"], "reason": ["", "RDKit cannot read it"]}),
        lengths=pd.DataFrame([(1, 10, 0.75, 0.3, 0.95, 4)], columns=LENGTHS),
        smooth=pd.DataFrame({"radius": [0.0, 1.0], "similarity": [1.0, 0.5], "valid": [1.0, 1.0], "n": [2, 2]}),
        kl=np.array([0.1, 2.0]),
        properties={"qed": {"data": values, "samples": values + 0.1}},
    )


LENGTHS = ["shortest", "longest", "exact_reconstruction", "low", "high", "n"]


def test_json_has_plain_figures_and_their_sets(found):
    said = found.as_dict()
    assert (said["exact_reconstruction"], said["fcd"], said["mae"]) == (0.75, 1.25, {"logp": 1.0})
    assert said["figures"]["fcd"]["against"]["sha256"] == found.data.sha256
    assert said["figures"]["validity"]["against"] is None
    assert said["reconstruction_by_length"][0]["n"] == 4
    assert said["versions"].keys() == {"python", "chemvae", "rdkit", "torch", "fcd-torch"}
    assert found["mae_logp"] == 1.0 and "how far" in str(found)


def test_the_page_tells_every_figure_and_loads_nothing(found):
    page = evaluation_page(found, evaluation_figures(found), "chemvae evaluate -m 'mine'")
    for told in ("75.0%", "1.25", "how exact", "how wrong", "RDKit cannot read it", "chemvae evaluate -m"):
        assert told in page
    assert "<b>mine</b>" not in page and "<i>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page
    assert page.count("<figure>") == 4


def test_there_is_a_picture_of_what_there_is(found):
    assert set(evaluation_figures(found)) == {
        "reconstruction_by_length",
        "kl_per_dimension",
        "latent_smoothness",
        "histogram_qed",
    }
    nothing = np.full(2, np.nan)
    empty = replace(
        found,
        kl=np.empty(0),
        smooth=found.smooth.assign(similarity=np.nan),
        properties={"qed": {"data": nothing, "samples": nothing}},
        samples=found.samples.iloc[1:],
        merits=tuple(replace(m, value=np.nan) if m.name == "fcd" else m for m in found.merits),
    )
    drawn = evaluation_figures(empty)
    assert set(drawn) == {"reconstruction_by_length"}
    page = evaluation_page(empty, drawn, "")
    assert "No sample is a molecule" in page and "not measured" in page
