"""Measure property prediction: our head and z beside scikit-learn on Morgan fingerprints, on the same molecules.

One part at a time (zinc, few, bace, tadf, cep); each writes its section of results/properties.json and the page.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy import ndarray
from sklearn.metrics import roc_auc_score

from benchmarks.few_labels import FewLabels, trained_for
from benchmarks.markers import fill_between
from benchmarks.peers.predictors import (
    PRINTS,
    SEED,
    auroc,
    average,
    boosting,
    by_property,
    forest,
    logistic,
    mae,
    prints,
    ridge,
    vote,
)
from benchmarks.predicted import Part, Row, tables
from chemvae.codec import Codec
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.io.prepared import PreparedData
from chemvae.io.recipes import read_recipe
from chemvae.io.runs import versions
from chemvae.model import load
from chemvae.prepare import prepare
from chemvae.train import train as train_run

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "properties.json"
REFERENCE = ROOT / "benchmarks" / "results" / "reference_model.json"
PAGE = ROOT / "docs" / "reference_model.md"

SPLITS = 5
LABELS, TIMES = 5_000, 10
"""Labels beside many molecules without, and how often one that has some comes in an epoch."""
BOOSTED = 20_000
"""Molecules that trees are grown on where there are more: a limit of time, told in the table."""
PAPER = {
    "paper: variational autoencoder": {"logp": 0.15, "qed": 0.054},
    "paper: encoder alone": {"logp": 0.13, "qed": 0.037},
    "paper: circular fingerprints": {"logp": 0.38, "qed": 0.045},
    "paper: group contributions": {"logp": 0.05, "qed": 0.017},
}
"""Gómez-Bombarelli et al. (2018), table 2: ZINC250k, their own split."""


def table_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the molecules of a prepared table by split, with their labels."""
    table = pd.read_parquet(folder / "molecules.parquet")
    return {str(split): rows.reset_index(drop=True) for split, rows in table.groupby("split")}


def head_of(model: Codec, table: pd.DataFrame, names: Sequence[str]) -> dict[str, float]:
    """Return the error of a model's own head, from the posterior means."""
    predicted = model.predict_z(model.encode(table["smiles"]))
    return {name: mae(predicted[:, model.property_names.index(name)], table[name].to_numpy()) for name in names}


def zinc(given: argparse.Namespace) -> Part:
    """LogP, QED and SA of JT-VAE's test molecules: the reference model's figures, baselines, the paper."""
    split, names = table_of(given.prepared), ["logp", "qed", "sa"]
    learn, test = split["train"], split["test"]
    x, new = prints(learn["smiles"].tolist()), prints(test["smiles"].tolist())
    some = np.random.default_rng(SEED).permutation(len(learn))[:BOOSTED]
    reference = read_json(REFERENCE)
    return Part(
        title="ZINC250k: mean absolute error",
        protocol="JT-VAE's split; RDKit's logP, QED and SA score; the figures of the paper are of its own split",
        test=len(test),
        rows=(
            Row(f"{reference['model']}: head, from z", len(learn), reference["mae"]),
            Row(f"{PRINTS}, ridge", len(learn), by_property(ridge, x, learn[names], new, test[names])),
            Row(
                f"{PRINTS}, boosted trees",
                len(some),
                by_property(boosting, x[some], learn.loc[some, names], new, test[names]),
            ),
            *(Row(method, None, figures) for method, figures in PAPER.items()),
        ),
        more={"weights_sha256": reference["weights_sha256"], "data": sha256(given.prepared / "molecules.parquet")},
    )


