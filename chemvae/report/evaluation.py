"""The page of an evaluation: every figure with its protocol, histograms, reconstruction by length, latent space."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from chemvae.io.runs import versions
from chemvae.report.cards import cards
from chemvae.report.design import rejected
from chemvae.report.evaluated import PACKAGES, Evaluation
from chemvae.report.figures import COLOURS, canvas, histograms, label, picture
from chemvae.report.grid import cells
from chemvae.report.merit import Merit, merit_rows
from chemvae.report.page import Html, Section, charts, command, facts, page, paragraph, together
from chemvae.report.tables import molecule_table, plain_table

SHOWN = 24  # samples drawn
LISTED = 100  # samples, and reconstructions, in tables
TOP = ("exact_reconstruction", "validity", "unique_at_10k", "novelty", "fcd", "active_units", "latent_smoothness")


def evaluation_figures(found: Evaluation) -> dict[str, Figure]:
    """Return the pictures by the name of their file."""
    drawn = {"reconstruction_by_length": _by_length(found.lengths)}
    if len(found.kl):
        drawn["kl_per_dimension"] = _spectrum(found.kl)
    if found.smooth["similarity"].notna().all():
        drawn["latent_smoothness"] = _smooth(found.smooth)
    for name, groups in found.properties.items():
        if any(np.isfinite(values).any() for values in groups.values()):
            drawn[f"histogram_{name}"] = histograms(groups, name=name)
    return drawn


def evaluation_page(found: Evaluation, drawn: Mapping[str, Figure], run_again: str) -> str:
    """Return the page of an evaluation as one self-contained HTML text.

    Args:
        found: what was measured.
        drawn: what `evaluation_figures` made of it.
        run_again: what to type to measure it again.
    """
    merits = {merit.name: merit for merit in found.merits}
    top = {name.replace("_", " "): _plain(merits[name]) for name in TOP if name in merits}
    histogram = [picture(f, CAPTIONS["histogram"], name) for name, f in drawn.items() if name.startswith("histogram")]
    latent = [picture(drawn[name], CAPTIONS[name], name) for name in LATENT if name in drawn]
    lengths = picture(drawn["reconstruction_by_length"], CAPTIONS["reconstruction_by_length"], "lengths")
    return page(
        f"Evaluation of {found.model}",
        [
            Section("At a glance", facts(top)),
            Section("Every figure", _every(found)),
            Section("Samples beside the data", charts(*histogram) if histogram else paragraph(NOTHING)),
            Section("Reconstruction by length", together(lengths, plain_table(found.lengths))),
            Section("Latent space", charts(*latent) if latent else paragraph(NOTHING)),
            Section("The first samples", _first(found)),
            Section("What came back, misses first", _back(found.reconstructed)),
            Section("What RDKit turned away, and why", rejected(found.samples.query("smiles.isna()"))),
            Section("Run it again", command(run_again)),
        ],
        lead=_lead(merits),
        foot=", ".join(f"{name} {version}" for name, version in versions(PACKAGES).items()),
    )


CAPTIONS = {
    "histogram": "Shares of the valid samples and of the data.",
    "reconstruction_by_length": "Exact reconstruction by characters of the canonical SMILES, with 95 % intervals.",
    "kl_per_dimension": "Mean KL to N(0, 1) of each latent dimension: those near zero say nothing of the molecule.",
    "latent_smoothness": "What is decoded at growing distance from a molecule's point, on average over molecules.",
}
LATENT = ("kl_per_dimension", "latent_smoothness")
NOTHING = "There is nothing to draw: see the figures for the reason."


def _plain(merit: Merit) -> str:
    """Write a value as people say it: a share in per cent, a distance as it is."""
    if np.isnan(merit.value):
        return "not measured"
    return f"{merit.value:.3g}" if merit.name in ("fcd", "latent_smoothness") else f"{merit.value:.1%}"


def _lead(merits: Mapping[str, Merit]) -> str:
    """Say the two figures that must stand side by side: a collapsed model has a fine one and a poor other."""
    said = f"{_plain(merits['exact_reconstruction'])} of the molecules come back exactly"
    if not np.isnan(merits["fcd"].value):
        said += f"; samples lie at an FCD of {_plain(merits['fcd'])} from them"
    return f"{said}; {_plain(merits['validity'])} of the samples are molecules."


def _every(found: Evaluation) -> Html:
    """Return all figures, their protocols, and the sets that they name."""
    table = merit_rows(found.merits)
    table["figure"] = [str(name).replace("_", " ") for name in table["figure"]]  # so that a narrow column can break it
    table["protocol"] = [merit.protocol for merit in found.merits]
    return together(
        paragraph(f"Molecules: {found.data.name}, sha256 {found.data.sha256}."),
        paragraph(f"Novel is what is absent from: {found.reference.name}, sha256 {found.reference.sha256}."),
        plain_table(table),
    )


def _first(found: Evaluation) -> Html:
    """Draw the first valid samples as they came, and list more with their properties."""
    valid = found.samples.loc[found.samples["smiles"].notna(), ["smiles"]].reset_index(drop=True)
    if valid.empty:
        return paragraph("No sample is a molecule.")
    known = {name: groups["samples"] for name, groups in found.properties.items() if "samples" in groups}
    listed = valid.assign(**{name: values for name, values in known.items() if len(values) == len(valid)})
    return together(cards(cells(valid.head(SHOWN), ())), molecule_table(listed.head(LISTED), name="samples"))


def _back(reconstructed: pd.DataFrame) -> Html:
    """List molecules with what was decoded from their point."""
    table = reconstructed.sort_values("exact", kind="stable").head(LISTED)
    return molecule_table(table.assign(exact=np.where(table["exact"], "yes", "no")), name="reconstructions")


def _by_length(lengths: pd.DataFrame) -> Figure:
    """Draw the share that comes back exactly as bars with their intervals."""
    figure, axes = canvas("Exact reconstruction by length")
    middle = (lengths["shortest"] + lengths["longest"]).to_numpy(float) / 2.0
    value = lengths["exact_reconstruction"].to_numpy(float)
    reach = np.stack([value - lengths["low"].to_numpy(float), lengths["high"].to_numpy(float) - value]).clip(0.0)
    wide = float((lengths["longest"] - lengths["shortest"]).max())
    axes.bar(middle, value, width=0.9 * wide, color=COLOURS[0], alpha=0.6, yerr=reach, ecolor=COLOURS[1], capsize=2)
    axes.set_ylim(0.0, 1.02)
    label(axes, "characters of the SMILES", "share")
    return figure


def _spectrum(kl: Float[ndarray, " latent"]) -> Figure:
    """Draw the KL of each dimension, the largest first."""
    figure, axes = canvas("KL per dimension")
    axes.bar(np.arange(1, len(kl) + 1), np.sort(kl)[::-1], width=1.0, color=COLOURS[0])
    label(axes, "latent dimension, most informative first", "KL, nats")
    return figure


def _smooth(curve: pd.DataFrame) -> Figure:
    """Draw similarity and validity against the distance from a molecule's point."""
    figure, axes = canvas("Latent smoothness")
    for name, words, colour in (
        ("similarity", "similarity to the middle", COLOURS[0]),
        ("valid", "share that are molecules", COLOURS[1]),
    ):
        axes.plot(curve["radius"], curve[name], color=colour, linewidth=1.6, marker=".", label=words)
    axes.set_ylim(0.0, 1.02)
    label(axes, "radius, standard deviations per dimension")
    return figure
