"""Train one recipe on each way to write a molecule, for the same compute, and measure what comes out, side by side."""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.markers import fill_between, side_by_side
from chemvae.chem.metrics import validity
from chemvae.codec import Codec
from chemvae.config import ModelConfig, Recipe
from chemvae.io.atomic import sha256, write_json
from chemvae.io.prepared import PreparedData
from chemvae.io.runs import versions
from chemvae.nn.build import seeded
from chemvae.nn.objectives import negative_elbo
from chemvae.nn.vae import VAE
from chemvae.prepare import prepare
from chemvae.report.measures import errors, reconstruction, use_of_latent
from chemvae.train import to_bundle
from chemvae.training.batches import Batch, LengthBuckets

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "representations.json"
PAGE = ROOT / "docs" / "reference_model.md"

SEED, BATCH, RATE, BETA, CLIP = 0, 128, 2e-3, 0.1, 20.0
WARM_UP = 500  # steps over which the learning rate rises
RISE, DECAY = 0.1, 0.5  # shares of the compute: beta rises over the first, the learning rate falls over the last
FLOOR = 0.02  # the learning rate at the end, as a share of the full one
MOLECULES, SAMPLES = 1_000, 2_000

HEAD = {"hidden": [256, 256]}
LONG = {
    "latent": 64,
    "encoder": {"embed": 48, "channels": [96, 160, 256], "kernels": [5, 5, 5], "strides": [1, 2, 2], "hidden": [512]},
    "decoder": {"embed": 48, "width": 384, "memory": 48, "hidden": 512, "word_dropout": 0.0},
    "head": HEAD,
}
"""Networks for long strings of few tokens: strides halve the length twice."""
SHORT = {
    "latent": 64,
    "encoder": {"embed": 96, "channels": [256, 256], "kernels": [3, 3], "strides": [1, 1], "hidden": [512]},
    "decoder": {"embed": 96, "width": 384, "memory": 64, "hidden": 512, "word_dropout": 0.0},
    "head": HEAD,
}
"""Networks for short strings of many tokens: no strides, wider embeddings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """A way to write a molecule, and the networks that read and write it."""

    tokens: str
    """a scheme of `chemvae data prepare`"""
    merges: int | None = None
    """how many pairs it merges"""
    networks: dict[str, Any]
    """the recipe's section `model`"""


REPRESENTATIONS = {
    "atoms": Representation(tokens="atoms", networks=LONG),
    "pairs, 250 merges": Representation(tokens="pairs", merges=250, networks=SHORT),
    "kekule-pairs, 250 merges": Representation(tokens="kekule-pairs", merges=250, networks=SHORT),
    "selfies": Representation(tokens="selfies", networks=LONG),
    "selfies-pairs, 500 merges": Representation(tokens="selfies-pairs", merges=500, networks=SHORT),
    "characters": Representation(tokens="characters", networks=LONG),
}
COLUMNS = {
    "vocabulary": ("tokens", "{:,}"),
    "mean_length": ("mean length", "{:.1f}"),
    "parameters": ("parameters", "{:,}"),
    "molecules_per_second": ("molecules/s", "{:.0f}"),
    "epochs": ("epochs", "{:.2f}"),
    "matrix_gflops": ("GFLOP/s", "{:.0f}"),
    "nats": ("reconstruction, nats", "{:.1f}"),
    "exact_reconstruction": ("exact reconstruction", "{:.1%}"),
    "validity": ("prior validity", "{:.1%}"),
    "validity_free": ("free of rules", "{:.1%}"),
    "kl": ("KL, nats", "{:.1f}"),
    "active_units": ("active units", "{:.0%}"),
    "mae_logp": ("MAE logP", "{:.3f}"),
    "mae_qed": ("QED", "{:.4f}"),
    "mae_sa": ("SA", "{:.3f}"),
}


def named(name: str) -> str:
    """Return a representation's name as that of a file."""
    return name.replace(",", "").replace(" ", "-")


def cut(representation: Representation, source: PreparedData, folder: Path) -> PreparedData:
    """Return the molecules of a prepared table in another representation, with the same labels and split."""
    if representation.tokens == source.manifest["settings"]["tokens"] and representation.merges is None:
        return source
    if not folder.exists():
        made = prepare(
            source.folder / "molecules.parquet",
            folder,
            smiles_column="smiles",
            target_columns=source.target_names,
            properties=(),
            tokens=representation.tokens,
            merges=representation.merges,
            standardise=False,
            split="column:split",
            jobs=1,
            progress=False,
        )
        print(made, flush=True)
    return PreparedData(folder)


