"""Small answers about words and processors that every verb needs."""

import difflib
import os
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the nearest known word, or nothing if none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def n_jobs(jobs: int | None = None) -> int:
    """Return how many processes to use: what was asked for, else `CHEMVAE_JOBS`, else every core at hand."""
    if jobs is None:
        jobs = int(os.environ.get("CHEMVAE_JOBS", "0") or 0)
    return (
        jobs if jobs > 0 else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
