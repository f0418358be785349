"""Reproduce MOSES' published figures with our metrics: its test set against its scaffold test set, its own unit test.

MOSES publishes figures of its training set against its two test sets. Training and test set are random parts of one
pool without the scaffolds of the scaffold test set, so the test set has the same figures against the scaffold test set
up to the noise of sampling. FCD of fewer molecules is larger by about c/n, so it is also told where a line in 1/n ends.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.alerts import passes
from chemvae.chem.frechet import frechet_distance
from chemvae.chem.judge import canonical
from chemvae.chem.metrics import cosine, diversity, fragments, prints, scaffolds, to_nearest
from chemvae.io.atomic import sha256, write_json
from chemvae.io.progress import tell
from chemvae.io.runs import versions
from chemvae.io.tables import read_table
from chemvae.nn.chemnet import activations, read_chemnet, weights_path

RESULT = Path(__file__).resolve().parent / "results" / "moses_metrics.json"

# MOSES' metrics of its training set, data/samples/train_metrics.csv of its repository.
PUBLISHED = {
    "FCD/TestSF": 0.4755338128709923,
    "SNN/TestSF": 0.5858705935050414,
    "Frag/TestSF": 0.9985992940596576,
    "Scaf/TestSF": 0.0,
    "IntDiv": 0.856675535150156,
    "IntDiv2": 0.8507542837548052,
    "Filters": 1.0,
}
# Molecules and expected values of MOSES' own tests/test_metrics.py.
GENERATED = ["CNC", "Oc1ccccc1-c1cccc2cnccc12", "CCCP", "Cc1noc(C)c1CN(C)C(=O)Nc1cc(F)cc(F)c1"]
TESTED = ["Oc1ccccc1-c1cccc2cnccc12", "COc1cccc(NC(=O)Cc2coc3ccc(OC)cc23)c1"]
EXPECTED = {
    "FCD/Test": 52.58371754126664,
    "SNN/Test": 0.3152585653588176,
    "Frag/Test": 0.3,
    "Scaf/Test": 0.5,
    "IntDiv": 0.7189187309761661,
    "Filters": 0.75,
}
SAMPLES = 30_000  # as many as MOSES samples of each model
PARTS = (4, 3, 2, 1)  # FCD is measured on each of these parts of the molecules, to see where it goes as n grows


def canonical_all(texts: list[str]) -> list[str]:
    """Return canonical SMILES as today's RDKit writes them."""
    return [str(canonical(text)) for text in texts]


def shuffled(path: Path) -> list[str]:
    """Return the molecules of a table in a random order that is the same each time."""
    texts = read_table(path).iloc[:, 0].tolist()
    return [texts[at] for at in np.random.default_rng(0).permutation(len(texts))]


def seen(smiles: list[str], name: str) -> Float[ndarray, "n features"]:
    """Return ChemNet's activations, and tell how far it is."""
    path = weights_path()
    if path is None:
        raise SystemExit("Expected ChemNet's weights, but fcd-torch is not installed. Run: pip install fcd-torch")
    net = read_chemnet(path, "cuda" if torch.cuda.is_available() else "cpu")
    return np.concatenate(list(told(activations(net, canonical_all(smiles)), name, len(smiles))))


def told(parts: Iterator[ndarray], name: str, total: int) -> Iterator[ndarray]:
    """Pass parts on and write a line every ten thousand molecules."""
    done = 0
    for part in parts:
        yield part
        if (done + len(part)) // 10_000 > done // 10_000:
            tell(f"ChemNet: {done + len(part):,} of {total:,} of {name}")
        done += len(part)


def own_test(mcf: list[str]) -> dict[str, float]:
    """Return our figures of the molecules of MOSES' own test."""
    made, tested = GENERATED, TESTED
    return {
        "FCD/Test": frechet_distance(seen(made, "made"), seen(tested, "tested")),
        "SNN/Test": float(to_nearest(prints(made), prints(tested)).mean()),
        "Frag/Test": cosine(fragments(made), fragments(tested)),
        "Scaf/Test": cosine(scaffolds(made), scaffolds(tested)),
        "IntDiv": float(diversity(prints(made)).mean()),
        "Filters": float(passes(made, mcf).mean()),
    }


