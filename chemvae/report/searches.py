"""What a person looks at after a search: the trace as a picture, and the page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chemvae.io.searches import FRONTS, PICTURES, REPORT
from chemvae.report.again import asked
from chemvae.report.design import Design, design_page
from chemvae.report.figures import save, trace
from chemvae.report.fronts import Front, front_page, scatter, volume_trace
from chemvae.report.page import write_page
from chemvae.search.found import Found


def figures_of(found: Found) -> dict[str, Any]:
    """Return the figures of a search as plain values."""
    if found.front is not None:
        return front_figures_of(found)
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


def front_figures_of(found: Found) -> dict[str, Any]:
    """Return the figures of a search for a Pareto front as plain values."""
    return {
        "calls": len(found.history),
        "failed_calls": int(found.history[list(found.reference)].isna().any(axis=1).sum()),
        "start": len(found.start),
        "candidates": len(found.candidates),
        "front": 0 if found.front is None else len(found.front),
        "hypervolume": found.hypervolume,
        "reference": dict(found.reference),
        "rejected": found.reasons,
        "ending": found.ending.value,
    }


def front_of(found: Found, figures: Mapping[str, Any], *, command: str = "") -> Front:
    """Return a search for a Pareto front as its page wants it."""
    point = ", ".join(f"{name} {value:.4g}" for name, value in found.reference.items())
    return Front(
        title=f"Molecules between {' and '.join(found.reference)}",
        lead=f"{figures['front']:,} molecules that no other surpasses in everything ({found.objective}), out of "
        f"{figures['calls']:,} oracle calls; {found.ending.value}.",
        reference=found.reference,
        history=found.history,
        front=found.candidates.head(0) if found.front is None else found.front,
        found=found.candidates,
        rejected=found.rejected,
        command=command or asked(),
        facts={"hypervolume": f"{figures['hypervolume']:.4g}", "reference point": point},
    )


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
        command=command or asked(),
        legends=("objective", *parts),
        facts={words[name]: round(figures[name], 3) for name in words if figures[name] is not None},
    )


def write_search(folder: Path, found: Found, figures: Mapping[str, Any]) -> None:
    """Write the trace as pictures and the page into a search's folder."""
    if found.front is not None:
        write_front(folder, front_of(found, figures))
        return
    values = found.history["objective"].to_numpy(np.float64)
    for name in PICTURES:
        save(trace(values, name=found.objective, start=figures["best_start"]), folder / name, overwrite=True)
    write_page(folder / REPORT, design_page(design_of(found, figures)), overwrite=True)


def write_front(folder: Path, design: Front) -> None:
    """Write the front of the first two objectives and the trace of the hypervolume as pictures, and the page."""
    first, second = list(design.reference)[:2]
    for name in FRONTS:
        save(scatter(design, first, second), folder / name, overwrite=True)
    for name in PICTURES:
        save(volume_trace(design.history["hypervolume"].tolist()), folder / name, overwrite=True)
    write_page(folder / REPORT, front_page(design), overwrite=True)


def _plain(number: float) -> float | None:
    """Return a number as JSON can hold it."""
    return float(number) if np.isfinite(number) else None
