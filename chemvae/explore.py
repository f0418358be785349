"""Explore latent space: encode, decode, sample, neighbors and interpolate, from tables or strings to a table."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import Text
from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing
from chemvae.io.lines import STDIN
from chemvae.io.progress import tell, watch
from chemvae.io.tables import TableWriter, numbers, read_chunks, write_table
from chemvae.latent import Decoder, Encoded
from chemvae.molecule import Molecule
from chemvae.report.explored import Beside, Drawing, Neighbors, Walk
from chemvae.report.page import write_page
from chemvae.report.rings import MOST as MOST_RINGS
from chemvae.report.rings import ring_of, room

CHUNK = 1000  # rows at a time
SIMILARITY = "similarity"  # a column that molecules have and sentences lack, which have no picture either
POINT = re.compile(r"z_(\d+)")


@runtime_checkable
class LatentModel(Decoder, Protocol):
    """What exploring needs of a model."""

    @property
    def latent(self) -> int:
        """Dimensions of z."""

    def posterior(self, smiles: Sequence[Text]) -> Encoded:
        """Encode strings, row for row."""

    def sample(
        self, n: int, temperature: float = 1.0, seed: int | None = None, *, free: bool = False
    ) -> list[Molecule]:
        """Draw molecules from the prior."""

    def neighbors(self, smiles: str, n: int = 50, radius: float = 1.0, seed: int | None = 0) -> pd.DataFrame:
        """Decode around one molecule, nearest first."""

    def interpolate(
        self, *corners: str, steps: int = 10, method: str = "slerp", temperature: float = 0.0, seed: int | None = 0
    ) -> pd.DataFrame:
        """Decode a line or a grid between molecules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What a verb of this file found."""

    rows: int
    """how many rows the table has"""
    valid: int
    """how many of them are molecules, or sentences of a model of sentences"""
    written: tuple[Path, ...] = ()
    """the table, and the pictures beside it"""
    table: pd.DataFrame | None = field(default=None, repr=False)
    """the table itself; None where it went to the file row by row"""
    note: str = ""
    """what a reader should know of it"""

    def __str__(self) -> str:
        where = f"; written to {', '.join(map(str, self.written))}" if self.written else ""
        return f"{self.rows:,} rows, {self.valid:,} of them valid{where}" + (f"\n{self.note}" if self.note else "")


def encode(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: LatentModel,
    table: Path | str,
    out: Path | str,
    *,
    smiles_column: str | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> Explored:
    """Add the point of every molecule to a table, as columns z_0, z_1 ...; NaN and a reason where there is none.

    Args:
        model: from `chemvae.load`.
        table: .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: the table to write, or - for standard output.
        smiles_column: its name; None looks for it and says what was found.
        overwrite: replace what stands at `out`.
        progress: tell on standard error how far it is.
    """
    frames = read_chunks(table, CHUNK)
    first = next(frames)
    column = find_column({str(name): first[name].tolist() for name in first.columns}, smiles_column)
    if progress:
        tell(f"SMILES in column {column.column!r} ({column.how})")

    def points(frame: pd.DataFrame) -> pd.DataFrame:
        encoded = model.posterior(frame[column.column].tolist())
        new = pd.DataFrame(encoded.mean, columns=[f"z_{at}" for at in range(model.latent)], index=frame.index)
        return _joined(frame, new.assign(reason=[molecule.reason for molecule in encoded.molecules]))

    return _stream(itertools.chain([first], frames), points, out, overwrite, progress)


def decode(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: LatentModel,
    table: Path | str,
    out: Path | str,
    *,
    temperature: float = 0.0,
    beam: int = 1,
    free: bool = False,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Explored:
    """Write the molecule of every point of a table that has columns z_0, z_1 ...; a row per point, valid or not.

    Args:
        model: from `chemvae.load`.
        table: what `encode` wrote, or any table with such columns; its other columns are kept.
        out: the table to write, or - for standard output.
        temperature: 0 takes the likeliest token at each step, 1 draws from the decoder's distribution.
        beam: width of a beam search, with temperature 0.
        free: choose among all tokens, also those that no valid SMILES could go on with.
        seed: of the draws.
        overwrite: replace what stands at `out`.
        progress: tell on standard error how far it is.
    """
    names = [f"z_{at}" for at in range(model.latent)]
    parts = itertools.count(seed)  # each frame has a seed of its own, or all would repeat the same draws

    def molecules(frame: pd.DataFrame) -> pd.DataFrame:
        if [name for name in frame.columns if POINT.fullmatch(str(name))] != names:
            raise InputError(
                f"Expected columns z_0 to {names[-1]} for this model in {table}, but got "
                f"{', '.join(map(str, frame.columns[:6]))} ({len(frame.columns)} in all). Encode with the same model."
            )
        z = np.stack([numbers(frame[name], name) for name in names], axis=1).astype(np.float32)
        found = model.decode(z, temperature=temperature, beam=beam, seed=next(parts), free=free)
        return _joined(frame.drop(columns=names), _written(found, frame.index))

    return _stream(read_chunks(table, CHUNK), molecules, out, overwrite, progress)


def sample(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: LatentModel,
    n: int,
    out: Path | str | None = None,
    *,
    temperature: float = 1.0,
    free: bool = False,
    seed: int = 0,
    beside: LatentModel | None = None,
    overwrite: bool = False,
) -> Explored:
    """Draw n molecules from the prior: a row each, in order, valid or not, with the reason.

    Args:
        model: from `chemvae.load`.
        n: how many.
        out: the table to write, - for standard output, or None for none.
        temperature: of the decoder; 0 takes the likeliest token at each step.
        free: choose among all tokens, also those that no valid SMILES could go on with.
        seed: of the draws.
        beside: another model that draws as many, to compare: a column `model` says whose a row is, and a picture of
            both (.svg, .png, .html) stands beside the table.
        overwrite: replace what stands at `out`.
    """
    if beside is None:
        found = model.sample(n, temperature=temperature, seed=seed, free=free)
        return _finish(_written(found, pd.RangeIndex(n)), out, overwrite)
    for one in (model, beside):
        refuse_sentences(one, "compare")
    pictures = _pictures(out, overwrite)
    drawn = {
        name: _written(one.sample(n, temperature=temperature, seed=seed, free=free), pd.RangeIndex(n))
        for name, one in zip(names_of(model, beside), (model, beside), strict=True)
    }
    rule = "every token allowed" if free else "under the rules of each model"
    side_by_side = Beside({f"{name}: {_share(table)}": table for name, table in drawn.items()}, rule)
    table = pd.concat([rows.assign(model=name) for name, rows in drawn.items()], ignore_index=True)
    done = _finish(table[["model", "smiles", "text", "reason"]], out, overwrite, pictures, side_by_side)
    return replace(done, note="\n".join(f"{name}: {_share(rows)}" for name, rows in drawn.items()))


def neighbors(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: LatentModel,
    smiles: str,
    out: Path | str | None = None,
    *,
    n: int = 50,
    radius: float = 1.0,
    rings: int = 0,
    seed: int = 0,
    overwrite: bool = False,
) -> Explored:
    """Decode molecules around one, nearest first, into a table with pictures (.svg, .png, .html) beside it.

    Args:
        model: from `chemvae.load`.
        smiles: the molecule in the middle.
        out: the table to write, - for standard output, or None for none; the pictures need a file.
        n: how many distinct valid molecules.
        radius: how far to draw, in standard deviations of latent space.
        rings: draw them in so many rings of growing distance, of 6, 12, 18 ... molecules, and add a column `ring`; at
            least as many are sought as these hold; 0 draws a grid.
        seed: of the draws.
        overwrite: replace what stands there.

    Raises:
        InputError: a number cannot be, or the model cannot read the molecule.
    """
    if not 0 <= rings <= MOST_RINGS:
        raise InputError(f"Expected 0 to {MOST_RINGS} rings, but got {rings}. Set --rings.")
    if n < 1:
        raise InputError(f"Expected n >= 1, but got n {n}. Say how many molecules to look for.")
    pictures, n = _pictures(out, overwrite), max(n, room(rings))
    found = model.neighbors(smiles, n=n, radius=radius, seed=seed)
    if rings:
        found = found.assign(ring=[min(ring_of(rank), rings + 1) for rank in range(len(found))])
        found = found[found["ring"] <= rings].reset_index(drop=True)
    done = _finish(found, out, overwrite, pictures if SIMILARITY in found else (), Neighbors(smiles, rings))
    few = f"{n:,} were asked for: a larger --radius reaches more, a smaller one decodes to more that is valid."
    return replace(done, note=few if done.rows < min(n, room(rings) or n) else "")


def interpolate(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: LatentModel,
    corners: Sequence[str],
    out: Path | str | None = None,
    *,
    steps: int = 10,
    method: str = "slerp",
    temperature: float = 0.0,
    seed: int = 0,
    overwrite: bool = False,
) -> Explored:
    """Decode a line between two molecules or a grid between four, into a table with pictures beside it.

    Args:
        model: from `chemvae.load`.
        corners: two SMILES, or four: top left, top right, bottom left, bottom right.
        out: the table to write, - for standard output, or None for none; the pictures need a file.
        steps: points along a side, both ends included.
        method: `slerp` or `linear`, for a line; a grid is bilinear.
        temperature: of the decoder.
        seed: of its draws.
        overwrite: replace what stands there.
    """
    pictures = _pictures(out, overwrite)
    found = model.interpolate(*corners, steps=steps, method=method, temperature=temperature, seed=seed)
    return _finish(found, out, overwrite, pictures if SIMILARITY in found else (), Walk(tuple(corners), steps))


def names_of(model: object, beside: object) -> tuple[str, str]:
    """Return what two models are called; the second one's name says so if it is the same."""
    first, second = (str(getattr(one, "name", "model")) for one in (model, beside))
    return (first, second) if first != second else (first, f"{second} beside")