def against(made: list[str], other: list[str], mcf: list[str], jobs: int) -> dict[str, tuple[float, int, int]]:
    """Return every figure but FCD of one set against another, with the sizes of both."""
    n, m, bits = len(made), len(other), prints(made, jobs)
    return {
        "Filters": (float(passes(made, mcf, jobs).mean()), n, 0),
        "IntDiv": (float(diversity(bits).mean()), n, 0),
        "IntDiv2": (float(diversity(bits, 2).mean()), n, 0),
        "SNN/TestSF": (float(to_nearest(bits, prints(other, jobs)).mean()), n, m),
        "Frag/TestSF": (cosine(fragments(made, jobs), fragments(other, jobs)), n, m),
        "Scaf/TestSF": (cosine(scaffolds(made, jobs), scaffolds(other, jobs)), n, m),
    }


def distances(made: list[str], other: list[str]) -> dict[str, tuple[float, int, int]]:
    """Return FCD on growing parts of equal size, and where a line in 1/n says that it ends."""
    n = min(len(made), len(other))
    a, b = seen(made[:n], "made"), seen(other[:n], "reference")
    sizes = [n // part for part in PARTS]
    found = [frechet_distance(a[:size], b[:size]) for size in sizes]
    end = float(np.polyfit([1.0 / size for size in sizes], found, 1)[1])
    rows = {f"FCD/TestSF at n = {size:,}": (value, size, size) for size, value in zip(sizes, found, strict=True)}
    return {**rows, "FCD/TestSF": (end, n, n)}


def test_sets(
    made: list[str], other: list[str], n_chemnet: int | None, mcf: list[str], jobs: int
) -> dict[str, dict[str, Any]]:
    """Return our figures beside the published ones."""
    figures = against(made, other, mcf, jobs)
    for name, (value, *_) in figures.items():
        tell(f"{name}: {value:.6f}, published {PUBLISHED[name]:.6f}")
    figures |= distances(made[:n_chemnet], other[:n_chemnet])
    return {
        name: {"value": value, "published": PUBLISHED.get(name), "n": n, "n_reference": m or None}
        for name, (value, n, m) in figures.items()
    }


def main() -> None:
    """Measure and write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, help="holds test.csv.gz, test_scaffolds.csv.gz and mcf.csv of MOSES")
    asked.add_argument("-n", type=int, default=SAMPLES, help="molecules of the test set, chosen at random")
    asked.add_argument("--chemnet", type=int, default=None, help="molecules of either set for FCD, if fewer")
    asked.add_argument("-j", "--jobs", type=int, default=1)
    asked.add_argument("-o", "--output", type=Path, default=RESULT)
    given = asked.parse_args()
    files = {name: given.folder / name for name in ("test.csv.gz", "test_scaffolds.csv.gz", "mcf.csv")}
    begin = time.perf_counter()
    made, other = (shuffled(files[name]) for name in ("test.csv.gz", "test_scaffolds.csv.gz"))
    mcf = read_table(files["mcf.csv"])["smarts"].tolist()
    ours = own_test(mcf)
    result = {
        "test against test_scaffolds, published: train against test_scaffolds": test_sets(
            made[: given.n], other, given.chemnet, mcf, given.jobs
        ),
        "the molecules of MOSES' own unit test": {
            name: {"value": ours[name], "published": EXPECTED[name], "n": len(GENERATED), "n_reference": len(TESTED)}
            for name in EXPECTED
        },
        "sha256": {name: sha256(path) for name, path in files.items()},
        "seconds": round(time.perf_counter() - begin),
        "versions": versions(),
    }
    write_json(given.output, result)
    for title in list(result)[:2]:
        for name, entry in result[title].items():  # type: ignore[attr-defined]
            print(f"{name:<40} {entry['value']:.6f}  published {entry['published']}  n {entry['n']:,}")


if __name__ == "__main__":
    main()