def few(given: argparse.Namespace) -> Part:
    """Two models of equal compute, one with all labels and one with few of them, and what few labels alone give."""
    names = ["logp", "qed", "sa"]
    split = table_of(given.prepared)
    test = split["test"]
    rows, trained = list[Row](), {}
    kept: FewLabels | None = None
    for labelled, times in ((None, 1), (LABELS, TIMES)):
        kept = FewLabels(given.prepared, labelled, times)
        model, trained[str(labelled or "all")] = trained_for(kept, given.seconds)
        n = len(kept.kept)
        rows.append(Row(f"head, from z; {n:,} labels", n, head_of(model, test, names)))
    table = pd.read_parquet(given.prepared / "molecules.parquet").iloc[kept.kept]
    x, new = model.encode(table["smiles"]), model.encode(test["smiles"])
    known = prints(table["smiles"].tolist()), prints(test["smiles"].tolist())
    rows += [
        Row("boosted trees on that z", LABELS, by_property(boosting, x, table[names], new, test[names])),
        Row(f"{PRINTS}, ridge", LABELS, by_property(ridge, known[0], table[names], known[1], test[names])),
        Row(f"{PRINTS}, boosted trees", LABELS, by_property(boosting, known[0], table[names], known[1], test[names])),
    ]
    return Part(
        title=f"{LABELS:,} labels beside {len(split['train']) - LABELS:,} molecules without: mean absolute error",
        protocol=f"two models of {given.seconds:g} seconds of one core each, one with every label, one with {LABELS:,} "
        f"labels, whose molecules came {TIMES} times an epoch; the same recipe as in the table of representations (250 "
        "merges); no label of another molecule was used for anything",
        test=len(test),
        rows=tuple(rows),
        more={"trained": trained, "data": sha256(given.prepared / "molecules.parquet")},
    )


def bace(given: argparse.Namespace) -> Part:
    """Yes or no: does a molecule inhibit BACE-1."""
    model = load(given.model)
    folder = given.work / f"bace-{model.name}"
    if not folder.exists():
        prepare(
            given.table,
            folder,
            smiles_column="mol",
            target_columns=["Class"],
            properties=(),
            tokenizer=given.model,
            max_length=given.max_length,
            split_sizes=(0.7, 0.1, 0.2),
            jobs=1,
            overwrite=True,
        )
    table = pd.read_parquet(folder / "molecules.parquet")
    smiles, y = table["smiles"].tolist(), table["Class"].to_numpy()
    features = {PRINTS: prints(smiles), f"z of {model.name}, frozen": model.encode(smiles)}
    ways = {"logistic regression": logistic, "random forest": vote}
    fitted = folder.parent / f"{folder.name}-run"
    first = table["split"].to_numpy() == "test"
    rows = [
        Row(
            f"{model.name} trained on with a new head (a tenth of the molecules chose the epoch)",
            int((table["split"] == "train").sum()),
            {"BACE": tuned(given.model, folder, fitted)},
        )
    ]
    for where, x in features.items():
        for way, predict in ways.items():
            found = [auroc(predict, x, y, test) for test in (first, *held_out(len(y), SPLITS - 1))]
            rows.append(
                Row(
                    f"{where}, {way}",
                    int((~first).sum()),
                    {"BACE": found[0], "mean of 5 splits": np.mean(found)},
                    {"mean of 5 splits": np.std(found, ddof=1)},
                )
            )
    return Part(
        title="BACE (yes or no): AUROC",
        protocol=f"the {len(table):,} of 1,513 molecules that {model.name} can read; a fifth drawn at random is "
        "predicted: one split, the same for all, and the mean of five",
        test=int(first.sum()),
        rows=tuple(rows),
        more={"model": model.fingerprint, "data": sha256(given.table)},
    )


