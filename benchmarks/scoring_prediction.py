"""Scoring with a model: molecules handed over as token ids, against a model that parses each again; the same bytes."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.machine import describe, ratio, spread
from benchmarks.scoring import CHUNK, RESULT, read_smiles
from chemvae.io.atomic import sha256, write_json
from chemvae.model import load
from chemvae.scoring.asked import Scoring
from chemvae.scoring.rows import Scorer


class Parsing:
    """A model that is only asked what it says of strings, and so parses them again."""

    def __init__(self, model: Any):
        """Take over what scoring asks of any model."""
        self.property_names, self.posterior, self.predict_z = model.property_names, model.posterior, model.predict_z


def main(words: Sequence[str] | None = None) -> None:
    """Measure and write the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--table", type=Path, required=True, help="table with a column of SMILES, e.g. zinc250k.csv.gz")
    asked.add_argument("-n", type=int, default=10_000, help="rows")
    asked.add_argument("-m", "--model", default="zinc250k")
    asked.add_argument("-o", "--out", type=Path, default=RESULT.with_name("scoring_prediction.json"))
    given = asked.parse_args(words)
    torch.set_num_threads(1)
    model, smiles = load(given.model), read_smiles(given.table, given.n)
    scoring = Scoring(predict=True, latent=True)
    models = {"parsed_again": Parsing(model), "handed_ids": model}
    scorers = {name: Scorer(scoring=scoring, column="smiles", model=one, guarded=False) for name, one in models.items()}
    rates: dict[str, list[float]] = {name: [] for name in scorers}
    for at in range(-1, len(smiles) // CHUNK):  # the first round is a warm-up
        frame = pd.DataFrame({"smiles": smiles[max(at, 0) * CHUNK :][:CHUNK]})
        answers = []
        for name, scorer in scorers.items():
            began = time.process_time()
            answers += [answer for _, answer in scorer.walk([(0, frame)])]
            if at >= 0:
                rates[name].append(len(frame) / (time.process_time() - began))
        assert answers[0].to_csv() == answers[1].to_csv()
        print({name: round(some[-1], 1) for name, some in rates.items() if some}, flush=True)
    write_json(
        given.out,
        {
            "protocol": f"{len(rates['handed_ids']) * CHUNK:,} rows, {CHUNK:,} at a time, both sides in turn in one "
            "process on one thread: logP, QED, SA score, predictions and latent point; rows a second of processor "
            "time; both write the same bytes",
            "n": len(rates["handed_ids"]) * CHUNK,
            "model": given.model,
            "rows_per_core_second": {name: spread(some) for name, some in rates.items()},
            "ratio": ratio(rates["handed_ids"], rates["parsed_again"]),
            "table_sha256": sha256(given.table),
            "versions": describe()["versions"],
        },
    )


if __name__ == "__main__":
    main()