def matrix_rate() -> float:
    """Return the billions of operations a second of a matrix product: whether the machine was as fast for each."""
    matrix, times, begin = torch.ones(384, 384), 50, time.process_time()
    for _ in range(times):
        matrix @ matrix
    return times * 2 * 384**3 / (time.process_time() - begin) / 1e9


def endless(batches: LengthBuckets) -> Iterator[Batch]:
    """Yield the batches of one epoch after the other."""
    while True:
        yield from batches


def train(
    vae: VAE, data: PreparedData, seconds: float, *, beta: float = BETA, blurred: float = 0.0, rate: float = RATE
) -> dict[str, float]:
    """Train for so much compute of this process and return how far it came; time without the processor is not counted.

    The schedules follow the share of the compute that is spent, so that each training runs through all of them.
    """
    batches = LengthBuckets(data, data.rows("train"), BATCH, SEED, pad_to_cap=False)
    adam = torch.optim.AdamW(vae.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=1e-3)
    chance = torch.Generator().manual_seed(SEED)
    steps, molecules, rates, begin = 0, 0, list[float](), time.process_time()
    for batch in endless(batches):
        spent = (time.process_time() - begin) / seconds
        if spent >= 1.0:
            break
        for group in adam.param_groups:
            group["lr"] = rate * min(1.0, (steps + 1) / WARM_UP) * max(FLOOR, min(1.0, (1.0 - spent) / DECAY))
        terms, z = vae(batch.x, chance, blurred=blurred)
        loss = negative_elbo(terms, beta * min(1.0, spent / RISE)) + vae.head.loss(z.mean(dim=0), batch.y)
        adam.zero_grad()
        loss.mean().backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), CLIP)
        adam.step()
        steps, molecules = steps + 1, molecules + len(batch.x)
        if steps % 500 == 0:
            measuring = time.process_time()
            rates.append(matrix_rate())
            print(f"  {spent:.0%}, {steps} steps, loss {loss.mean():.2f}, {rates[-1]:.0f} GFLOP/s", flush=True)
            begin += time.process_time() - measuring
    passed = time.process_time() - begin
    return {
        "steps": steps,
        "molecules_per_second": molecules / passed,
        "epochs": molecules / len(data.rows("train")),
        "cpu_seconds": passed,
        "matrix_gflops": float(np.mean(rates)) if rates else matrix_rate(),
    }


@torch.no_grad()
def surprise(vae: VAE, data: PreparedData) -> float:
    """Return -log p(x|z) of validation molecules, in nats each, z drawn from their posteriors."""
    rows = data.rows("valid")[:MOLECULES]
    chance, total = torch.Generator().manual_seed(SEED), 0.0
    for batch in LengthBuckets(data, rows, BATCH, SEED, pad_to_cap=False, same_order=True):
        terms, _ = vae(batch.x, chance)
        total -= float(terms.log_px.sum())
    return total / len(rows)


def look(codec: Codec, held_out: pd.DataFrame) -> dict[str, float]:
    """Measure a model on held-out molecules, those it cannot read included, and on samples of N(0, I)."""
    smiles = held_out["smiles"].tolist()
    encoded = codec.posterior(smiles)
    fine = np.isfinite(encoded.mean).all(axis=1)
    predicted = pd.DataFrame(codec.predict_z(encoded.mean), columns=list(codec.property_names))
    truths = {name: held_out[name].to_numpy(np.float64) for name in codec.property_names}
    merits = [
        reconstruction(smiles, codec.decode(encoded.mean)),
        *use_of_latent(encoded),
        *errors(predicted, truths),
    ]
    points = np.random.default_rng(SEED).standard_normal((SAMPLES, codec.latent)).astype(np.float32)
    drawn, free = (codec.decode(points, temperature=1.0, seed=SEED, free=free) for free in (False, True))
    return {
        "unreadable": int((~fine).sum()),
        **{merit.name: float(merit.value) for merit in merits},
        "validity": validity(drawn),
        "validity_free": validity(free),
    }


