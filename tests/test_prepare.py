"""A table becomes a folder to train on: every row is in it or among the rejects, with its number and its reason."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemvae.chem.properties import compute
from chemvae.chem.tokens import Tokenizer
from chemvae.errors import ExistsError, InputError, MissingFileError
from chemvae.io.prepared import PreparedData
from chemvae.prepare import prepare as prepare_aloud

MESSY = ["OCC", "NA", "nan", "", "CC(=O)[O-].[Na+]", "CCO", "C1CC", "c1ccccc1Br", "C" * 121, "CCCl", "None", "CN"]


def prepare(table, out, **settings_):
    return prepare_aloud(table, out, **({"jobs": 1, "progress": False} | settings_))


def write(path: Path, **columns) -> Path:
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture
def messy(tmp_path) -> Path:
    return write(tmp_path / "messy.csv", smiles=MESSY)


def molecules(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "molecules.parquet")


def rejects(folder: Path) -> dict[int, tuple[str, str]]:
    found = pq.read_table(folder / "rejects.parquet").to_pylist()
    return {reject["row"]: (reject["text"], reject["reason"]) for reject in found}


def decoded(folder: Path) -> list[str]:
    data = PreparedData(folder)
    tokenizer = Tokenizer.from_dict(data.tokenizer)
    return [tokenizer.decode(ids) for ids in data.padded(np.arange(len(data.lengths))).tolist()]


def test_every_row_is_kept_or_rejected_with_its_number_text_and_reason(messy, tmp_path):
    made = prepare(messy, tmp_path / "out")
    kept = molecules(tmp_path / "out")
    assert kept["row"].tolist() == [0, 4, 7, 9, 11]
    assert kept["text"].tolist() == [MESSY[row] for row in kept["row"]]
    assert kept["smiles"].tolist() == ["CCO", "CC(=O)O", "Brc1ccccc1", "CCCl", "CN"]
    assert rejects(tmp_path / "out") == {
        1: ("NA", "RDKit cannot read it: not SMILES"),
        2: ("nan", "RDKit cannot read it: not SMILES"),
        3: ("", "empty"),
        5: ("CCO", "seen before: row 0"),
        6: ("C1CC", "RDKit cannot read it: not SMILES"),
        8: ("C" * 121, "longer than the model's length cap: 121 tokens, and the cap is 120"),
        10: ("None", "RDKit cannot read it: not SMILES"),
    }
    assert made.counts["rows"] == 12 == made.counts["kept"] + made.counts["duplicates"] + made.counts["rejected"]
    assert made.counts["train"] + made.counts["valid"] + made.counts["test"] == made.counts["kept"] == 5
    assert "12 rows: 5 kept, 1 duplicates, 6 rejected" in str(made) and made.changed == 3


def test_the_arrays_say_what_the_table_says(messy, tmp_path):
    prepare(messy, tmp_path / "out", properties=("logp", "mw"))
    kept, data = molecules(tmp_path / "out"), PreparedData(tmp_path / "out")
    assert decoded(tmp_path / "out") == kept["smiles"].tolist()
    assert np.array(["train", "valid", "test"])[np.asarray(data.split)].tolist() == kept["split"].tolist()
    expected = compute(kept["smiles"].tolist(), ["logp", "mw"])
    np.testing.assert_array_equal(kept["mw"], expected["mw"])
    np.testing.assert_allclose(data.labels(np.arange(5)), np.stack(list(expected.values()), axis=1), rtol=1e-6)
    assert data.target_names == ["logp", "mw"] and data.length == data.lengths.max() == 10
    train = kept["split"] == "train"
    assert data.manifest["targets"][1]["mean"] == pytest.approx(kept["mw"][train].mean())
    assert data.manifest["targets"][1]["std"] == pytest.approx(kept["mw"][train].std(ddof=0))
    assert data.ids.dtype == np.uint16 and data.offsets.dtype == np.int64 and data.split.dtype == np.uint8


def test_the_manifest_tells_what_was_done(messy, tmp_path):
    prepare(messy, tmp_path / "out", seed=7)
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert told["format_version"] == 1 and told["created_by"].startswith("chemvae ")
    assert (
        told["source"]["path"] == "messy.csv" and told["source"]["rows"] == 12 and len(told["source"]["sha256"]) == 64
    )
    assert told["columns"] == {"smiles": "smiles", "targets": []}
    assert told["settings"]["seed"] == 7 and told["settings"]["max_length"] == 120 and "rdkit" in told["versions"]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(MESSY) | st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=9)))
def test_no_row_is_lost_whatever_comes(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("any")
    table, texts = folder / "t.parquet", ["C", *texts]
    pd.DataFrame({"smiles": texts}).to_parquet(table)
    made = prepare(table, folder / "out", smiles_column="smiles", properties=())
    kept, gone = molecules(folder / "out"), rejects(folder / "out")
    together = dict(zip(kept["row"], kept["text"], strict=True)) | {row: text for row, (text, _) in gone.items()}
    assert together == dict(enumerate(texts)) and len(kept) + len(gone) == len(texts) == made.counts["rows"]
    assert all(reason for _, reason in gone.values()) and decoded(folder / "out") == kept["smiles"].tolist()


def test_several_processes_give_the_same_bytes(tmp_path):
    table = write(
        tmp_path / "t.csv", smiles=["C" * (1 + i % 40) + "ONF"[i % 3] if i % 9 else "junk" for i in range(600)]
    )
    for jobs in (1, 2):
        prepare(table, tmp_path / str(jobs), jobs=jobs)
    for name in (
        "tokens.npy",
        "offsets.npy",
        "targets.npy",
        "split.npy",
        "tokenizer.json",
        "molecules.parquet",
        "rejects.parquet",
    ):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_the_seed_decides_the_split(tmp_path):
    table = write(tmp_path / "t.csv", smiles=["C" * n for n in range(1, 41)])
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        prepare(table, tmp_path / name, seed=seed, split_sizes=(0.5, 0.25, 0.25), properties=())
    a, b, c = (molecules(tmp_path / name)["split"].tolist() for name in "abc")
    assert a == b != c and a.count("train") == 20 and a.count("valid") == a.count("test") == 10


def test_targets_from_columns(tmp_path):
    table = write(
        tmp_path / "t.csv",
        smiles=["C", "CC", "CCC", "CCCC"],
        y=["1.5", "", "NA", "-2"],
        active=["yes", "no", "", "yes"],
    )
    prepare(table, tmp_path / "out", target_columns=("y", "active"), properties=(), split_sizes=(1, 0, 0))
    y, active = PreparedData(tmp_path / "out").manifest["targets"]
    assert (y["kind"], y["missing"], y["mean"]) == ("number", 2, -0.25)
    assert (active["kind"], active["missing"]) == ("yesno", 1)
    np.testing.assert_array_equal(molecules(tmp_path / "out")["y"], [1.5, np.nan, np.nan, -2])


def test_a_constant_target_has_a_deviation_that_can_be_divided_by(tmp_path):
    table = write(tmp_path / "t.csv", smiles=["C", "CC"], y=[3.0, 3.0])
    prepare(table, tmp_path / "out", target_columns=["y"], properties=())
    assert PreparedData(tmp_path / "out").manifest["targets"][0]["std"] == 1.0


def test_the_split_of_a_column(tmp_path):
    table = write(tmp_path / "t.csv", smiles=["C", "CC", "x", "CCC"], part=["test", "train", "valid", "val"])
    prepare(table, tmp_path / "out", split="column:part", properties=())
    assert molecules(tmp_path / "out")["split"].tolist() == ["test", "train", "valid"]


def test_the_split_of_files(tmp_path):
    for name, text in (("train", "OCC\nCC\n"), ("valid", "CCC\n"), ("test", "C\nCC\n")):
        (tmp_path / f"{name}.txt").write_text(text)
    table = write(tmp_path / "t.csv", smiles=["CCC", "CCO", "CC", "C", "CN"])
    prepare(table, tmp_path / "out", split="jtvae", split_files=tmp_path, properties=())
    assert molecules(tmp_path / "out")["split"].tolist() == ["valid", "train", "test", "test"]
    assert rejects(tmp_path / "out") == {4: ("CN", "turned away by a filter: in none of the split's files")}


def test_the_split_by_scaffold_keeps_rings_together(tmp_path):
    rings = ["c1ccccc1", "C1CCCCC1", "c1ccncc1", "C1CCNC1", "c1ccoc1", "C1CC1"]
    table = write(tmp_path / "t.csv", smiles=[ring + "C" * n for ring in rings for n in range(5)])
    prepare(table, tmp_path / "out", split="scaffold", split_sizes=(0.6, 0.2, 0.2), properties=())
    split = molecules(tmp_path / "out")["split"].to_numpy().reshape(6, 5)
    assert all(len(set(row)) == 1 for row in split) and set(split.ravel()) == {"train", "valid", "test"}


@pytest.mark.parametrize(
    "tokens", ["atoms", "kekule", "characters", "selfies", "pairs", "kekule-pairs", "selfies-pairs"]
)
def test_every_way_to_cut_gives_the_molecule_back(tmp_path, tokens):
    table = write(tmp_path / "t.csv", smiles=["ClCCBr", "c1ccccc1", "C[C@H](N)C(=O)O", "C[N+](=O)[O-]"])
    prepare(table, tmp_path / "out", tokens=tokens, properties=())
    from chemvae.chem.judge import canonical

    assert [canonical(smiles) for smiles in decoded(tmp_path / "out")] == molecules(tmp_path / "out")["smiles"].tolist()


def test_a_given_vocabulary_rejects_what_it_cannot_write(tmp_path):
    prepare(write(tmp_path / "a.csv", smiles=["CCO", "CN"]), tmp_path / "a", properties=())
    table = write(tmp_path / "b.csv", smiles=["OCC", "CCBr", "NC"])
    prepare(table, tmp_path / "b", tokenizer=tmp_path / "a", properties=())
    assert (tmp_path / "a/tokenizer.json").read_bytes() == (tmp_path / "b/tokenizer.json").read_bytes()
    told = prepare(table, tmp_path / "c", tokenizer="zinc250k", properties=())
    assert told.manifest["vocabulary"] > 60
    with pytest.raises(MissingFileError, match="or a model: .*zinc250k"):
        prepare(table, tmp_path / "d", tokenizer="zink250k", properties=())
    assert rejects(tmp_path / "b") == {1: ("CCBr", "a token that the vocabulary lacks: Br")}
    assert decoded(tmp_path / "b") == ["CCO", "CN"]


def test_merges_keep_the_molecules_and_shorten_them(tmp_path):
    table = write(tmp_path / "t.csv", smiles=["C" * n + end for n in range(1, 21) for end in ("O", "N", "F")])
    sizes = {"split_sizes": (0.5, 0.25, 0.25), "max_length": 20, "properties": ()}
    prepare(table, tmp_path / "atoms", **sizes)
    made = prepare(table, tmp_path / "pairs", tokens="pairs", merges=8, **sizes)
    assert molecules(tmp_path / "pairs").equals(molecules(tmp_path / "atoms"))
    assert decoded(tmp_path / "pairs") == decoded(tmp_path / "atoms")
    plain, merged = PreparedData(tmp_path / "atoms"), PreparedData(tmp_path / "pairs")
    assert merged.lengths.sum() < plain.lengths.sum() / 2 and merged.length == merged.lengths.max()
    assert made.manifest["settings"]["merges"] == 8 and made.manifest["vocabulary"] == merged.vocab == plain.vocab + 8
    prepare(table, tmp_path / "again", tokenizer=tmp_path / "pairs", **sizes)
    for name in ("tokenizer.json", "tokens.npy", "offsets.npy"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "pairs" / name).read_bytes()


def test_standardising_can_be_switched_off(tmp_path):
    table = write(tmp_path / "t.csv", smiles=["C[NH+](C)C.[Cl-]", "OCC"])
    prepare(table, tmp_path / "out", standardise=False, properties=())
    assert molecules(tmp_path / "out")["smiles"].tolist() == ["C[NH+](C)C.[Cl-]", "CCO"]


def test_the_column_is_guessed_and_said(tmp_path, capsys):
    table = write(tmp_path / "t.csv", name=["ethanol", "aspirin"], Structure=["CCO", "CC(=O)Oc1ccccc1C(=O)O"])
    prepare(table, tmp_path / "out", progress=True)
    assert "SMILES in column 'Structure' (by its name)" in capsys.readouterr().err


def test_zinc250k_as_published_and_standard_input(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'smiles,logP\n"CCO\n",1\n"CC\n",2\n')))
    made = prepare("-", tmp_path / "out", properties=())
    assert molecules(tmp_path / "out")["smiles"].tolist() == ["CCO", "CC"]
    assert made.manifest["source"] == {"path": "-", "sha256": None, "rows": 2}


def test_missing_cells_of_parquet(tmp_path):
    pd.DataFrame({"smiles": ["C", None, "CC"], "y": [None, 1.0, 2.0]}).to_parquet(tmp_path / "t.parquet")
    prepare(tmp_path / "t.parquet", tmp_path / "out", target_columns=("y",), properties=(), split_sizes=(1, 0, 0))
    assert rejects(tmp_path / "out") == {1: (None, "not text: a missing cell")}
    np.testing.assert_array_equal(molecules(tmp_path / "out")["y"], [np.nan, 2.0])


def test_a_folder_that_stands_there_is_left_alone_unless_asked(messy, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    with pytest.raises(ExistsError, match="--overwrite"):
        prepare(messy, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
    prepare(messy, tmp_path / "out", overwrite=True)
    assert not (tmp_path / "out" / "mine").exists() and PreparedData(tmp_path / "out").length


def test_an_interruption_leaves_nothing(messy, tmp_path, monkeypatch):
    monkeypatch.setattr("chemvae.io.ready.write_json", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        prepare(messy, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["messy.csv"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"smiles_column": "smile"}, r"column 'smile'.*Did you mean \"smiles\"\?"),
        ({"properties": ("qde",)}, r"got 'qde'.*Did you mean \"qed\"\?"),
        ({"target_columns": ("z",)}, "column 'z' in .*messy.csv, but got smiles"),
        ({"tokens": "words"}, "tokens out of atoms, kekule, characters, selfies, pairs, kekule-pairs, selfies-pairs"),
        ({"merges": 5}, "merges with tokens pairs or kekule-pairs or selfies-pairs"),
        ({"split": "scafold"}, r"got 'scafold'.*Did you mean \"scaffold\"\?"),
        ({"split": "column:part"}, "column 'part'"),
        ({"split": "jtvae"}, "--split-files FOLDER"),
        ({"split_files": "x"}, "--split jtvae"),
        ({"split": "jtvae", "split_files": "nowhere"}, "train.txt or train.txt.gz in nowhere"),
        ({"split_sizes": (0.9, 0.2, 0.1)}, "sum to 1"),
        ({"max_length": 0}, "at least 1 token"),
        ({"max_length": 1}, "none of its 12 rows can be used"),
        ({"tokenizer": "nowhere.json"}, "tokenizer at nowhere.json"),
    ],
)
def test_settings_that_cannot_be_are_told_in_one_line(messy, tmp_path, changes, message):
    with pytest.raises(InputError, match=message) as told:
        prepare(messy, tmp_path / "out", **changes)
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        ("", {}, "the file is empty"),
        ("smiles\n", {}, "a header and no rows"),
        ("name,y\nethanol,1\naspirin,2\n", {}, "got name, y; the best guess is 'name', of which RDKit reads 0%"),
        (
            "smiles,s\nrubbish,CCO\njunk,CN\n",
            {"smiles_column": "smiles"},
            r"none of its 2 rows.*2 times.*Did you mean column \"s\"",
        ),
        ("CCO,1\nCCN,2\n", {}, "Expected a header line"),
        ("smiles,qed\nC,1\n", {"target_columns": ("qed",)}, "'qed' is a column and a property"),
        ("smiles,y\nC,>5\n", {"target_columns": ("y",)}, "numbers in column 'y'.*'>5' in row 0"),
        ("smiles,y\nC,\nCC,\n", {"target_columns": ("y",)}, "values of 'y' to train on"),
        ("smiles,p\nC,test\n", {"split": "column:p"}, "leaves none in train"),
        ("smiles,p\nC,train\nCC,holdout\n", {"split": "column:p"}, "'holdout' in row 1"),
    ],
)
def test_tables_that_cannot_be_used_are_told_in_one_line(tmp_path, content, changes, message):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(InputError, match=message) as told:
        prepare(tmp_path / "t.csv", tmp_path / "out", **changes)
    assert "\n" not in str(told.value) and not (tmp_path / "out").exists()


def test_no_such_table(tmp_path):
    with pytest.raises(MissingFileError, match="no such file"):
        prepare(tmp_path / "nowhere.csv", tmp_path / "out")
