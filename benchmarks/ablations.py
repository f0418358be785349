"""Change one setting of a recipe at a time, train for the same compute, measure what it was worth."""

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from benchmarks.markers import fill_between, side_by_side
from benchmarks.representations import MOLECULES, RATE, SAMPLES, SEED, look, surprise, train
from chemvae.codec import Codec
from chemvae.config import ModelConfig, Recipe
from chemvae.io.atomic import sha256, write_json
from chemvae.io.prepared import PreparedData
from chemvae.io.recipes import read_recipe
from chemvae.io.runs import versions
from chemvae.nn.build import seeded
from chemvae.train import to_bundle

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "ablations.json"
PAGE = ROOT / "docs" / "reference_model.md"
RECIPE = ROOT / "benchmarks" / "ablations.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different from the recipe."""

    model: dict[str, dict[str, Any] | int] = field(default_factory=dict)
    """settings of the section `model`"""
    train: dict[str, float] = field(default_factory=dict)
    """beta, share of blurred points, learning rate"""


CHANGES = {
    "none": Change(),
    "no blurred points": Change(train={"blurred": 0.0}),
    "beta 0.05": Change(train={"beta": 0.05}),
    "beta 0.5": Change(train={"beta": 0.5}),
    "z at every step": Change(model={"decoder": {"injection": "every-step"}}),
    "z in the first state only": Change(model={"decoder": {"injection": "initial"}}),
    "latent 32": Change(model={"latent": 32}),
    "latent 96": Change(model={"latent": 96}),
    "decoder width 256": Change(model={"decoder": {"width": 256}}),
    "decoder width 512": Change(model={"decoder": {"width": 512}}),
    "one convolution": Change(model={"encoder": {"channels": [256], "kernels": [3], "strides": [2]}}),
    "no pooled features": Change(model={"encoder": {"pool": False}}),
    "word dropout 0.2": Change(model={"decoder": {"word_dropout": 0.2}}),
    "learning rate 3e-4": Change(train={"rate": 3e-4}),
}
COLUMNS = {
    "epochs": ("epochs", "{:.2f}"),
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


def changed(recipe: Recipe, change: Change) -> ModelConfig:
    """Return the recipe's networks with one change."""
    plain = recipe.model.model_dump(mode="json")
    for name, value in change.model.items():
        plain[name] = {**plain[name], **value} if isinstance(value, dict) else value
    return ModelConfig.model_validate({**plain, "prior": {}})


def measure(name: str, recipe: Recipe, data: PreparedData, seconds: float) -> dict[str, Any]:
    """Train and measure one change."""
    change, networks = CHANGES[name], changed(recipe, CHANGES[name])
    targets = {target["name"]: target["kind"] == "yesno" for target in data.manifest["targets"]}
    vae = seeded(networks, data.vocab, data.length, targets, SEED)
    vae.head.set_scale(*torch.tensor([[t["mean"], t["std"]] for t in data.manifest["targets"]]).T)
    settings = {"beta": recipe.objective.beta, "blurred": recipe.objective.blurred, "rate": RATE, **change.train}
    trained = train(vae.train(), data, seconds, **settings)
    trained["nats"] = surprise(vae.eval(), data)
    codec = Codec(to_bundle(recipe.model_copy(update={"model": networks}), data, vae, {}), device="cpu")
    table = pd.read_parquet(data.folder / "molecules.parquet")
    held_out = table[table["split"] == "valid"].sample(MOLECULES, random_state=SEED)
    parameters = sum(weights.numel() for weights in vae.parameters())
    return {"settings": settings, "parameters": parameters, **trained, **look(codec, held_out)}


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table with its protocol."""
    lines = side_by_side("what is different", result["changes"], COLUMNS)
    return "\n".join(
        [*lines, "", *(f"- {key.replace('_', ' ')}: {value}" for key, value in result["protocol"].items())]
    )


def main() -> None:
    """Measure what has not been measured yet in the work folder, and write what is there; or only the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--prepared", type=Path, help="table of `chemvae data prepare`, as pipelines/zinc250k/README.md")
    asked.add_argument("--work", type=Path, default=Path("runs/ablations"), help="folder for figures under way")
    asked.add_argument("--seconds", type=float, default=300.0, help="of processor time for each")
    asked.add_argument("--render-only", action="store_true", help="rewrite the page from the committed JSON")
    given = asked.parse_args()
    if not given.render_only:
        if given.prepared is None:
            asked.error("expected --prepared or --render-only")
        torch.set_num_threads(1)
        data, recipe, figures = PreparedData(given.prepared), read_recipe(RECIPE), {}
        result = {
            "protocol": {
                "compute": f"{given.seconds:g} seconds of processor time on one core each, training only",
                "recipe": f"benchmarks/ablations.toml, but learning rate {RATE:g}, falling over the second half, and "
                "beta rising over the first tenth",
                "reconstruction": f"-log p(x|z) of {MOLECULES:,} validation molecules, z drawn from their posteriors",
                "exact_reconstruction": f"{MOLECULES:,} validation molecules, greedy from the posterior mean",
                "validity": f"{SAMPLES:,} points of N(0, I), decoded at temperature 1, no filter",
            },
            "molecules_sha256": sha256(data.folder / "molecules.parquet"),
            "versions": versions(),
        }
        for name in CHANGES:
            kept = given.work / f"{name.replace(' ', '-')}-{given.seconds:g}.json"
            if not kept.is_file():
                write_json(kept, measure(name, recipe, data, given.seconds))
            figures[name] = json.loads(kept.read_text(encoding="utf-8"))
            print(name, figures[name], flush=True)
            write_json(RESULT, {**result, "changes": figures})
    fill_between(PAGE, "ablations", table(json.loads(RESULT.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
