"""Sample one model from N(0, I) and from priors fitted to its aggregate posterior, and measure the samples."""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from benchmarks.markers import fill_between
from chemvae.chem.metrics import uniqueness, valid_smiles, validity
from chemvae.codec import Codec
from chemvae.config import PriorConfig
from chemvae.io.atomic import sha256, write_json
from chemvae.io.bundle import WEIGHTS, read_bundle
from chemvae.io.carried import find_bundle
from chemvae.io.prepared import PreparedData
from chemvae.io.runs import versions
from chemvae.named import NamedMolecules, named_molecules
from chemvae.report.likeness import fcd
from chemvae.training.prior import fit_prior

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "priors.json"
PAGE = ROOT / "docs" / "reference_model.md"
SEED, SAMPLES = 0, 10_000

PRIORS = {
    "N(0, I)": PriorConfig(),
    "Gaussian mixture, 200 components": PriorConfig(kind="mixture"),
    "RealNVP flow, 10 couplings": PriorConfig(kind="flow"),
}
COLUMNS = {
    "nats": ("held-out z, nats", "{:.2f}"),
    "validity": ("validity", "{:.1%}"),
    "validity_free": ("free of rules", "{:.1%}"),
    "unique": ("unique", "{:.2%}"),
    "fcd": ("FCD to the test molecules", "{:.2f}"),
}


def measure(config: PriorConfig, codec: Codec, data: PreparedData, held_out: NamedMolecules) -> dict[str, float]:
    """Fit a prior and measure what is decoded from its points."""
    fitted = fit_prior(config, codec.vae.encoder, data, SEED)
    codec.vae.prior = fitted.prior
    drawn = codec.sample(SAMPLES, temperature=1.0, seed=SEED)
    made = valid_smiles(drawn)
    return {
        "nats": fitted.figures["prior_nats"],
        "validity": validity(drawn),
        "validity_free": validity(codec.sample(SAMPLES, temperature=1.0, seed=SEED, free=True)),
        "unique": uniqueness(made),
        "fcd": fcd(made, held_out.smiles, held_out.cited).value,
    }


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table with its protocol."""
    lines = [f"| prior | {' | '.join(title for title, _ in COLUMNS.values())} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in result["priors"].items():
        lines.append(f"| {name} | {' | '.join(show.format(figures[key]) for key, (_, show) in COLUMNS.items())} |")
    return "\n".join([*lines, "", *(f"- {key}: {value}" for key, value in result["protocol"].items())])


def main() -> None:
    """Measure every prior, or only write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-m", "--model", default="zinc250k", help="bundled model, run or bundle folder")
    asked.add_argument("--prepared", type=Path, help="the table that it was trained on")
    asked.add_argument("--test", type=Path, help="held-out molecules")
    asked.add_argument("--render-only", action="store_true", help="rewrite the page from the committed JSON")
    given = asked.parse_args()
    if not given.render_only:
        if given.prepared is None or given.test is None:
            asked.error("expected --prepared and --test, or --render-only")
        torch.set_num_threads(1)
        folder = find_bundle(given.model)
        data, held_out, bundle = PreparedData(given.prepared), named_molecules(given.test), read_bundle(folder)
        if bundle.model.prior.kind != "normal":
            raise SystemExit("Expected a model under N(0, I), but it has a learned prior. Give its run without one.")
        codec = Codec(bundle, device="cpu")
        write_json(
            RESULT,
            {
                "protocol": {
                    "model": f"{bundle.name}, weights sha256 {sha256(folder / WEIGHTS)[:12]}",
                    "held-out z": "minus the mean log-density of a draw from the posterior of each validation molecule",
                    "samples": f"{SAMPLES:,} at temperature 1, no filter, seed {SEED}",
                    "test molecules": held_out.cited,
                },
                "versions": versions(),
                "priors": {name: measure(config, codec, data, held_out) for name, config in PRIORS.items()},
            },
        )
    fill_between(PAGE, "priors", table(json.loads(RESULT.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
