"""A gradient ascent as a picture: the landscape that was climbed, the way, and the molecules on it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patheffects import withStroke
from numpy import ndarray

from chemvae.report.again import asked, made_with
from chemvae.report.cards import cards
from chemvae.report.figures import COLOURS, INK, POINTS, canvas, label, picture, told_picture
from chemvae.report.grid import HEIGHT, WIDTH, Cell, raster
from chemvae.report.numbers import number
from chemvae.report.page import Section, command, facts, page, paragraph, together
from chemvae.report.tables import molecule_table

SHOWN = 6  # molecules under the landscape
BESIDE = (11.0, -11.0, 20.0, -20.0)  # points between the way and a number, the place to try first in front
APART, CLEAR = 13.0, 9.0  # points between two numbers, and between a number and the way


@dataclass(frozen=True)
class Landscape:
    """A way uphill and the plane around it, ready to be drawn."""

    model: str
    """its name"""
    objective: str
    """what was climbed"""
    start: str
    """the molecule at the start"""
    sides: Float[ndarray, "side 2"]
    """coordinates of the plane, across and up, in units of z"""
    height: Float[ndarray, "side side"]
    """what is predicted there"""
    way: Float[ndarray, "looks 2"]
    """the way's shadow on the plane"""
    table: pd.DataFrame
    """`step`, `distance`, `predicted`, `smiles`, `computed` of each point of it"""
    share: float
    """how much of the way's squared length lies in the plane"""

    def stops(self) -> list[int]:
        """Return `SHOWN` points of the way where another molecule comes up, both ends among them, evenly chosen."""
        smiles = self.table["smiles"]
        fresh = [at for at in range(len(smiles)) if isinstance(smiles[at], str) and smiles[at] not in set(smiles[:at])]
        if len(fresh) <= SHOWN:
            return fresh
        return sorted({fresh[at] for at in np.linspace(0, len(fresh) - 1, SHOWN).round().astype(int)})

    def cells(self) -> list[Cell]:
        """Return the molecules at these points, numbered as on every picture."""
        rows = self.table.iloc[self.stops()]
        return [
            Cell(
                str(row["smiles"]),
                (
                    f"{at}: step {row['step']}",
                    f"predicted {number(row['predicted'])}",
                    f"computed {number(row['computed'])}",
                ),
            )
            for at, row in enumerate(rows.to_dict("records"), start=1)
        ]


def climb_figure(found: Landscape) -> Figure:
    """Draw the landscape, the way on it, and under it the molecules at its numbered points."""
    shown = found.cells()
    figure = Figure(figsize=(8.4, 7.2), layout="constrained")
    places = figure.add_gridspec(2, max(len(shown), 1), height_ratios=(5.0, 1.5))
    _landscape(figure, figure.add_subplot(places[0, :]), found)
    for at, cell in enumerate(shown):
        axes = figure.add_subplot(places[1, at])
        axes.imshow(imread(io.BytesIO(raster(cell.smiles, 2 * WIDTH, 2 * HEIGHT))))
        axes.set_axis_off()
        below: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "va": "top", "linespacing": 1.3}
        axes.text(0.5, -0.04, "\n".join(cell.legend), fontsize=7, color=INK, **below)
    figure.suptitle(_title(found), x=0.01, ha="left", color=INK, fontsize=10, fontweight="bold", parse_math=False)
    return figure


def climb_page(found: Landscape) -> str:
    """Return the page as one self-contained HTML text."""
    figure = Figure(figsize=(7.2, 5.2), layout="constrained")
    _landscape(figure, figure.add_subplot(), found)
    said = [
        f"step {row['step']}: predicted {number(row['predicted'])}, computed {number(row['computed'])}\n{row['smiles']}"
        for row in found.table.to_dict("records")
    ]
    first, last = found.table.iloc[0], found.table.iloc[-1]
    values = {
        "predicted at the start": number(float(first["predicted"])),
        "predicted at the end": number(float(last["predicted"])),
        "computed at the start": number(float(first["computed"])),
        "computed at the end": number(float(last["computed"])),
        "best computed on the way": number(float(found.table["computed"].max())),
    }
    hint = (
        f"The plane holds {found.share:.0%} of the way's squared length; the way is drawn by its shadow on it. "
        "Predicted is what the model's head expects at a point, computed what RDKit finds for the molecule that is "
        "decoded there: where they part, the climb has left what the model knows."
    )
    return page(
        _title(found),
        [
            Section("At a glance", facts(values)),
            Section("The landscape", together(told_picture(figure, said, "", "hill"), paragraph(hint))),
            Section("Predicted and computed", picture(_heights(found), "Against the steps of the climb.", "heights")),
            Section("Molecules on the way", cards(found.cells())),
            Section("Every step", molecule_table(found.table.drop(columns="text"))),
            Section("Run it again", command(asked())),
        ],
        lead=f"From {found.start}, in the latent space of {found.model}.",
        foot=made_with("RDKit"),
    )