def held_out(n: int, splits: int) -> list[ndarray]:
    """Return random fifths, as masks."""
    return [np.random.default_rng(seed + 1).permutation(n) < n // 5 for seed in range(splits)]


def tuned(model: str, folder: Path, run: Path) -> float:
    """Train a model on with a new head for the yes/no labels of a table, and return its AUROC on the test molecules."""
    recipe = read_recipe(ROOT / "pipelines" / "bace" / "run.toml", [f"train.start_from={model}"])
    if not (run / "model").is_dir():
        train_run(recipe, run, prepared=folder, overwrite=run.exists())
    test = table_of(folder)["test"]
    return float(roc_auc_score(test["Class"], load(run).predict(test["smiles"])["Class"]))


TADF = ("HOMO", "LUMO", "S1", "T1", "f_S1")


def tadf(given: argparse.Namespace) -> Part:
    """Five properties of emitters, one of them missing for a third: one head for all, or a forest for each."""
    folder = given.work / "tadf"
    if not folder.exists():
        given.work.mkdir(parents=True, exist_ok=True)
        files = sorted(given.data.glob("tadf_*.csv.gz"))
        pd.concat(map(pd.read_csv, files))[["SMILES", *TADF]].to_csv(given.work / "tadf.csv", index=False)
        prepare(
            given.work / "tadf.csv",
            folder,
            smiles_column="SMILES",
            target_columns=list(TADF),
            properties=(),
            tokens="pairs",
            merges=300,
            split_sizes=(0.8, 0.05, 0.15),
            max_length=160,
            jobs=1,
        )
    data, split, names = PreparedData(folder), table_of(folder), list(TADF)
    model, trained = trained_for(data, given.seconds)
    learn, test = split["train"], split["test"]
    x, new = prints(learn["smiles"].tolist()), prints(test["smiles"].tolist())
    missing = {target["name"]: target["missing"] for target in data.manifest["targets"] if target["missing"]}
    return Part(
        title="TADF emitters, many labels missing: mean absolute error (eV; f without unit)",
        protocol=f"all {len(data.lengths):,} molecules that have at most 160 tokens before merging; missing labels: "
        f"{', '.join(f'{name} {n:,}' for name, n in missing.items())}; a model trained from scratch on "
        f"{len(learn):,} molecules for {given.seconds:g} seconds of one core, one head for all five; f(T1) is 0 "
        "throughout the set and left out",
        test=len(test),
        rows=(
            Row("a small model from scratch: head, from z", len(learn), head_of(model, test, names)),
            Row(f"{PRINTS}, ridge", len(learn), by_property(ridge, x, learn[names], new, test[names])),
            Row(f"{PRINTS}, random forest", len(learn), by_property(forest, x, learn[names], new, test[names])),
            Row("the mean of the labels", len(learn), average(learn[names], test[names])),
        ),
        more={"trained": trained, "data": sha256(folder / "molecules.parquet")},
    )


def cep(given: argparse.Namespace) -> Part:
    """Photovoltaic efficiency of the Clean Energy Project's candidates."""
    split, names = table_of(given.prepared), ["PCE", "logp", "sa"]
    learn, test, model = split["train"], split["test"], load(given.model)
    x, new = prints(learn["smiles"].tolist()), prints(test["smiles"].tolist())
    z = model.encode(learn["smiles"]), model.encode(test["smiles"])
    labels, truth = learn[names], test[names]
    return Part(
        title="Clean Energy Project: mean absolute error (PCE in percent)",
        protocol="random split of `pipelines/cep`, 90 / 5 / 5",
        test=len(test),
        rows=(
            Row(f"{model.name}: head, from z", len(learn), head_of(model, test, names)),
            Row(f"z of {model.name}, boosted trees", len(learn), by_property(boosting, z[0], labels, z[1], truth)),
            Row(f"{PRINTS}, ridge", len(learn), by_property(ridge, x, labels, new, truth)),
            Row(f"{PRINTS}, boosted trees", len(learn), by_property(boosting, x, labels, new, truth)),
            Row("the mean of the labels", len(learn), average(learn[names], test[names])),
        ),
        more={"model": model.fingerprint, "data": sha256(given.prepared / "molecules.parquet")},
    )


PARTS = {"zinc": zinc, "few": few, "bace": bace, "tadf": tadf, "cep": cep}


def asked() -> argparse.Namespace:
    """Read what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", choices=[*PARTS, "render"], help="what to measure; render rewrites the page only")
    asked.add_argument("--prepared", type=Path, help="zinc, few, cep: table of `chemvae data prepare`")
    asked.add_argument("--table", type=Path, help="bace: the table, mol,Class")
    asked.add_argument("--data", type=Path, help="tadf: folder with tadf_*.csv.gz")
    asked.add_argument("--model", default="zinc250k", help="bace, cep: name or folder of a model")
    asked.add_argument("--max-length", type=int, default=120, help="bace: tokens before merging, at most")
    asked.add_argument("--work", type=Path, default=Path("runs/properties"), help="folder for tables and runs")
    asked.add_argument("--seconds", type=float, default=600.0, help="few, tadf: processor time of each model")
    return asked.parse_args()


def main() -> None:
    """Measure one part and write it, or only the page."""
    given = asked()
    torch.set_num_threads(1)
    result = read_json(RESULT) if RESULT.is_file() else {"format_version": 1, "parts": {}}
    if given.part != "render":
        part = PARTS[given.part](given)
        result["parts"][given.part] = part.as_dict() | {"versions": versions()}
        print(json.dumps(part.as_dict(), indent=1))
        write_json(RESULT, result)
    fill_between(PAGE, "properties", tables(result["parts"][name] for name in PARTS if name in result["parts"]))


if __name__ == "__main__":
    main()
