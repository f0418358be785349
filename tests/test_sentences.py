"""Sentences through the networks that write SMILES: prepared, trained, measured, interpolated."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from chemvae.chem.tokens import Tokenizer
from chemvae.config import ModelConfig
from chemvae.errors import ConfigError, ExistsError, InputError, MissingFileError
from chemvae.io.prepared import PreparedData
from chemvae.io.recipes import read_recipe
from chemvae.model import load
from chemvae.nn.build import seeded
from chemvae.sentences import prepare_sentences
from chemvae.train import train
from chemvae.training.held_out import held_out

RECIPE = Path(__file__).parents[1] / "pipelines" / "sentences" / "ptb" / "run.toml"
TRAIN = [
    f"the {animal} {verb} the {thing}"
    for animal in ("cat", "old dog", "crow")
    for verb in ("sees", "eats")
    for thing in ("fish", "red ball", "tree")
]
SMALL = [
    "model.latent=2",
    "model.encoder.embed=8",
    "model.encoder.channels=[8]",
    "model.encoder.kernels=[3]",
    "model.encoder.strides=[1]",
    "model.encoder.hidden=[8]",
    "model.decoder.embed=8",
    "model.decoder.width=12",
    "train.epochs=1",
    "train.batch_size=9",
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "my.train.txt").write_text("\n".join([*TRAIN, TRAIN[0], "", "the <eos> cat"]))
    (folder / "my.valid.txt").write_text("the cat sees  the tree\nthe owl eats the fish\n")
    (folder / "my.test.txt").write_text("the crow eats the <unk>\n")
    return folder


def test_sentences_are_kept_in_order_with_their_repetitions(corpus: Path, tmp_path: Path) -> None:
    found = prepare_sentences(corpus, tmp_path / "p", max_length=5)
    counts = found.manifest["counts"]
    assert (counts["train"], counts["valid"], counts["test"]) == (9, 2, 1)  # the others have six words or seven
    rejects = pd.read_parquet(tmp_path / "p" / "rejects.parquet")
    assert counts["rejected"] == len(rejects) == 22 - 12 + 2
    assert rejects["reason"].str.contains("words, and the cap is 5").sum() == 10
    assert rejects["reason"].tolist()[-2:] == ["empty", "a token that the vocabulary lacks: <eos>"]
    data = PreparedData(tmp_path / "p")
    tokenizer = Tokenizer.from_dict(data.tokenizer)
    written = [tokenizer.decode(row) for row in data.padded(data.rows("valid")).tolist()]
    assert written == ["the cat sees the tree", "the <unk> eats the fish"]  # owl is no word of the training sentences
    assert data.padded(data.rows("test"))[0].tolist()[-2:] == [3, 2]
    assert "cat" in tokenizer.tokens and "owl" not in tokenizer.tokens


def test_an_archive_says_what_a_folder_says(corpus: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        for file in corpus.glob("*.txt"):
            archive.write(file, f"in/{file.name}")
            archive.writestr(f"__MACOSX/._{file.name}", b"\xff")
    for name, source in (("a", corpus), ("b", tmp_path / "c.zip")):
        prepare_sentences(source, tmp_path / name)
    for array in ("tokens", "offsets", "split"):
        np.testing.assert_array_equal(*(np.load(tmp_path / name / f"{array}.npy") for name in ("a", "b")))


def test_one_text_is_split_at_random(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("\n".join(TRAIN))
    found = prepare_sentences(tmp_path / "all.txt", tmp_path / "p", split_sizes=(0.5, 0.25, 0.25))
    assert [found.manifest["counts"][part] for part in ("train", "valid", "test")] == [10, 4, 4]


def test_what_cannot_be_read(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "mine").touch()
    with pytest.raises(ExistsError):
        prepare_sentences(corpus, tmp_path / "p")
    with pytest.raises(MissingFileError, match="nothing is there"):
        prepare_sentences(tmp_path / "none.zip", tmp_path / "q")
    (tmp_path / "blank.txt").write_text("\n\n")
    with pytest.raises(InputError, match="none of its 2 lines"):
        prepare_sentences(tmp_path / "blank.txt", tmp_path / "q")
    (tmp_path / "torn.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match="Fetch it again"):
        prepare_sentences(tmp_path / "torn.zip", tmp_path / "q")
    (corpus / "my.valid.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match="0xff"):
        prepare_sentences(corpus, tmp_path / "q")
    (corpus / "my.valid.txt").unlink()
    with pytest.raises(MissingFileError, match=r"valid\.txt"):
        prepare_sentences(corpus, tmp_path / "q")
    assert not (tmp_path / "q").exists()


def test_the_bound_is_its_two_terms_and_the_likelihood_lies_above_it(corpus: Path, tmp_path: Path) -> None:
    prepare_sentences(corpus, tmp_path / "p")
    data = PreparedData(tmp_path / "p")
    config = ModelConfig.model_validate({"latent": 2, "encoder": {"embed": 4, "hidden": [8]}, "decoder": {"width": 8}})
    vae = seeded(config, data.vocab, data.length, {}, 0).eval()
    found = held_out(vae, data, "train", seed=0, samples=200)
    x = torch.from_numpy(data.padded(data.rows("train")))
    kl = vae.encoder(x).kl().sum(dim=1).mean().detach()
    assert found["kl"] == pytest.approx(float(kl), rel=1e-4)
    assert found["negative_elbo"] == pytest.approx(found["reconstruction"] + found["kl"])
    assert found["nll"] < found["negative_elbo"] + 0.05
    tokens = data.lengths[data.rows("train")].mean()
    assert found["perplexity"] == pytest.approx(np.exp(found["nll"] / tokens), rel=1e-5)


def test_the_recipe_trains_prints_its_figures_and_interpolates(
    corpus: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    from chemvae.cli.app import main

    monkeypatch.chdir(tmp_path)
    changes = [word for change in (f"data.table={corpus}", *SMALL) for word in ("--set", change)]
    assert main(["train", str(RECIPE), *changes, "-o", "out"]) == 0
    told = capsys.readouterr().out
    assert "test_kl" in told and "test sentences 1" in told and "importance samples 10" in told
    kept = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert kept["figures"]["test_negative_elbo"] > 0
    assert kept["protocol"]["data"] == "corpus"
    ends = ["the cat sees the fish", "the old dog eats the tree"]
    assert main(["interpolate", *ends, "--steps", "4", "-m", "out", "-o", "line.csv"]) == 0
    assert len(pd.read_csv("line.csv")) == 4
    assert not (tmp_path / "line.png").exists()  # a sentence has no structure to draw
    assert main(["sample", "-n", "3", "-m", "out", "-o", "new.csv"]) == 0
    assert main(["evaluate", "--data", "new.csv", "-m", "out", "-o", "figures"]) == 1
    assert "writes sentences" in capsys.readouterr().err
    near = load(tmp_path / "out").neighbors("the cat eats the owl", n=2)
    assert "similarity" not in near and "qed" not in near


def test_a_word_that_nobody_saw_is_unknown_and_stays_in_its_place() -> None:
    tokenizer = Tokenizer.fit("words", ["a b", "b c"])
    assert tokenizer.encode("a zebra c") == [4, 3, 6]
    assert tokenizer.decode([4, 3, 6, 2, 5]) == "a <unk> c"


def test_what_only_molecules_have_is_refused(corpus: Path, tmp_path: Path) -> None:
    from chemvae.cli.app import main

    with pytest.raises(ConfigError, match="target_columns"):
        read_recipe(RECIPE, ['data.target_columns=["x"]'])
    prepare_sentences(corpus, tmp_path / "p")
    recipe = read_recipe(RECIPE, [f"data.prepared={tmp_path / 'p'}", "data.table=", "validity.steps=1"])
    with pytest.raises(ConfigError, match="Drop \\[validity\\]"):
        train(recipe, tmp_path / "out")
    assert main(["data", "prepare", str(corpus), "--tokens", "words", "--split", "scaffold", "-o", "x"]) == 1