def _title(found: Landscape) -> str:
    """Say what the picture is."""
    return f"A climb of {found.objective} in the latent space of {found.model}"


def _landscape(figure: Figure, axes: Axes, found: Landscape) -> None:
    """Draw the predicted height as a map with contours, and the way over it."""
    axes.tick_params(colors=INK, labelsize=8)
    across, up = found.sides[:, 0], found.sides[:, 1]
    drawn = axes.pcolormesh(across, up, found.height, cmap="viridis", shading="gouraud", rasterized=True)
    axes.contour(across, up, found.height, levels=12, colors="white", linestyles="solid", linewidths=0.4, alpha=0.6)
    bar = figure.colorbar(drawn, ax=axes)
    bar.set_label(f"predicted {found.objective}", color=INK, fontsize=9, parse_math=False)
    bar.ax.tick_params(colors=INK, labelsize=8)
    axes.plot(found.way[:, 0], found.way[:, 1], color="white", linewidth=1.6)
    look: dict[str, Any] = {"s": 16, "color": COLOURS[1], "edgecolor": "white", "linewidth": 0.5}
    axes.scatter(found.way[:, 0], found.way[:, 1], gid=POINTS, clip_on=False, zorder=3, **look)
    _numbers(axes, found)
    axes.set_xlabel("from the start to the end, units of z", color=INK, fontsize=9)
    axes.set_ylabel("where the way bends to, units of z", color=INK, fontsize=9)


def _numbers(axes: Axes, found: Landscape) -> None:
    """Write the numbers of the molecules beside the way, above it wherever it leads sideways, none on another."""
    inch = axes.get_figure(root=True).dpi  # type: ignore[union-attr]
    seen = axes.transData.transform(found.way) * 72.0 / inch  # in points, as it looks on the picture
    ahead = np.gradient(seen, axis=0) if len(seen) > 1 else np.array([[1.0, 0.0]])
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * np.where(ahead[:, :1] < 0, -1.0, 1.0)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    edge = [withStroke(linewidth=2.0, foreground="black")]  # readable on every colour, and on a dark page
    look: dict[str, Any] = {"color": "white", "fontsize": 9, "weight": "bold", "ha": "center", "va": "center"}
    written: list[Float[ndarray, " 2"]] = []
    for name, at in enumerate(found.stops(), start=1):
        tried = [seen[at] + across[at] * reach for reach in BESIDE]
        free = [place for place in tried if _gap(place, written) >= APART and _gap(place, seen) >= CLEAR]
        written.append(free[0] if free else max(tried, key=lambda place: _gap(place, written)))
        place, beside = found.way[at].tolist(), (written[-1] - seen[at]).tolist()
        axes.annotate(str(name), place, beside, textcoords="offset points", path_effects=edge, zorder=4, **look)


def _gap(place: Float[ndarray, " 2"], others: Sequence[Float[ndarray, " 2"]] | Float[ndarray, "n 2"]) -> float:
    """Return the distance to the nearest of others."""
    return min((float(np.hypot(*(place - other))) for other in others), default=np.inf)


def _heights(found: Landscape) -> Figure:
    """Draw predicted and computed values against steps."""
    figure, axes = canvas()
    for name, colour in (("predicted", COLOURS[0]), ("computed", COLOURS[1])):
        axes.plot(found.table["step"], found.table[name], color=colour, linewidth=1.6, marker=".", label=name)
    label(axes, "steps", found.objective)
    return figure
