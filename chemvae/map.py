"""Map a library: where its molecules lie in a plane of latent space, coloured by a property, over the prior."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import Text
from chemvae.chem.properties import PROPERTIES, compute
from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing
from chemvae.io.lines import STDIN
from chemvae.io.progress import tell, watch
from chemvae.io.runs import versions
from chemvae.io.tables import ending, numbers, read_table, write_table
from chemvae.latent import Encoded
from chemvae.report.again import asked
from chemvae.report.cards import cards
from chemvae.report.design import rejected
from chemvae.report.evaluated import PACKAGES
from chemvae.report.figures import save
from chemvae.report.grid import cells
from chemvae.report.maps import Charted, map_figure, told_map
from chemvae.report.page import Section, command, facts, page, paragraph, together, write_page
from chemvae.report.plane import METHODS, fit_plane
from chemvae.report.tables import molecule_table
from chemvae.settings import did_you_mean, n_jobs

CHUNK = 1000  # molecules that are encoded at a time
PRIOR = {"pca": 10_000, "umap": 2_000}  # points of the prior to place; UMAP places them slowly
PICTURES = (".png", ".svg", ".html")
PREDICTED = "predicted_"
Source = Literal["column", "computed", "predicted"]
EXTREMES = 8  # molecules of a page with the highest and with the lowest value


@runtime_checkable
class MappedModel(Protocol):
    """What a map needs of a model."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def property_names(self) -> tuple[str, ...]:
        """What its head predicts."""

    def posterior(self, smiles: Sequence[Text]) -> Encoded:
        """Encode strings, row for row."""

    def prior(self, n: int, seed: int | None = None) -> Float[ndarray, "n latent"]:
        """Draw points from the prior."""

    def predict_z(self, z: Float[ndarray, "n latent"]) -> Float[ndarray, "n props"]:
        """Predict properties of points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentMap:
    """A library in a plane of latent space."""

    table: pd.DataFrame = field(repr=False)
    """a row per molecule: `row` of the input, `smiles`, two coordinates, the property, and `reason` for a gap"""
    charted: Charted = field(repr=False)
    """what was drawn"""
    of: int
    """how many rows the library has"""
    written: tuple[Path, ...] = ()
    """the pictures, the page and the table"""

    def __str__(self) -> str:
        placed = len(self.charted.points)
        some = "" if len(self.table) == self.of else f", {len(self.table):,} of {self.of:,} chosen at random"
        said = [f"{len(self.table):,} rows{some}; {placed:,} of them on the map, coloured by {self.charted.name}"]
        if lost := len(self.table) - placed:
            said.append(f"{lost:,} the model cannot read, each with its reason in the table")
        if blank := int((~np.isfinite(self.charted.values)).sum()):
            said.append(f"{blank:,} have no value of {self.charted.name} and are grey")
        if self.written:
            said.append(f"written to {', '.join(str(path) for path in self.written)}")
        return "; ".join(said)


def draw_map(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: MappedModel,
    table: Path | str,
    out: Path | str | None = None,
    *,
    color_by: str | None = None,
    method: str = "pca",
    n: int = 10_000,
    smiles_column: str | None = None,
    jobs: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> LatentMap:
    """Place the molecules of a table in a plane of latent space, coloured by a property.

    Args:
        model: from `chemvae.load`.
        table: .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: a picture (.png, .svg), page (.html) or table (.csv, .parquet ...): all are written, side by side under
            that name; - for the table alone on standard output; None for none.
        color_by: a column of numbers, a property that is computed, or predicted_NAME; None takes the first that the
            model predicts, measured or computed if it can be.
        method: `pca` or `umap`.
        n: molecules at most, chosen at random.
        smiles_column: its name; None looks for it and says what was found.
        jobs: processes that compute the property; None takes every core.
        seed: of the choice, of the points of the prior, and of UMAP.
        overwrite: replace what stands there.
        progress: tell on standard error how far it is.

    Raises:
        InputError: a table, name or number is not usable; the message says what to do.
        ExistsError: something stands at `out` or beside it.
    """
    # 1. what was asked for
    refuse_sentences(model, "map")
    if n < 1 or method not in METHODS:
        raise InputError(f"Expected n >= 1 and the method {' or '.join(METHODS)}, but got n {n} and {method!r}.")
    files = output_files(out)
    for path in files.values():
        refuse_existing(path, overwrite=overwrite)
    # 2. the molecules, and where their values come from
    library = read_table(table)
    column = find_column({str(name): library[name].tolist() for name in library.columns}, smiles_column)
    name, source = colour_source(model, list(map(str, library.columns)), color_by)
    if progress:
        tell(f"SMILES in column {column.column!r} ({column.how}); coloured by {name} ({source})")
    rows = some_rows(len(library), n, seed)
    chosen = library.iloc[list(rows)]
    smiles = chosen[column.column].tolist()
    # 3. to points                                     n x latent
    z, reasons = encode_all(model, smiles, progress)
    fine = np.isfinite(z).all(axis=1)
    # 4. to a plane                                    n x 2
    plane = fit_plane(z[fine], method, seed)
    prior = plane.project(model.prior(PRIOR[method], seed))
    # 5. to colours                                    n
    values = colours(model, source, name, chosen, smiles, z, jobs)
    places = np.full((len(smiles), 2), np.nan)
    places[fine] = plane.points
    title = f"{int(fine.sum()):,} molecules in the latent space of {model.name}"
    name = f"input_{name}" if name in ("row", "smiles", "reason", *plane.columns) else name
    found = LatentMap(
        table=pd.DataFrame(
            {
                "row": rows,
                "smiles": smiles,
                plane.columns[0]: places[:, 0],
                plane.columns[1]: places[:, 1],
                name: values,
                "reason": reasons,
            }
        ),
        charted=Charted(plane.points, prior, values[fine], name, plane.axes, title),
        of=len(library),
        written=tuple(files.values()),
    )
    # 6. the files
    if out is not None:
        write(found, files, overwrite)
    return found


def output_files(out: Path | str | None) -> dict[str, Path]:
    """Return where the pictures, the page and the table go, by kind; nothing for none and for standard output."""
    if out is None or str(out) == STDIN:
        return {}
    path = Path(out)
    if path.suffix.lower() in PICTURES:
        stem, table = path.stem, path.with_suffix(".csv")
    else:
        ending(path)
        stem, table = path.name.removesuffix(".gz").rsplit(".", 1)[0], path
    return {kind: path.with_name(stem + kind) for kind in PICTURES} | {"table": table}


def colour_source(model: MappedModel, columns: Sequence[str], asked: str | None) -> tuple[str, Source]:
    """Return the property to colour by, and whether it is a column, computed by RDKit or predicted by the model's head.

    Raises:
        InputError: no such column, computed or predicted property.
    """
    heads = [PREDICTED + name for name in model.property_names]
    if asked is None:
        first = model.property_names[0] if model.property_names else "logp"
        asked = first if first in columns or first in PROPERTIES else PREDICTED + first
    kinds: dict[Source, Sequence[str]] = {"column": columns, "computed": list(PROPERTIES), "predicted": heads}
    for kind, names in kinds.items():
        if asked in names:
            return asked, kind
    known = [name for names in kinds.values() for name in names]
    raise InputError(
        f"Expected a column, a computed or a predicted property to colour by, out of {', '.join(known)}, but got "
        f"{asked!r}.{did_you_mean(asked, known)}"
    )


def colours(  # noqa: PLR0913 (what each of the three sources needs)
    model: MappedModel,
    source: Source,
    name: str,
    table: pd.DataFrame,
    smiles: list[Text],
    z: Float[ndarray, "n latent"],
    jobs: int | None,
) -> Float[ndarray, " n"]:
    """Return the property of every molecule, NaN where it is not known."""
    if source == "column":
        return numbers(table[name], name)
    if source == "computed":
        return compute(smiles, [name], n_jobs(jobs))[name]
    head = model.property_names.index(name.removeprefix(PREDICTED))
    return model.predict_z(z)[:, head].astype(np.float64)


def encode_all(model: MappedModel, smiles: list[Text], progress: bool) -> tuple[Float[ndarray, "n latent"], list[str]]:
    """Return the point of every molecule and, where there is none, the reason."""
    parts = [smiles[at : at + CHUNK] for at in range(0, max(len(smiles), 1), CHUNK)]
    walk = watch(parts, len(smiles), "molecules", size=len, quiet=not progress)
    encoded = [model.posterior(part) for part in walk]
    reasons = [molecule.reason for part in encoded for molecule in part.molecules]
    return np.concatenate([part.mean for part in encoded]), reasons


def some_rows(rows: int, n: int, seed: int) -> Sequence[int]:
    """Choose n rows at random, in order, or all if there are no more."""
    if n >= rows:
        return range(rows)
    return sorted(np.random.default_rng(seed).choice(rows, n, replace=False).tolist())


def write(found: LatentMap, files: dict[str, Path], overwrite: bool) -> None:
    """Write the table, the pictures and the page, each whole or not at all; the table alone where no file is named."""
    write_table(found.table, files.get("table", STDIN), overwrite=overwrite)
    if files:
        for kind in (".png", ".svg"):
            save(map_figure(found.charted), files[kind], overwrite=overwrite)
        write_page(files[".html"], map_page(found), overwrite=overwrite)


def map_page(found: LatentMap) -> str:
    """Return the map as a page: its points tell what they are, and its molecules can be sorted and filtered."""
    charted, table = found.charted, found.table[found.table.iloc[:, 2].notna()]
    picture, shown = told_map(charted, table["smiles"].tolist())
    known = table.sort_values(charted.name, kind="stable", ascending=False, na_position="last")
    few = "" if shown == len(table) else f" {shown:,} of {len(table):,} points are drawn here, all of them in the .png."
    low, high = charted.limits
    hint = f"Colours end at {low:.3g} and {high:.3g}, between which 98 % of the library lie; grey is unknown.{few}"
    values = {"rows": f"{len(found.table):,}", "on the map": f"{len(table):,}", "coloured by": charted.colour_label}
    lost = found.table.rename(columns={"smiles": "text"}).query("reason != ''")
    sections = [Section("At a glance", facts(values)), Section("The map", together(picture, paragraph(hint)))]
    for title, some in (("Highest", known.head(EXTREMES)), ("Lowest", known.dropna().tail(EXTREMES)[::-1])):
        if some[charted.name].notna().any():
            sections.append(Section(f"{title} {charted.name}", cards(cells(some, (charted.name,)))))
    return page(
        charted.title,
        [
            *sections,
            Section(f"Its {len(known):,} molecules", molecule_table(known.drop(columns="reason"))),
            Section("What the model cannot read, and why", rejected(lost)),
            Section("Run it again", command(asked())),
        ],
        lead=f"{len(table):,} of {len(found.table):,} molecules could be placed.",
        foot=", ".join(f"{k} {v}" for k, v in versions(PACKAGES).items()),
    )