def _share(table: pd.DataFrame) -> str:
    """Say how many rows are molecules, and how many of these are different."""
    valid = table["smiles"].dropna()
    return f"{len(valid):,} of {len(table):,} samples are molecules, {valid.nunique():,} of them different"


def _written(found: Sequence[Molecule], index: pd.Index) -> pd.DataFrame:
    """Return decoded molecules as columns."""
    columns = {
        "smiles": [molecule.smiles for molecule in found],
        "text": [molecule.text for molecule in found],
        "reason": [molecule.reason for molecule in found],
    }
    return pd.DataFrame(columns, index=index)


def _joined(frame: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Put new columns beside those of the input; one that is there already gets `decoded_` in front."""
    taken = {str(name) for name in frame.columns}
    names = [f"decoded_{name}" if name in taken else name for name in new.columns]
    joined = pd.concat([frame, new.set_axis(names, axis=1)], axis=1)
    joined.attrs = frame.attrs  # the types of its columns, which concat forgets
    return joined


def _stream(
    frames: Iterable[pd.DataFrame],
    step: Callable[[pd.DataFrame], pd.DataFrame],
    out: Path | str,
    overwrite: bool,
    progress: bool,
) -> Explored:
    """Write what a step makes of each frame, in order and in constant memory."""
    rows = valid = 0
    with TableWriter(out, overwrite=overwrite) as writer:
        for frame in watch(frames, None, "molecules", size=len, quiet=not progress):
            answer = step(frame)
            rows, valid = rows + len(answer), valid + int((answer.iloc[:, -1] == "").sum())
            writer.write(answer)
    return Explored(rows=rows, valid=valid, written=() if str(out) == STDIN else (Path(out),))


def _pictures(out: Path | str | None, overwrite: bool) -> tuple[Path, ...]:
    """Return where the pictures go, beside the table, after a look that nothing stands in the way."""
    if out is None or str(out) == STDIN:
        return ()
    stem = Path(out).name.removesuffix(".gz").rsplit(".", 1)[0]
    pictures = tuple(Path(out).with_name(stem + ending) for ending in (".svg", ".png", ".html"))
    for path in (Path(out), *pictures):
        refuse_existing(path, overwrite=overwrite)
    return pictures


def _finish(
    table: pd.DataFrame,
    out: Path | str | None,
    overwrite: bool,
    pictures: tuple[Path, ...] = (),
    drawing: Drawing | None = None,
) -> Explored:
    """Write a table and its pictures."""
    if out is not None:
        write_table(table, out, overwrite=overwrite)
    if drawing is not None:
        for path in pictures:
            if path.suffix == ".html":
                write_page(path, drawing.page(table), overwrite=overwrite)
            else:
                drawing.write(table, path, overwrite)
    files = () if out is None or str(out) == STDIN else (Path(out), *pictures)
    return Explored(rows=len(table), valid=int(table["smiles"].notna().sum()), written=files, table=table)
