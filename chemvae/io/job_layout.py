"""What lies in the folder of a job, by name: only what has these names and forms is taken for a job's and removed."""

import contextlib
import re
from pathlib import Path

from chemvae.errors import InputError
from chemvae.io.atomic import read_json

MANIFEST, PLAN, SHARDS = "manifest.json", "plan.csv", "shards"
PART = f"{PLAN}.part"
"""A plan that is being written."""
LEASES, WORKERS = "leases", "workers"
REMOVED = "removed.json"
"""What becomes of the manifest of a job that is being removed."""
REPORT = "report.html"
"""The page of a finished job."""
KIND = "score"
"""What its manifest says that it is."""

OF_A_SHARD = re.compile(r"\d{6,}\.(parquet|json)")


def is_remains(folder: Path) -> bool:
    """Whether a folder holds nothing, or nothing but what a job leaves that was killed before it began or as it ended.

    Such a job has said who works on it, or has kept what its manifest was; a folder with files of the same names alone
    is somebody else's.
    """
    if not folder.is_dir():
        return False
    names = {one.name for one in folder.iterdir()}
    signed = _was_a_job(folder / REMOVED) if REMOVED in names else bool(names & {LEASES, WORKERS})
    return not names or (signed and all(_is_of_a_job(folder / name) for name in names))


def _was_a_job(removed: Path) -> bool:
    with contextlib.suppress(InputError):
        found = read_json(removed)
        return isinstance(found, dict) and found.get("kind") == KIND
    return False


def _is_of_a_job(one: Path) -> bool:
    match one.name:
        case "plan.csv" | "plan.csv.part" | "removed.json" | "report.html":
            return one.is_file()
        case "shards":
            return one.is_dir() and all(OF_A_SHARD.fullmatch(inner.name) for inner in one.iterdir())
        case "leases":
            return one.is_dir() and all(inner.is_symlink() for inner in one.iterdir())
        case "workers":
            return one.is_dir() and all(
                inner.is_symlink() or inner.suffix in (".json", ".part") for inner in one.iterdir()
            )
    return one.name.startswith(f".{MANIFEST}.") and one.is_dir()
