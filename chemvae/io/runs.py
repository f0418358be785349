"""Run folders: what a training leaves for a person to read and for a resume to go on from."""

import contextlib
import math
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chemvae.errors import ConfigError, ExistsError
from chemvae.io.alone import refuse_busy
from chemvae.io.atomic import atomic_path, refuse_existing

PACKAGES = ("chemvae", "torch", "pytorch-lightning", "rdkit", "botorch", "selfies", "numpy", "pandas", "scikit-learn")
BUNDLE = "model"
"""Name of the bundle inside a run folder."""


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return the versions of Python and of packages, by default of every one that can change a figure."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def manifest(**more: Any) -> dict[str, Any]:
    """Return what a run's manifest says: when, by which command, with what, and more."""
    command = ["chemvae" if i == 0 else word for i, word in enumerate(sys.argv)]
    return {
        "format_version": 1,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "platform": platform.platform(),
        "versions": versions(),
        **more,
    }


def check_tracks(tracks: Sequence[str]) -> None:
    """Raise for a place to show the log whose package is not installed, before anything is made or removed.

    Raises:
        ConfigError: there is one.
    """
    for track in tracks:
        if find_spec(track) is None:
            raise ConfigError(
                f"Expected {track} for train.track, but it is not installed. Run pip install 'chemvae[track]', or "
                "drop it."
            )


def is_run(folder: Path) -> bool:
    """Whether a folder is a training run."""
    return (folder / "run.toml").is_file()


def as_json(row: dict[str, float]) -> dict[str, float | None]:
    """Return figures as JSON can hold them: null for what a training that broke down left no number for."""
    return {name: value if math.isfinite(value) else None for name, value in row.items()}


@contextlib.contextmanager
def new_run(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a folder to begin a run in; it takes its place in one step, so that a kill leaves a whole run or none.

    Raises:
        ExistsError: something is there that is no old run to overwrite, or somebody works in it.
    """
    refuse_existing(out, overwrite=overwrite)
    if out.exists() and not (out.is_dir() and (is_run(out) or not any(out.iterdir()))):
        raise ExistsError(
            f"Expected a training run to overwrite at {out}, but it is something else. Choose another name."
        )
    refuse_busy(out)
    with atomic_path(out) as beside:
        beside.mkdir()
        yield beside