def measure(name: str, source: PreparedData, work: Path, seconds: float) -> dict[str, Any]:
    """Train and measure one representation."""
    representation = REPRESENTATIONS[name]
    data = cut(representation, source, work / named(name))
    recipe = Recipe(name=name, seed=SEED, model=ModelConfig.model_validate(representation.networks))
    targets = {target["name"]: target["kind"] == "yesno" for target in data.manifest["targets"]}
    vae = seeded(recipe.model, data.vocab, data.length, targets, SEED)
    vae.head.set_scale(*torch.tensor([[t["mean"], t["std"]] for t in data.manifest["targets"]]).T)
    trained = train(vae.train(), data, seconds)
    trained["nats"] = surprise(vae.eval(), data)
    codec = Codec(to_bundle(recipe, data, vae, {}), device="cpu")
    table = pd.read_parquet(source.folder / "molecules.parquet")
    held_out = table[table["split"] == "valid"].sample(MOLECULES, random_state=SEED)
    return {
        "tokens": representation.tokens,
        "merges": representation.merges,
        "model": recipe.model.model_dump(mode="json"),
        "vocabulary": data.vocab,
        "parameters": sum(weights.numel() for weights in vae.parameters()),
        "mean_length": float((data.lengths[data.rows("train")] - 1).mean()),  # without the end mark
        "rejected": len(source.lengths) - len(data.lengths),
        **trained,
        **look(codec, held_out),
    }


def protocol(seconds: float) -> dict[str, Any]:
    """Return what every representation has in common."""
    return {
        "compute": f"{seconds:g} seconds of processor time on one core each (time.process_time), training only",
        "recipe": {
            "batch_size": BATCH,
            "learning_rate": RATE,
            "warmup_steps": WARM_UP,
            "beta": BETA,
            "seed": SEED,
            "beta_rises_over": f"the first {RISE:.0%} of the compute",
            "learning_rate_falls_over": f"the last {DECAY:.0%} of the compute",
        },
        "reconstruction": f"-log p(x|z) of {MOLECULES:,} validation molecules, z drawn from their posteriors; of the "
        "string as each representation writes it",
        "exact_reconstruction": f"{MOLECULES:,} validation molecules, the same for all; greedy from the posterior "
        "mean, canonical SMILES equal; one that a representation cannot write is a miss",
        "validity": f"{SAMPLES:,} points of N(0, I), decoded at temperature 1, no filter; a string without an end "
        "counts as invalid; SMILES by atoms is written by its rules, or free of them in the second column",
        "kl, active_units, mae": f"the same {MOLECULES:,} validation molecules, but for those that cannot be written",
        "mean_length": "tokens of a training molecule, the end mark not counted",
        "GFLOP/s": "rate of a matrix product, sampled during the training: how fast the shared core was",
    }


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table with its protocol."""
    lines = side_by_side("representation", result["representations"], COLUMNS)
    said = result["protocol"]
    recipe = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in said["recipe"].items())
    notes = [f"- {key.replace('_', ' ')}: {value}" for key, value in said.items() if key != "recipe"]
    return "\n".join([*lines, "", *notes, f"- recipe: {recipe}"])


def main() -> None:
    """Measure what has not been measured yet in the work folder, and write what is there; or only the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--prepared", type=Path, help="table of `chemvae data prepare`, as pipelines/zinc250k/README.md")
    asked.add_argument("--work", type=Path, default=Path("runs/representations"), help="folder for tables and figures")
    asked.add_argument("--seconds", type=float, default=480.0, help="of processor time for each representation")
    asked.add_argument("--render-only", action="store_true", help="rewrite the page from the committed JSON")
    given = asked.parse_args()
    if not given.render_only:
        if given.prepared is None:
            asked.error("expected --prepared or --render-only")
        torch.set_num_threads(1)
        source, figures = PreparedData(given.prepared), {}
        molecules = {"rows": len(source.lengths), "sha256": sha256(source.folder / "molecules.parquet")}
        result = {"protocol": protocol(given.seconds), "molecules": molecules, "versions": versions()}
        for name in REPRESENTATIONS:
            kept = given.work / f"{named(name)}-{given.seconds:g}.json"
            if not kept.is_file():
                print(name, flush=True)
                write_json(kept, measure(name, source, given.work, given.seconds))
            figures[name] = json.loads(kept.read_text(encoding="utf-8"))
            print(name, figures[name], flush=True)
            write_json(RESULT, {**result, "representations": figures})
    fill_between(PAGE, "representations", table(json.loads(RESULT.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
