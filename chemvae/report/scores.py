"""The page of a scored table: counts, distributions, its first and most extreme rows, and what has no score."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from chemvae.report.bars import bars
from chemvae.report.digest import EACH, FIRST, SAMPLE, Digest
from chemvae.report.page import Html, Section, charts, command, facts, page, paragraph, together
from chemvae.report.tables import molecule_table, plain_table

DRAWN = 12  # columns with a histogram, and in the table of molecules


@dataclass(frozen=True, kw_only=True)
class ScoredTable:
    """A scored table, ready for its page."""

    name: str
    """of the input"""
    rows: int
    """how many came in"""
    written: int
    """how many went out"""
    reasons: Mapping[str, int]
    """how many have no score, by the kind of their reason"""
    digest: Digest
    """what was seen of them"""
    command: str
    """what to type to score it again"""
    foot: str = ""
    """versions, for the end of the page"""


def scores_page(scored: ScoredTable) -> str:
    """Return the page of a scored table as one self-contained HTML text; its size does not grow with the table."""
    digest, failed = scored.digest, sum(scored.reasons.values())
    listed = digest.listed()
    shown = listed[["row", "smiles", "shown", *digest.columns[:DRAWN], "reason"]]
    few = f"The first {FIRST} rows, and those with the lowest and highest values of each column." * (
        len(listed) < digest.rows
    )
    counted = {"rows in": f"{scored.rows:,}", "rows out": f"{scored.written:,}", "without a score": f"{failed:,}"}
    return page(
        f"Scores of {scored.name}",
        [
            Section("At a glance", facts(counted)),
            Section("What was added", _spreads(digest)),
            Section("Molecules", together(paragraph(few), molecule_table(shown, name="rows"))),
            Section("What could not be scored, and why", _failed(scored)),
            Section("Run it again", command(scored.command)),
        ],
        lead=f"{scored.rows - failed:,} of {scored.rows:,} rows have a score.",
        foot=scored.foot,
    )


def _spreads(digest: Digest) -> Html:
    """Return each column's figures, and histograms of the first ones."""
    known = {name: spread for name, spread in digest.spreads.items() if spread.n}
    if not known:
        return paragraph("No row has a value.")
    table = pd.DataFrame(
        [(name, one.n, digest.rows - one.n, one.least, one.mean, one.most) for name, one in known.items()],
        columns=["column", "values", "missing", "lowest", "mean", "highest"],
    )
    of = "" if digest.rows <= SAMPLE else f", from {SAMPLE:,} rows drawn evenly"
    return together(plain_table(table), charts(*(bars(digest.values(name), name, of) for name in list(known)[:DRAWN])))


def _failed(scored: ScoredTable) -> Html:
    """Return how often each kind of reason occurred, and the first rows of each."""
    if not scored.reasons:
        return paragraph("Every row has a score.")
    counted = pd.DataFrame(list(scored.reasons.items()), columns=["reason", "how often"])
    rows = [row for kind in scored.reasons for row in scored.digest.failed.get(kind, [])]
    if not rows:
        return plain_table(counted)
    return together(
        plain_table(counted),
        paragraph(f"The first {EACH} of each kind at most:"),
        plain_table(pd.DataFrame(rows, columns=["text", "reason"])),
    )
