"""Put a trained model into the package, measure it, and write its figures into results/, bundle, card and pages."""

import argparse
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.markers import fill_between
from chemvae.config import ModelConfig
from chemvae.evaluate import Evaluation, evaluate
from chemvae.io.atomic import sha256, write_json
from chemvae.io.bundle import WEIGHTS, Bundle, read_bundle, write_bundle
from chemvae.io.carried import BUNDLES
from chemvae.io.runs import BUNDLE
from chemvae.model import MoleculeModel
from chemvae.report.figures import curves, save

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a card says of a model beside its figures."""

    result: str
    """file in results/"""
    what: str
    """of which molecules, in one line"""
    trained: str
    """on what, and how it went"""
    use: str
    """what it is good for, and what not"""
    data: str
    """where the molecules come from, and under which terms"""


ABOUT = {
    "zinc250k": About(
        result="reference_model.json",
        what="The reference model of chemvae: a variational autoencoder of drug-like molecules with a property head.",
        trained="on the 220,010 training molecules of JT-VAE's split of ZINC250k",
        use="""**Use it** to encode, decode, sample, explore and optimise molecules like those of ZINC250k: up
to 38 heavy atoms of C, N, O, S, P, F, Cl, Br, I. **Do not** expect it to read other elements, salts or larger
molecules: it says so, row by row. What it proposes is not known to be makeable, safe or active. Reconstruction stands
beside validity and FCD because one without the other is easy.""",
        data="""ZINC250k comes from ZINC (Irwin and Shoichet), which asks that major portions of it not be
redistributed; this bundle holds weights and no molecules.""",
    ),
    "cep": About(
        result="cep.json",
        what="A variational autoencoder of organic photovoltaics with a head for power conversion efficiency.",
        trained="on the training molecules of the Harvard Clean Energy Project's table, a random split",
        use="""**Use it** to explore and optimise candidate donor materials like those of the Clean Energy Project.
PCE is what its DFT-based model says, in percent, not a measurement. **Do not** use it for drug-like molecules.""",
        data="""The table is that of HIPS/neural-fingerprint (MIT): 29,978 molecules of the Harvard Clean Energy
Project (Hachmann et al., 2011). This bundle holds weights and no molecules.""",
    ),
}

NAMES = {
    "exact_reconstruction": "exact reconstruction",
    "beam_reconstruction": "exact reconstruction, beam of 5",
    "validity": "prior validity",
    "validity_free": "prior validity, every token allowed",
    "unique_at_1k": "unique of the first 1,000 valid",
    "unique_at_10k": "unique of the first 10,000 valid",
    "novelty": "novel (absent from the training molecules)",
    "fcd": "FCD to the test molecules",
    "snn": "SNN",
    "frag": "Frag",
    "scaf": "Scaf",
    "int_div": "IntDiv",
    "int_div2": "IntDiv2",
    "filters": "Filters",
    "active_units": "active units",
    "kl": "KL, nats a molecule",
    "latent_smoothness": "latent smoothness",
}
CURVE = ROOT / "docs" / "learning_curve.svg"
DETAILS = ("figures", "kl_per_dimension", "reconstruction_by_length", "latent_smoothness_by_radius")
"""Parts of the result that are too long for a bundle."""
SHARES = (
    *(
        "exact_reconstruction",
        "beam_reconstruction",
        "validity",
        "validity_free",
        "unique_at_1k",
        "unique_at_10k",
        "novelty",
        "filters",
    ),
    "active_units",
)


BEAM = 5


def words_of(name: str) -> str:
    """Return what a figure is called in a table."""
    return NAMES.get(name, f"{name.removeprefix('mae_')}, mean absolute error" if name.startswith("mae_") else name)


def figure_rows(result: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return name, value, interval and sample size of each figure, ready to print."""
    rows = []
    for name, entry in result["figures"].items():
        value, low, high = (entry.get(key) for key in ("value", "low", "high"))
        show = (lambda x: f"{100 * x:.1f} %") if name in SHARES else (lambda x: f"{x:.3g}")
        interval = f"{show(low)} to {show(high)}" if low is not None and high is not None else ""
        rows.append((words_of(name), "not measured" if value is None else show(value), interval, f"{entry['n']:,}"))
    return rows


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | value | 95 % interval | n |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in figure_rows(result))])


