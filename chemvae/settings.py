"""Small answers about words and processors that every verb needs."""

import difflib
import os
from collections.abc import Iterable

from chemvae.errors import ConfigError


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the nearest known word, or nothing if none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def n_jobs(jobs: int | None = None) -> int:
    """Return how many processes to use: what was asked for, else `CHEMVAE_JOBS`, else every core at hand.

    Raises:
        ConfigError: less than one was asked for, or `CHEMVAE_JOBS` is no whole number.
    """
    if jobs is not None and jobs < 1:
        raise ConfigError(f"Expected at least 1 process, but got {jobs}. Set --jobs, or leave it out for every core.")
    asked = os.environ.get("CHEMVAE_JOBS", "0") or "0"
    if jobs is None:
        if not asked.isdecimal():
            raise ConfigError(f"Expected a whole number in CHEMVAE_JOBS, but got {asked!r}. Unset it or write e.g. 2.")
        jobs = int(asked)
    if jobs > 0:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
