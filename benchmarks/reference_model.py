"""Measure the bundled model on held-out molecules; write the figures into results/, the bundle, its card and README."""

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from chemvae.evaluate import Evaluation, evaluate
from chemvae.io.atomic import sha256, write_json, write_text
from chemvae.io.bundle import WEIGHTS, Bundle, read_bundle, write_bundle
from chemvae.io.carried import BUNDLES
from chemvae.model import MoleculeModel

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "reference_model.json"
FIGURES = {
    "exact_reconstruction": "exact reconstruction",
    "validity": "prior validity",
    "unique_at_1k": "unique of the first 1,000 valid",
    "unique_at_10k": "unique of the first 10,000 valid",
    "novelty": "novel (absent from the training molecules)",
    "active_units": "active units",
    "kl": "KL, nats a molecule",
    "mae_logp": "logP, mean absolute error",
    "mae_qed": "QED, mean absolute error",
    "mae_sa": "SA, mean absolute error",
}
SHARES = ("exact_reconstruction", "validity", "unique_at_1k", "unique_at_10k", "novelty", "active_units")


def figure_rows(result: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return name, value, interval and sample size of each figure, ready to print."""
    rows = []
    for name, words in FIGURES.items():
        entry = result["figures"].get(name)
        if entry is None:
            continue
        value, low, high = (entry.get(key) for key in ("value", "low", "high"))
        show = (lambda x: f"{100 * x:.1f} %") if name in SHARES else (lambda x: f"{x:.3g}")
        interval = f"{show(low)} to {show(high)}" if low is not None and high is not None else ""
        rows.append((words, show(value), interval, f"{entry['n']:,}"))
    return rows


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| figure | value | 95 % interval | n |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in figure_rows(result))])


def card(bundle: Bundle, result: dict[str, Any]) -> str:
    """Return the model card."""
    recipe, training = bundle.notes["recipe"], bundle.figures["training"]
    protocols = "\n".join(
        f"- **{words}**: {result['figures'][name]['protocol']}"
        for name, words in FIGURES.items()
        if name in result["figures"]
    )
    model, sizes = bundle.model, sum(value.size for value in bundle.weights.values())
    return f"""# {bundle.name}

The reference model of chemvae: a variational autoencoder of drug-like molecules with a property head.

**What it is.** {sizes / 1e6:.1f} million parameters, stored as float16. Atom tokens of canonical SMILES ({len(bundle.tokenizer["tokens"])} of
them), strings up to {bundle.length - 1} tokens. Three strided convolutions of {", ".join(map(str, model.encoder.channels))} channels; z of {model.latent}
dimensions; one GRU of width {model.decoder.width} that is fed, beside the token before, what a small network makes of z for
its position. The head predicts {", ".join(bundle.targets)}.

**How it was trained.** `pipelines/zinc250k/run.toml`, seed {recipe["seed"]}, on the 220,010 training molecules of JT-VAE's split of
ZINC250k: {training["epoch"]:.0f} of {recipe["train"]["epochs"]} epochs in {training["seconds"] / 3600:.1f} hours on one core of a shared CPU, no GPU. It is small and
briefly trained: its figures were still improving when the run ended. It was stopped and resumed once (log and particulars in `pipelines/zinc250k/README.md`).

**Measured** by `python benchmarks/reference_model.py`, on the weights of this bundle. Test molecules: {result["data"]["name"]},
sha256 {result["data"]["sha256"][:16]}; training molecules for novelty: {result["reference"]["name"]}, sha256 {result["reference"]["sha256"][:16]}; seed {result["seed"]};
RDKit {result["versions"]["rdkit"]}, torch {result["versions"]["torch"]}.

{table(result)}

{protocols}

**Use it** to encode, decode, sample, explore and optimise molecules like those of ZINC250k: up to 38 heavy atoms of
C, N, O, S, P, F, Cl, Br, I. **Do not** expect it to read other elements, salts or larger molecules: it says so, row by
row. What it proposes is not known to be makeable, safe or active. Exact reconstruction and validity stand side by side
because one without the other is easy.

**Data.** ZINC250k comes from ZINC (Irwin and Shoichet), which asks that major portions of it not be redistributed; this
bundle holds weights and no molecules.
"""  # noqa: E501


def fill_readme(path: Path, result: dict[str, Any]) -> None:
    """Put the table between the markers of a Markdown file."""
    text = path.read_text(encoding="utf-8")
    begin, end = r"(<!-- figures: filled from benchmarks/results -->\n)", r"(<!-- figures: end -->)"
    filled, n = re.subn(begin + r".*?" + end, lambda m: m[1] + table(result) + "\n" + m[2], text, flags=re.DOTALL)
    if n != 1:
        raise SystemExit(f"Expected one pair of figure markers in {path}, but found {n}.")
    write_text(path, filled)


def as_result(evaluation: Evaluation, weights_sha256: str) -> dict[str, Any]:
    """Return what is committed: every figure, and which weights it is of."""
    return {**evaluation.as_dict(), "weights_sha256": weights_sha256}


def main() -> None:
    """Measure, or only render what was measured."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--test", type=Path, help="held-out molecules, e.g. test.txt.gz of JT-VAE's split")
    asked.add_argument("--train", type=Path, help="training molecules, e.g. train.txt.gz of the same")
    asked.add_argument("-n", type=int, default=5_000, help="molecules to reconstruct")
    asked.add_argument("--samples", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--render-only", action="store_true", help="rewrite card and README from the committed JSON")
    given = asked.parse_args()
    folder = BUNDLES / "zinc250k"
    bundle = read_bundle(folder)
    if not given.render_only:
        if given.test is None or given.train is None:
            asked.error("expected --test and --train, or --render-only")
        evaluation = evaluate(
            MoleculeModel(bundle),
            given.test,
            n_reconstruct=given.n,
            n_sample=given.samples,
            reference=given.train,
            seed=given.seed,
        )
        print(evaluation)
        write_json(RESULT, as_result(evaluation, sha256(folder / WEIGHTS)))
    result = json.loads(RESULT.read_text(encoding="utf-8"))
    if result["weights_sha256"] != sha256(folder / WEIGHTS):
        raise SystemExit(f"Expected figures of these weights in {RESULT}, but they are of others. Measure again.")
    measured = {name: entry for name, entry in result.items() if name != "figures"}
    write_bundle(replace(bundle, figures={**bundle.figures, "measured": measured}), folder, card(bundle, result))
    fill_readme(ROOT / "README.md", result)


if __name__ == "__main__":
    main()