def networks(model: ModelConfig) -> str:
    """Say in words what the networks are."""
    prior = {"normal": "N(0, I)", "mixture": "a Gaussian mixture", "flow": "a RealNVP flow"}[model.prior.kind]
    fed = {
        "initial": "whose first state is made of z",
        "every-step": "that is fed z beside the token before",
        "positional": "that is fed, beside the token before, what a small network makes of z for its position",
    }[model.decoder.injection]
    return (
        f"{len(model.encoder.channels)} convolutions of {', '.join(map(str, model.encoder.channels))} channels; z of "
        f"{model.latent} dimensions, under {prior}; {model.decoder.layers} GRU of width {model.decoder.width} {fed}"
    )


def taught(recipe: dict[str, Any]) -> str:
    """Say how long the decoder was taught validity, if it was."""
    steps = recipe.get("validity", {}).get("steps", 0)
    return f", then {steps:,} steps of taught validity" if steps else ""


def doublings(log: pd.DataFrame) -> str:
    """Say what each doubling of the training was worth, from its log: what more of it would be likely to give."""
    last = int(log["epoch"].iloc[-1])
    epochs = sorted({max(last >> halvings, 1) for halvings in range(4)})
    rows = log.set_index("epoch").loc[epochs]
    maes = [name for name in log.columns if name.startswith("mae_")]
    columns = {"exact_reconstruction": ("exact", "{:.1%}"), "valid_nll": ("reconstruction, nats", "{:.2f}")}
    columns |= {name: (f"MAE {name.removeprefix('mae_')}", "{:.3f}") for name in maes}
    lines = [f"| epoch | {' | '.join(title for title, _ in columns.values())} |", "|---" * (len(columns) + 1) + "|"]
    for epoch, row in rows.iterrows():
        lines.append(f"| {epoch} | {' | '.join(shown.format(row[name]) for name, (_, shown) in columns.items())} |")
    return "\n".join(lines)


def card(bundle: Bundle, result: dict[str, Any], about: About, log: pd.DataFrame) -> str:
    """Return the model card."""
    recipe, training, tokens = bundle.notes["recipe"], bundle.figures["training"], bundle.tokenizer
    sizes = sum(value.size for value in bundle.weights.values())
    merged = f", {len(tokens['merges'])} of them merged pairs" if tokens.get("merges") else ""
    protocols = "\n".join(f"- **{words_of(name)}**: {entry['protocol']}" for name, entry in result["figures"].items())
    return f"""# {bundle.name}

{about.what}

**What it is.** {sizes / 1e6:.1f} million parameters, stored as float16. Canonical SMILES in {len(tokens["tokens"])} tokens (scheme
`{tokens["scheme"]}`{merged}), strings up to {bundle.length - 1} tokens. {networks(bundle.model)}.
The head predicts {", ".join(bundle.targets)}.

**How it was trained.** `pipelines/{bundle.name}/run.toml`, seed {recipe["seed"]}, {about.trained}:
{training["epoch"]:.0f} of {recipe["train"]["epochs"]} epochs in {training["seconds"] / 3600:.1f} hours on one core of a shared CPU, no GPU{taught(recipe)}. Log and
particulars stand in `pipelines/{bundle.name}/README.md`. What every doubling of the training was worth, on validation molecules,
says what more compute would be likely to give:

{doublings(log)}

**Measured** by `python -m benchmarks.reference_model --model {bundle.name}`, on the weights of this bundle. Held-out
molecules: {result["data"]["name"]}, sha256 {result["data"]["sha256"][:16]}; molecules for novelty: {result["reference"]["name"]}, sha256
{result["reference"]["sha256"][:16]}; seed {result["seed"]}; RDKit {result["versions"]["rdkit"]}, torch {result["versions"]["torch"]}.

{table(result)}

{protocols}

{about.use}

**Data.** {about.data}
"""  # noqa: E501


