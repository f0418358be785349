"""Files written whole or not at all: beside the place, then renamed into it."""

import contextlib
import errno
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chemvae.errors import ExistsError, InputError
from chemvae.io.processes import host, runs, started


@contextlib.contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes its name if the block succeeds and vanishes if not.

    The block may write a file or make a folder there. An existing file is replaced; an existing folder is replaced
    only by a folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    here = hashlib.sha256(host().encode()).hexdigest()[:8]
    sweep(path, here)
    owner = f"{here}-{os.getpid()}-{started(os.getpid())}"
    holder = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.{owner}.", dir=path.parent))
    inside = holder / path.name
    try:
        yield inside
        if inside.is_dir() and path.is_dir():
            os.replace(path, holder / f"{path.name}.replaced")
        os.replace(inside, path)
    except OSError as error:
        if error.filename is None and error.errno in FULL:
            error.filename = str(path)
        raise
    finally:
        shutil.rmtree(holder, ignore_errors=True)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a disk without room says, which names no file."""


def sweep(path: Path, here: str) -> None:
    """Remove what processes of this host left beside a path when they were killed before they could rename it.

    Args:
        path: the place that they wrote for.
        here: this host, as the names of temporary folders say it.
    """
    owned = re.compile(rf"{re.escape(f'.{path.name[:40]}.{here}-')}(\d+)-(\d*)\..+")
    for sibling in path.parent.glob(f".{glob.escape(path.name[:40])}.{here}-*"):
        owner = owned.fullmatch(sibling.name)
        if owner and not runs(int(owner[1]), owner[2]):
            shutil.rmtree(sibling, ignore_errors=True)


def refuse_existing(path: Path | str, *, overwrite: bool = False) -> None:
    """Raise unless nothing stands at `path`, or an empty folder, or overwriting was asked for.

    Raises:
        ExistsError: something is there.
    """
    path = Path(path)
    if overwrite or not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    raise ExistsError(f"Expected a new output, but {path} exists. Choose another name or add --overwrite.")


def write_text(path: Path | str, text: str) -> None:
    """Write a text file whole or not at all."""
    with atomic_path(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path | str, value: Any) -> None:
    """Write plain values as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        InputError: it is missing or no JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Expected a JSON file at {path}, but got: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"Expected JSON in {path}, but got something else: {error}.") from None


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
