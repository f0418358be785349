"""Pictures and pages of neighbours, of walks between molecules and of samples beside those of another model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd

from chemvae.report.again import asked, made_with
from chemvae.report.cards import cards
from chemvae.report.design import rejected
from chemvae.report.grid import Cell, cells, write_grid
from chemvae.report.page import Html, Section, command, page, pan
from chemvae.report.panels import write_panels
from chemvae.report.rings import readable, rings_svg, write_rings
from chemvae.report.tables import molecule_table

PICTURED = 100  # molecules in a grid
PANEL = 24  # molecules of each model, side by side with those of another
COLUMNS = 6


@runtime_checkable
class Drawing(Protocol):
    """How a table of molecules is drawn."""

    def write(self, table: pd.DataFrame, path: Path, overwrite: bool) -> None:
        """Draw into a .png or .svg."""

    def page(self, table: pd.DataFrame) -> str:
        """Return the page."""


@dataclass(frozen=True)
class Neighbors:
    """A molecule and what lies around it, nearest first."""

    smiles: str
    """in the middle"""
    rings: int = 0
    """in how many rings they are drawn; 0 is a grid"""

    def write(self, table: pd.DataFrame, path: Path, overwrite: bool) -> None:
        """Draw into a .png or .svg."""
        if self.rings and len(table):
            write_rings(self.middle, cells(table, ("similarity",)), self.reach(table), path, overwrite=overwrite)
        else:
            write_grid([self.middle, *self.near(table)], path, columns=COLUMNS, overwrite=overwrite)

    def page(self, table: pd.DataFrame) -> str:
        """Return the page."""
        picture = cards([self.middle, *self.near(table)])
        if self.rings and len(table):
            around = cells(table, ("similarity",))
            drawn = rings_svg(self.middle, around, self.reach(table), ground="var(--ground)")
            picture = Html(f'<figure class="wide">{pan(drawn, readable(self.reach(table)), "rings")}</figure>')
        lead = "Distance is in latent standard deviations, similarity is Tanimoto of Morgan fingerprints of radius 2."
        title = f"{len(table):,} neighbours of {self.smiles}"
        return explored_page(title, lead, [Section("Nearest first, from the middle outwards", picture)], table)

    @property
    def middle(self) -> Cell:
        """The molecule itself."""
        return Cell(self.smiles, ("the middle",))

    def near(self, table: pd.DataFrame) -> list[Cell]:
        """Return the neighbours that a grid shows."""
        return cells(table.head(PICTURED), ("distance", "similarity", "logp", "qed", "sa"))

    def reach(self, table: pd.DataFrame) -> list[float]:
        """Return the largest distance in each ring."""
        return [float(far) for far in table.groupby("ring")["distance"].max()]


@dataclass(frozen=True)
class Walk:
    """A line between two molecules, or a grid between four."""

    corners: tuple[str, ...]
    """as they were given"""
    steps: int
    """points along a side"""

    def write(self, table: pd.DataFrame, path: Path, overwrite: bool) -> None:
        """Draw into a .png or .svg: a line is folded and shows its ends as given, a grid keeps its shape."""
        if self.is_line:
            write_grid(self.line(table), path, columns=COLUMNS, overwrite=overwrite)
        else:
            write_grid(self.points(table), path, columns=self.steps, overwrite=overwrite)

    def page(self, table: pd.DataFrame) -> str:
        """Return the page."""
        valid = f"{int(table['smiles'].notna().sum()):,} of {len(table):,} points decode to a molecule."
        lead = f"{valid} Similarity is to the first corner: Tanimoto of Morgan fingerprints of radius 2."
        if self.is_line:
            return explored_page(
                "From one molecule to another", lead, [Section("The way", cards(self.line(table)))], table
            )
        drawn = f'<div class="scroll"><div class="fixed c{self.steps}" style="--columns:{self.steps}">'
        grid = Html(f"{drawn}{cards(self.points(table))}</div></div>")
        return explored_page("Between four molecules", lead, [Section("The grid", grid)], table)

    @property
    def is_line(self) -> bool:
        """Whether there are two ends."""
        return len(self.corners) == 2  # noqa: PLR2004 (the ends)

    def line(self, table: pd.DataFrame) -> list[Cell]:
        """Return the points with the ends as they were given."""
        ends = [Cell(smiles, (word,)) for smiles, word in zip(self.corners, ("from", "to"), strict=True)]
        return [ends[0], *self.points(table), ends[1]]

    def points(self, table: pd.DataFrame) -> list[Cell]:
        """Return what stands at each point."""
        return cells(table, ("similarity", "qed", "sa"))


@dataclass(frozen=True)
class Beside:
    """Samples of one model beside those of another, as they came: what is no molecule is drawn as none."""

    drawn: Mapping[str, pd.DataFrame]
    """heading to samples"""
    rule: str
    """how they were drawn"""

    def write(self, _: pd.DataFrame, path: Path, overwrite: bool) -> None:
        """Draw into a .png or .svg."""
        panels = [(heading, self.first(rows)) for heading, rows in self.drawn.items()]
        write_panels(panels, path, columns=COLUMNS, overwrite=overwrite)

    def page(self, table: pd.DataFrame) -> str:
        """Return the page."""
        pictures = [Section(heading, cards(self.first(rows))) for heading, rows in self.drawn.items()]
        lead = f"The first of each as they came, nothing left out; {self.rule}."
        return explored_page("Random molecules of two models", lead, pictures, table)

    def first(self, rows: pd.DataFrame) -> list[Cell]:
        """Return the first samples; under one that is no molecule stands what was written."""
        return [
            Cell(str(smiles), ()) if isinstance(smiles, str) else Cell("", (shortened(str(text)),))
            for smiles, text in rows[["smiles", "text"]].head(PANEL).itertuples(index=False)
        ]


def shortened(text: str, most: int = 20) -> str:
    """Return a text that fits under a structure."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def explored_page(title: str, lead: str, pictures: Sequence[Section], table: pd.DataFrame) -> str:
    """Return the page as one self-contained HTML text.

    Args:
        title: heading.
        lead: one sentence that says what came out.
        pictures: what stands above the table.
        table: what was written; a row without SMILES has a `text` and a `reason`.
    """
    valid = table[table["smiles"].notna()].drop(columns=["text", "reason"], errors="ignore")
    sections = [*pictures, Section(f"All {len(valid):,} molecules", molecule_table(valid))]
    if "reason" in table and table["smiles"].isna().any():
        sections.append(Section("What is no molecule, and why", rejected(table[table["smiles"].isna()])))
    return page(
        title,
        [*sections, Section("Run it again", command(asked()))],
        lead=lead,
        foot=made_with("RDKit"),
    )
