"""What a person looks at after a search: the trace as a picture, and the page."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chemvae.io.searches import PICTURES, REPORT
from chemvae.report.design import Design, design_page
from chemvae.report.figures import save, trace
from chemvae.report.page import write_page
from chemvae.search.found import Found

PROGRAM = {"chemvae": ("chemvae",), "__main__": ("chemvae",)}
"""What a person typed, by the name of the file that runs; anything else is a script."""


def figures_of(found: Found) -> dict[str, Any]:
    """Return the figures of a search as plain values."""
    best = found.candidates["objective"]
    return {
        "calls": len(found.history),
        "failed_calls": int(found.history["objective"].isna().sum()),
        "start": len(found.start),
        "candidates": len(best),
        "best_start": _plain(found.start["objective"].max()),
        "best": _plain(best.max()),
        "best_10_mean": _plain(best.head(10).mean()),
        "rejected": found.reasons,
        "ending": found.ending.value,
    }


def design_of(found: Found, figures: Mapping[str, Any], *, title: str = "", command: str = "") -> Design:
    """Return a search as its page wants it.

    Args:
        found: what the search left.
        figures: what `figures_of` says of it.
        title: heading; what was maximised if nothing is given.
        command: how to do it again; the command line of this process if nothing is given.
    """
    skipped = ("smiles", "call", "objective")
    parts = [name for name in found.candidates.columns if name in found.history.columns and name not in skipped]
    words = {"best_start": "best start molecule", "best": "best candidate", "best_10_mean": "mean of the best ten"}
    return Design(
        title=title or f"Molecules with a higher {found.objective}",
        lead=f"{figures['candidates']:,} new molecules in {figures['calls']:,} oracle calls; {found.ending.value}.",
        objective=found.objective,
        start=found.start,
        found=found.candidates,
        values=found.history["objective"].to_numpy(np.float64),
        rejected=found.rejected,
        command=command or shlex.join([*PROGRAM.get(Path(sys.argv[0]).stem, ("python", sys.argv[0])), *sys.argv[1:]]),
        legends=("objective", *parts),
        facts={words[name]: round(figures[name], 3) for name in words if figures[name] is not None},
    )


def write_search(folder: Path, found: Found, figures: Mapping[str, Any]) -> None:
    """Write the trace as pictures and the page into a search's folder."""
    values = found.history["objective"].to_numpy(np.float64)
    for name in PICTURES:
        save(trace(values, name=found.objective, start=figures["best_start"]), folder / name, overwrite=True)
    write_page(folder / REPORT, design_page(design_of(found, figures)), overwrite=True)


def _plain(number: float) -> float | None:
    """Return a number as JSON can hold it."""
    return float(number) if np.isfinite(number) else None
