"""The page of a training: what came out, how it got there, the command. No RDKit: training runs without it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from chemvae.report.again import made_with
from chemvae.report.figures import COLOURS, canvas, curves, label, picture
from chemvae.report.numbers import number
from chemvae.report.page import Html, Section, charts, command, facts, page

SHOWN = (
    "epoch",
    "exact_reconstruction",
    "token_accuracy",
    "valid_nll",
    "valid_kl",
    "active_units",
)
"""Figures of the best epoch that stand at the top, with every property's error or AUROC."""
FOOT = "Figures are of the posterior's mean; exact means every token right when decoded greedily. Trained with"


def training_page(  # noqa: PLR0913 (what a page shows)
    name: str,
    log: pd.DataFrame,
    kl: pd.Series,
    best: Mapping[str, float],
    run_again: str,
    more: Sequence[Section] = (),
) -> str:
    """Return the page of a training as one self-contained HTML text.

    Args:
        name: of the model.
        log: `metrics.csv`, a row per epoch.
        kl: mean KL of each latent dimension in nats, at the last epoch.
        best: the row of the epoch whose weights were kept.
        run_again: what to type to train it again.
        more: sections about molecules, where there is RDKit to draw them.
    """
    predicted = [column for column in log.columns if column.startswith(("mae_", "auroc_"))]
    top = {column.replace("_", " "): number(float(best[column])) for column in (*SHOWN, *predicted) if column in best}
    lead = f"{best.get('exact_reconstruction', 0.0):.1%} of the validation molecules come back exactly."
    return page(
        f"Training of {name}",
        [
            Section("The epoch that was kept, on validation molecules", facts(top)),
            Section("How it learned", _curves(log, predicted)),
            Section("What each latent dimension says", _spectrum(kl)),
            *more,
            Section("Run it again", command(run_again)),
        ],
        lead=lead,
        foot=f"{FOOT} {made_with('torch')}.",
    )


def _curves(log: pd.DataFrame, predicted: list[str]) -> Html:
    groups = {
        "Reconstruction, nats a molecule": ["train_nll", "valid_nll"],
        "KL, nats a molecule": ["train_kl", "valid_kl"],
        "Shares of validation molecules and tokens": ["exact_reconstruction", "token_accuracy", "active_units"],
        "Mean absolute error of each property": [name for name in predicted if name.startswith("mae_")],
        "AUROC of each yes/no label": [name for name in predicted if name.startswith("auroc_")],
    }
    drawn = [(title, [name for name in names if name in log]) for title, names in groups.items()]
    return charts(*(picture(curves(log, names), title, f"c{at}") for at, (title, names) in enumerate(drawn) if names))


def _spectrum(kl: pd.Series) -> Html:
    figure, axes = canvas()
    ordered = kl.sort_values(ascending=False).to_numpy(float)
    axes.bar(range(1, len(ordered) + 1), ordered, width=1.0, color=COLOURS[0])
    label(axes, "latent dimension, most informative first", "KL, nats")
    return picture(figure, "Mean KL of each dimension over the validation molecules.", "kl")
