"""Measure what a newcomer meets first: the start of the program, the demo, the neighbours of aspirin."""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from chemvae.chem.judge import canonical
from chemvae.chem.workers import in_chunks
from chemvae.demo import demo
from chemvae.io.atomic import sha256, write_json
from chemvae.io.bundle import WEIGHTS
from chemvae.io.carried import BUNDLES, druglike_path
from chemvae.io.runs import versions
from chemvae.io.tables import read_table
from chemvae.model import load

RESULT = Path(__file__).resolve().parent / "results" / "newcomer.json"
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
STARTS = {
    "python": ["-c", "pass"],
    "chemvae --help": ["-m", "chemvae", "--help"],
    "import torch": ["-c", "import torch"],
}
RUNS = 7


def starts() -> dict[str, float]:
    """Return the median wall time of each start in seconds, the three taken in turn, and the ratio to torch."""
    seconds: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(RUNS):
        for name, words in STARTS.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, *words], capture_output=True, check=True)
            seconds[name].append(time.perf_counter() - begin)
    medians = {name: round(statistics.median(values), 3) for name, values in seconds.items()}
    ratio = medians["chemvae --help"] / medians["import torch"]
    return {**medians, "chemvae --help over import torch": round(ratio, 3), "runs": RUNS}


def first_job(training: Path | None) -> dict[str, Any]:
    """Run the demo as it comes and return what it found; novelty is against the training molecules if they are here."""
    with tempfile.TemporaryDirectory() as folder:
        done = demo(Path(folder) / "demo", progress=False)
        known = set(read_table(druglike_path())["smiles"])
        candidates = read_table(done.table)["smiles"]
        texts = read_table(training).iloc[:, 0].tolist() if training else []
        trained = {smiles for part in in_chunks(canonical_all, texts, jobs=2) for smiles in part}
        return {
            "objective": "5*qed - sa",
            "calls": done.calls,
            "candidates": len(candidates),
            "distinct": int(candidates.nunique()),
            "absent from the bundled molecules": sum(smiles not in known for smiles in candidates),
            "absent from the training molecules too": (
                sum(smiles not in known and smiles not in trained for smiles in candidates) if training else None
            ),
            "best start molecule": float(done.start["objective"].max()),
            "mean of the ten best": float(done.best["objective"].mean()),
            "seconds": round(done.seconds, 1),
        }


def canonical_all(texts: list[str]) -> list[str | None]:
    """Return the canonical SMILES of each text; runs in workers."""
    return [canonical(text) for text in texts]


def neighbours(n: int) -> dict[str, Any]:
    """Return how many neighbours of aspirin came from how many decodes, and whether the near ones resemble it."""
    table = load().neighbors(ASPIRIN, n=n)
    return {
        "asked": n,
        "distinct valid": int(table["smiles"].nunique()),
        "decodes": round(float((table["count"] / table["frequency"]).iloc[0])),
        "spearman of distance and similarity": float(table[["distance", "similarity"]].corr("spearman").iloc[0, 1]),
    }


def main() -> None:
    """Measure and write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--train", type=Path, help="training molecules, e.g. train.txt.gz of JT-VAE's split")
    training = asked.parse_args().train
    result = {
        "start, median seconds": starts(),
        "demo": first_job(training),
        "neighbours of aspirin": [neighbours(30), neighbours(100)],
        "weights_sha256": sha256(BUNDLES / "zinc250k" / WEIGHTS),
        "versions": versions(),
    }
    write_json(RESULT, result)
    for name, value in result.items():
        print(name, value)


if __name__ == "__main__":
    main()
