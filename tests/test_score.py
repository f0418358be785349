"""Scoring: row count and order are exact, gaps have reasons, one molecule needs no torch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chemvae.chem.properties import compute
from chemvae.errors import ExistsError, InputError, MissingFileError
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.score import score
from chemvae.scoring.rows import fresh_names

GOOD = ["CCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1", "CCN(CC)CC"]


class Fake:
    """Encodes a molecule to its length, and cannot take one of more than ten letters."""

    property_names = ("logp",)

    def posterior(self, smiles) -> Encoded:
        texts = [text if isinstance(text, str) else "" for text in smiles]
        short = [0 < len(text) <= 10 and text != "oops" for text in texts]
        mean = np.array([[len(t) if s else np.nan] * 2 for t, s in zip(texts, short, strict=True)], dtype=np.float32)
        judged = [
            Molecule(t, t, Verdict.VALID) if s else Molecule(t, None, Verdict.TOO_LONG)
            for t, s in zip(texts, short, strict=True)
        ]
        return Encoded(mean.reshape(len(texts), 2), np.ones((len(texts), 2), np.float32), judged)

    def predict_z(self, z):
        return z[:, :1] * 10


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    rows = [f"{at:03d},{GOOD[at % 4] if at % 7 else 'oops'},=1+1" for at in range(30)]
    path.write_text("id,smiles,note\n" + "\n".join(rows) + "\n")
    return path


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"id": str}, keep_default_na=False, na_values={"qed": [""], "predicted_logp": [""]})


def test_rows_columns_and_values(table: Path, tmp_path: Path):
    done = score(table, tmp_path / "out.csv", properties=("qed",), chunk=7, jobs=1, progress=False)
    out = read(tmp_path / "out.csv")
    assert list(out.columns) == ["id", "smiles", "note", "qed", "reason"]
    assert out["id"].tolist() == [f"{at:03d}" for at in range(30)]
    assert set(out["note"]) == {"=1+1"}
    np.testing.assert_allclose(out["qed"], compute(out["smiles"].tolist(), ["qed"])["qed"])
    assert out["reason"].eq("").tolist() == [at % 7 != 0 for at in range(30)]
    assert (done.rows, done.written, done.invalid) == (30, 30, 5)
    assert done.reasons == {"RDKit cannot read it": 5}


def test_processes_give_the_same_bytes(table: Path, tmp_path: Path):
    for jobs in (1, 2):
        score(table, tmp_path / f"{jobs}.csv", chunk=4, jobs=jobs, timeout=60.0, progress=False)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_skip_leaves_out_and_counts(table: Path, tmp_path: Path):
    done = score(table, tmp_path / "out.parquet", on_invalid="skip", chunk=7, progress=False)
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert (done.rows, done.written, len(out)) == (30, 25, 25)
    assert out["id"].is_monotonic_increasing


def test_error_names_the_row_and_writes_nothing(table: Path, tmp_path: Path):
    table.write_text(table.read_text().replace("000,oops", "000,CCO"))
    with pytest.raises(InputError, match="row 7 has 'oops': RDKit cannot read it"):
        score(table, tmp_path / "out.csv", on_invalid="error", chunk=5, jobs=1, progress=False)
    assert list(tmp_path.iterdir()) == [table]


def test_predictions_and_points_stay_in_line(table: Path, tmp_path: Path):
    score(table, tmp_path / "out.csv", properties=(), predict=True, latent=True, model=Fake(), chunk=7, progress=False)
    out = read(tmp_path / "out.csv")
    assert list(out.columns) == ["id", "smiles", "note", "predicted_logp", "z_0", "z_1", "reason"]
    short = out["smiles"].str.len().le(10) & out["smiles"].ne("oops")
    np.testing.assert_array_equal(out["predicted_logp"], out["smiles"].str.len().mul(10.0).where(short))
    assert out["reason"].eq("").tolist() == short.tolist()


class Parsing:
    """A model that parses every string again, as one does that knows nothing of ids."""

    def __init__(self, model):
        self.property_names, self.posterior, self.predict_z = model.property_names, model.posterior, model.predict_z


def test_a_model_is_handed_ids_and_says_the_same_to_the_byte(tmp_path: Path, monkeypatch):
    from chemvae.model import load

    model = load()
    texts = [*GOOD, "oops", "", "[Xe]", "C" * 300, "OC(=O)C1=CC=CC=C1", "F/C=C/F", "[Na+].[Cl-]"] * 2
    (tmp_path / "in.smi").write_text("\n".join(texts) + "\n")
    what = {"properties": ("logp",), "filters": ("PAINS",), "predict": True, "latent": True, "progress": False}
    score(tmp_path / "in.smi", tmp_path / "again.csv", model=Parsing(model), chunk=9, **what)
    monkeypatch.setattr(model, "judge_one", None)  # nothing is parsed a second time
    score(tmp_path / "in.smi", tmp_path / "here.csv", model=model, chunk=9, **what)
    score(tmp_path / "in.smi", tmp_path / "apart.csv", model=model, chunk=9, jobs=2, timeout=60.0, **what)
    again = (tmp_path / "again.csv").read_bytes()
    assert again == (tmp_path / "here.csv").read_bytes() == (tmp_path / "apart.csv").read_bytes()
    out = pd.read_csv(tmp_path / "apart.csv", keep_default_na=False)
    assert {"longer than the model's length cap", "a token that the vocabulary lacks"} <= {
        reason.split(":")[0] for reason in out["reason"]
    }


def test_what_the_model_cannot_take_still_has_its_properties(tmp_path: Path):
    (tmp_path / "in.smi").write_text("CC(=O)Nc1ccc(O)cc1\n")
    done = score(tmp_path / "in.smi", tmp_path / "out.csv", predict=True, model=Fake(), progress=False)
    out = read(tmp_path / "out.csv")
    assert out.loc[0, "qed"] > 0 and np.isnan(out.loc[0, "predicted_logp"])
    assert done.reasons == {"longer than the model's length cap": 1}


def test_columns_of_the_input_are_never_replaced(tmp_path: Path):
    (tmp_path / "in.csv").write_text("smiles,qed,computed_qed,reason\nCCO,mine,mine too,because\n")
    score(tmp_path / "in.csv", tmp_path / "out.csv", properties=("qed",), progress=False)
    out = pd.read_csv(tmp_path / "out.csv")
    assert out.loc[0, ["qed", "computed_qed", "reason"]].tolist() == ["mine", "mine too", "because"]
    assert list(out.columns)[4:] == ["computed_computed_qed", "computed_reason"]


def test_parquet_keeps_its_types_though_a_column_begins_empty(tmp_path: Path):
    given = pa.table(
        {
            "smiles": ["CCO"] * 6,
            "late": pa.array([None, None, None, None, 7, 8], pa.int64()),
            "words": pa.array([None] * 5 + ["x"], pa.string()),
            "many": [[1.0, 2.0]] * 6,
        }
    )
    pq.write_table(given, tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "out.parquet", properties=("qed",), chunk=2, jobs=1, progress=False)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(given.column_names).equals(given)
    assert out.column_names[4:] == ["qed", "reason"]


def test_fresh_names_do_not_meet_each_other():
    assert fresh_names(["qed", "computed_qed"], {"qed"}) == ["computed_qed", "computed_computed_qed"]


def test_to_standard_output(table: Path, capsys):
    score(table, "-", properties=("qed",), progress=False)
    out = capsys.readouterr().out
    assert out.startswith("id,smiles,note,qed,reason\n") and out.count("\n") == 31


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "file is empty"),
        ("smiles,id\n", "column names only"),
        ("name,value\nethanol,1\n", "Expected a column of SMILES"),
        ("smiles\nxx\nyy\nzz\n", "RDKit reads 0%"),
    ],
)
def test_useless_tables_are_told_in_one_line(tmp_path: Path, content: str, message: str):
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        score(tmp_path / "in.csv", tmp_path / "out.csv", progress=False)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_other_mistakes_are_told_before_any_work(table: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    with pytest.raises(MissingFileError, match="no such file"):
        score(tmp_path / "none.csv", out)
    with pytest.raises(InputError, match='Did you mean "qed"'):
        score(table, out, properties=("qde",))
    with pytest.raises(InputError, match='Did you mean "skip"'):
        score(table, out, on_invalid="skipp")
    with pytest.raises(InputError, match="--model"):
        score(table, out, predict=True)
    with pytest.raises(InputError, match="Expected something to compute"):
        score(table, out, properties=())
    with pytest.raises(InputError, match="ends in"):
        score(table, tmp_path / "out.xlsx")
    out.write_text("mine")
    with pytest.raises(ExistsError, match="--overwrite"):
        score(table, out)
    assert out.read_text() == "mine"


def test_scoring_loads_no_torch(tmp_path: Path):
    (tmp_path / "in.smi").write_text("CCO\n")
    code = (
        f"from chemvae.score import score; score({str(tmp_path / 'in.smi')!r}, {str(tmp_path / 'out.csv')!r});"
        "import sys; print([name for name in ('torch', 'joblib', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(tmp_path: Path):
    import resource

    rows = "\n".join(f"{at},{GOOD[at % 4]}" for at in range(60_000))
    (tmp_path / "in.csv").write_text("id,smiles\n" + rows + "\n")
    score(tmp_path / "in.csv", tmp_path / "a.csv", properties=("heavy_atoms",), jobs=1, progress=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (tmp_path / "big.csv").write_text("id,smiles\n" + "\n".join([rows] * 8) + "\n")
    score(tmp_path / "big.csv", tmp_path / "b.csv", properties=("heavy_atoms",), jobs=1, progress=False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes


def test_novelty_and_neighbours_against_a_table(table: Path, tmp_path: Path):
    (tmp_path / "train.smi").write_text("OCC\nCCCO\noops\n")
    more = {"reference": tmp_path / "train.smi", "nearest": True, "progress": False}
    score(table, tmp_path / "out.csv", properties=(), filters=("pains",), **more)
    out = pd.read_csv(tmp_path / "out.csv")
    assert list(out.columns)[3:] == ["passes_PAINS", "novel", "nearest_similarity", "nearest", "reason"]
    ethanol = out["smiles"] == "CCO"
    assert set(out.loc[ethanol, "nearest"]) == {"CCO"} and out.loc[ethanol, "novel"].eq(0).all()
    assert out.loc[out["smiles"] == "oops", ["novel", "nearest", "nearest_similarity"]].isna().all(axis=None)
    with pytest.raises(InputError, match="--reference"):
        score(table, tmp_path / "b.csv", nearest=True)
