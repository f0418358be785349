"""Climb: a gradient ascent on what the model predicts, step by step, and the landscape around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from numpy import ndarray

from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing
from chemvae.io.lines import STDIN
from chemvae.io.tables import write_table
from chemvae.map import output_files
from chemvae.model import MoleculeModel
from chemvae.plugins import resolved
from chemvae.report.climb import Landscape, climb_figure, climb_page
from chemvae.report.figures import save
from chemvae.report.page import write_page
from chemvae.search.gradient import GradientSearch, own_estimate
from chemvae.search.objective import Objective
from chemvae.search.space import Space
from chemvae.searchable import COMPUTED, PREDICTED, space_of, table_of

LOOKS = 40  # points of the way that are decoded, at most
SIDE = 60  # points along a side of the landscape
MARGIN = 0.5  # of the way's own reach, drawn around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """A way uphill."""

    table: pd.DataFrame = field(repr=False)
    """a row per step that was decoded: `step`, `distance`, `predicted`, `smiles`, `computed`, `text`, `reason`"""
    objective: str
    """what was climbed"""
    written: tuple[Path, ...] = ()
    """the pictures, the page and the table"""

    def __str__(self) -> str:
        first, last = self.table.iloc[0], self.table.iloc[-1]
        said = [
            f"{self.objective}: predicted {first['predicted']:.3f} at the start, {last['predicted']:.3f} after "
            f"{last['step']:,} steps; computed of what is decoded there {first['computed']:.3f} and "
            f"{last['computed']:.3f}; best on the way {self.table['computed'].max():.3f}"
        ]
        return "; ".join([*said, *([f"written to {', '.join(map(str, self.written))}"] if self.written else [])])


def climb(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: MoleculeModel,
    smiles: str,
    out: Path | str | None = None,
    *,
    maximize: str | Sequence[str] = (),
    minimize: str | Sequence[str] = (),
    steps: int = 40,
    rate: float = 0.05,
    overwrite: bool = False,
) -> Climbed:
    """Walk uphill from a molecule on what the model predicts, decode the way, and draw the landscape around it.

    Args:
        model: from `chemvae.load`; it needs a head that predicts every property of the formula.
        smiles: where the way begins.
        out: a picture (.png, .svg), page (.html) or table (.csv, .parquet ...): all are written, side by side under
            that name; - for the table alone on standard output; None for none.
        maximize: formulas of predicted properties to make large.
        minimize: the same, to make small.
        steps: of Adam.
        rate: its step, in standard deviations of the prior.
        overwrite: replace what stands there.

    Raises:
        InputError: the model cannot read the molecule or does not predict what is asked for.
        ExistsError: something stands at `out` or beside it.
    """
    # 1. what was asked for
    refuse_sentences(model, "climb")
    if steps < 2 or not rate > 0:  # noqa: PLR2004 (a plane needs a way)
        raise InputError(f"Expected steps >= 2 and rate > 0, but got {steps} and {rate}.")
    files = output_files(out)
    for path in files.values():
        refuse_existing(path, overwrite=overwrite)
    goal, space = hill(model, maximize, minimize)
    # 2. the way                                            looks x latent
    z, middle = model.one(smiles)
    way, at = ascend(space, z.astype(np.float64), steps, rate)
    # 3. to molecules                                       looks verdicts
    found = model.decode(way.astype(np.float32))
    texts = [one.smiles or "" for one in found]
    computed = goal.score(texts, table_of(model, goal.names)).value
    apart = np.sqrt((((way - way[0]) / model.latent_std) ** 2).mean(axis=1))
    table = pd.DataFrame({"step": at, "distance": apart, "predicted": heights(space, way)})
    table["smiles"], table["computed"] = [one.smiles for one in found], computed
    table["text"], table["reason"] = [one.text for one in found], [one.reason for one in found]
    climbed = Climbed(table=table, objective=goal.text, written=tuple(files.values()))
    # 4. the landscape                                      side x side
    if out is not None:
        write_table(table, files.get("table", STDIN), overwrite=overwrite)
    if files:
        drawn = landscape(space, way, model.name, goal.text, middle, table)
        for kind in (".png", ".svg"):
            save(climb_figure(drawn), files[kind], overwrite=overwrite)
        write_page(files[".html"], climb_page(drawn), overwrite=overwrite)
    return climbed


def hill(model: MoleculeModel, maximize: str | Sequence[str], minimize: str | Sequence[str]) -> tuple[Objective, Space]:
    """Return the objective and the space in which its slope is known.

    Raises:
        InputError: it is no formula of what the model predicts.
    """
    goal = Objective(maximize=maximize, minimize=minimize)
    goal = resolved(goal, {*COMPUTED, *model.property_names, *(PREDICTED + name for name in model.property_names)})
    space = space_of(model, goal)
    if space.slope is None:
        known = ", ".join(model.property_names) or "nothing"
        raise InputError(
            f"Expected a formula of what {model.name} predicts ({known}), whose slope is known, but got {goal.text!r}. "
            "Climb one of these, or use `chemvae optimize`."
        )
    return goal, space


def ascend(
    space: Space, z: Float[ndarray, " latent"], steps: int, rate: float
) -> tuple[Float[ndarray, "looks latent"], list[int]]:
    """Return points on the way uphill, its start first, and their numbers of steps."""
    middle, spread = space.scale
    estimate = own_estimate(space)
    if estimate is None:
        raise InputError("Expected a model that predicts what is climbed, but it does not.")
    looks = min(LOOKS, steps)
    search = GradientSearch(rate=rate)
    path = search.climb(((z - middle) / spread)[None], np.array([steps]), estimate, space, looks)
    way = np.concatenate([z[None], path[:, 0] * spread + middle])
    return way, [0, *np.ceil(np.arange(1, looks + 1) / looks * steps).astype(int).tolist()]


def heights(space: Space, z: Float[ndarray, "n latent"]) -> Float[ndarray, " n"]:
    """Return what the model predicts of the objective at points."""
    if space.slope is None:
        return np.full(len(z), np.nan)
    with torch.no_grad():
        return space.slope(torch.as_tensor(z, dtype=torch.float32)).double().numpy()


def landscape(  # noqa: PLR0913 (what a picture shows)
    space: Space, way: Float[ndarray, "looks latent"], model: str, objective: str, start: str, table: pd.DataFrame
) -> Landscape:
    """Return the plane in which the way lies best, with the predicted height of its points."""
    axes = plane_of(way)
    shadow = (way - way[0]) @ axes.T  # looks x 2
    low, high = shadow.min(axis=0), shadow.max(axis=0)
    reach = MARGIN * float((high - low).max())
    sides = np.linspace(low - reach, high + reach, SIDE)  # side x 2
    grid = np.stack(np.meshgrid(sides[:, 0], sides[:, 1]), axis=-1)  # side x side x 2
    height = heights(space, (way[0] + grid.reshape(-1, 2) @ axes)).reshape(SIDE, SIDE)
    left = float(1.0 - ((way - way[0] - shadow @ axes) ** 2).sum() / max(((way - way[0]) ** 2).sum(), 1e-12))
    return Landscape(model, objective, start, sides, height, shadow, table, left)


def plane_of(way: Float[ndarray, "looks latent"]) -> Float[ndarray, "2 latent"]:
    """Return two directions of length 1 at right angles: from the start to the end, and where the way bends to."""
    first = way[-1] - way[0]
    length = float(np.linalg.norm(first))
    first = first / length if length > 0 else np.eye(way.shape[1])[0]
    bends = (way - way[0]) - np.outer((way - way[0]) @ first, first)
    second = np.linalg.svd(bends, full_matrices=False)[2][0]
    second = second - (second @ first) * first
    if np.linalg.norm(second) < 1e-6:  # noqa: PLR2004 (the way is straight: any direction will do)
        second = np.eye(way.shape[1])[int(np.argmin(np.abs(first)))]
        second = second - (second @ first) * first
    return np.stack([first, second / np.linalg.norm(second)])