LOG = {
    "epoch": ("epoch", "{:.0f}"),
    "beta": ("beta at its end", "{:.2f}"),
    "seconds": ("hours", "{:.2f}"),
    "valid_nll": ("reconstruction, nats", "{:.2f}"),
    "exact_reconstruction": ("exact", "{:.1%}"),
    "valid_kl": ("KL, nats", "{:.1f}"),
    "active_units": ("active", "{:.0%}"),
}


def log_table(log: pd.DataFrame) -> str:
    """Return the log of a training as a Markdown table, a line an epoch."""
    maes = {name: (f"MAE {name.removeprefix('mae_')}", "{:.3f}") for name in log.columns if name.startswith("mae_")}
    columns = LOG | maes
    lines = [f"| {' | '.join(title for title, _ in columns.values())} |", "|---" * len(columns) + "|"]
    for row in log.assign(seconds=log["seconds"] / 3600).to_dict("records"):
        lines.append(f"| {' | '.join(shown.format(row[name]) for name, (_, shown) in columns.items())} |")
    return "\n".join(lines)


def take(run: Path, name: str, log: Path) -> None:
    """Put the model of a run into the package, and the log of its training into results/."""
    folder = BUNDLES / name
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(run / BUNDLE, folder)
    pd.read_csv(run / "metrics.csv").to_csv(log, index=False, float_format="%.6g")


def as_result(evaluation: Evaluation, weights_sha256: str) -> dict[str, Any]:
    """Return what is committed: every figure, and which weights it is of."""
    return {**evaluation.as_dict(), "weights_sha256": weights_sha256}


def options() -> argparse.Namespace:
    """Read what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", choices=list(ABOUT), default="zinc250k", help="which bundled model")
    asked.add_argument("--run", type=Path, help="a finished run, whose model is put into the package first")
    asked.add_argument("--test", type=Path, help="held-out molecules; zinc250k: test.txt.gz of JT-VAE's split")
    asked.add_argument("--train", type=Path, help="training molecules; zinc250k: train.txt.gz of the same")
    asked.add_argument("-n", type=int, default=5_000, help="molecules to reconstruct")
    asked.add_argument("--samples", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--render-only", action="store_true", help="rewrite card and pages from the committed JSON")
    given = asked.parse_args()
    if not given.render_only and (given.test is None or given.train is None):
        asked.error("expected --test and --train, or --render-only")
    return given


def main() -> None:
    """Measure, or only render what was measured."""
    given = options()
    about, folder = ABOUT[given.model], BUNDLES / given.model
    kept = RESULTS / about.result
    log = kept.with_name(f"{kept.stem}_training.csv")
    if given.run is not None:
        take(given.run, given.model, log)
    bundle = read_bundle(folder)
    if not given.render_only:
        evaluation = evaluate(
            MoleculeModel(bundle),
            given.test,
            n_reconstruct=given.n,
            n_sample=given.samples,
            reference=given.train,
            seed=given.seed,
            beam=BEAM,
        )
        print(evaluation)
        write_json(kept, as_result(evaluation, sha256(folder / WEIGHTS)))
    result = json.loads(kept.read_text(encoding="utf-8"))
    if result["weights_sha256"] != sha256(folder / WEIGHTS):
        raise SystemExit(f"Expected figures of these weights in {kept}, but they are of others. Measure again.")
    measured = {name: entry for name, entry in result.items() if name not in DETAILS}
    learned = pd.read_csv(log)
    told = card(bundle, result, about, learned)
    write_bundle(replace(bundle, figures={**bundle.figures, "measured": measured}), folder, told)
    fill_between(ROOT / "pipelines" / given.model / "README.md", "log", log_table(learned))
    if given.model == "zinc250k":
        fill_between(ROOT / "README.md", "figures", table(result))
        drawn = curves(learned, ["exact_reconstruction"], title="Share of validation molecules that come back")
        save(drawn, CURVE, overwrite=True)


if __name__ == "__main__":
    main()
