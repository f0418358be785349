"""Holes: where in latent space a decoder writes no molecules, by the distance from a library's own points."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.guess import smiles_column as find_column
from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing
from chemvae.io.lines import STDIN
from chemvae.io.progress import tell, watch
from chemvae.io.tables import read_table, write_table
from chemvae.latent import Decoder, around
from chemvae.map import MappedModel, encode_all, output_files, some_rows
from chemvae.report.figures import save
from chemvae.report.holes import Holes, by_distance, holes_figure, holes_page
from chemvae.report.page import write_page
from chemvae.report.plane import fit_plane

CHUNK = 500  # points decoded at a time
DRAWN = 2_000  # points of the prior that tell its standard deviation


@runtime_checkable
class ProbedModel(MappedModel, Decoder, Protocol):
    """What looking for holes needs of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What was decoded around a library."""

    table: pd.DataFrame = field(repr=False)
    """a row per point: `source`, `radius`, `distance`, two coordinates, `smiles`, `text`, `reason`"""
    curve: pd.DataFrame = field(repr=False)
    """`distance`, `valid`, `low`, `high`, `n` of points in bins of growing distance"""
    written: tuple[Path, ...] = ()
    """the pictures, the page and the table"""

    def __str__(self) -> str:
        first, last = self.curve.iloc[0], self.curve.iloc[-1]
        near = f"{first['valid']:.1%} are molecules at {first['distance']:.2f} from the nearest of the library"
        far = f"{last['valid']:.1%} at {last['distance']:.2f}"
        said = f"{len(self.table):,} points decoded, every token allowed: {near}, {far}"
        return f"{said}; written to {', '.join(map(str, self.written))}" if self.written else said


def probe(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: ProbedModel,
    table: Path | str,
    out: Path | str | None = None,
    *,
    n: int = 500,
    radius: float = 3.0,
    steps: int = 12,
    smiles_column: str | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Probed:
    """Decode points at growing distance from the molecules of a library, with every token allowed, and count molecules.

    Args:
        model: from `chemvae.load`.
        table: the library: .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: a picture (.png, .svg), page (.html) or table (.csv, .parquet ...): all are written, side by side under
            that name; - for the table alone on standard output; None for none.
        n: molecules at most, chosen at random; as many points are decoded at each radius, and as many of the prior.
        radius: the farthest draw, in standard deviations of the prior per dimension.
        steps: radii, from 0 to that.
        smiles_column: its name; None looks for it and says what was found.
        seed: of the choice and of the draws.
        overwrite: replace what stands there.
        progress: tell on standard error how far it is.

    Raises:
        InputError: a table or number is not usable; the message says what to do.
        ExistsError: something stands at `out` or beside it.
    """
    # 1. what was asked for
    refuse_sentences(model, "look for holes")
    if n < 1 or steps < 2 or not radius > 0:  # noqa: PLR2004 (a line needs two points)
        raise InputError(f"Expected n >= 1, steps >= 2 and radius > 0, but got {n}, {steps} and {radius}.")
    files = output_files(out)
    for path in files.values():
        refuse_existing(path, overwrite=overwrite)
    # 2. the library                                         n x latent
    library = read_table(table)
    column = find_column({str(name): library[name].tolist() for name in library.columns}, smiles_column)
    if progress:
        tell(f"SMILES in column {column.column!r} ({column.how})")
    smiles = library.iloc[list(some_rows(len(library), n, seed))][column.column].tolist()
    z, _ = encode_all(model, smiles, progress)
    known = z[np.isfinite(z).all(axis=1)].astype(np.float64)
    plane = fit_plane(known.astype(np.float32), "pca", seed)
    # 3. points around it, and of the prior                 m x latent
    radii = np.repeat(np.linspace(0.0, radius, steps), len(known))
    spread = np.maximum(model.prior(DRAWN, seed).std(axis=0), 1e-6)
    near = around(np.tile(known, (steps, 1)), spread, radii, np.random.default_rng(seed))
    points = np.concatenate([near, model.prior(len(known), seed)])
    # 4. to molecules                                       m verdicts
    parts = np.array_split(points.astype(np.float32), max(1, len(points) // CHUNK))
    walk = watch(parts, len(points), "points decoded", size=len, quiet=not progress)
    written = [one for part in walk for one in model.decode(part, free=True)]
    # 5. to distances and a table
    places = plane.project(points.astype(np.float32))
    found = pd.DataFrame(
        {
            "source": ["around"] * len(near) + ["prior"] * len(known),
            "radius": np.concatenate([radii, np.full(len(known), np.nan)]),
            "distance": nearest(points / spread, known / spread),
            plane.columns[0]: places[:, 0],
            plane.columns[1]: places[:, 1],
            "smiles": [one.smiles for one in written],
            "text": [one.text for one in written],
            "reason": [one.reason for one in written],
        }
    )
    probed = Probed(table=found, curve=by_distance(found[found["source"] == "around"]), written=tuple(files.values()))
    # 6. the files
    if out is not None:
        write(probed, Holes(model.name, len(known), found, probed.curve, plane.axes), files, overwrite)
    return probed


def nearest(points: Float[ndarray, "m latent"], known: Float[ndarray, "n latent"]) -> Float[ndarray, " m"]:
    """Return the root-mean-square distance per dimension from each point to the nearest known one."""
    squares = (known**2).sum(axis=1)
    found = np.empty(len(points))
    for first in range(0, len(points), CHUNK):
        part = points[first : first + CHUNK]
        apart = (part**2).sum(axis=1, keepdims=True) + squares - 2.0 * part @ known.T
        found[first : first + CHUNK] = apart.min(axis=1)
    return np.sqrt(np.maximum(found, 0.0) / points.shape[1])


def write(probed: Probed, holes: Holes, files: dict[str, Path], overwrite: bool) -> None:
    """Write the table, the pictures and the page; the table alone where no file is named."""
    write_table(probed.table, files.get("table", STDIN), overwrite=overwrite)
    if files:
        for kind in (".png", ".svg"):
            save(holes_figure(holes), files[kind], overwrite=overwrite)
        write_page(files[".html"], holes_page(holes), overwrite=overwrite)
