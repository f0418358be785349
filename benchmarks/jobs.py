"""Many runs on all cores, each kept as a JSON file, so that what was killed goes on where it stood."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from chemvae.io.atomic import read_json, write_json

Job = TypeVar("Job")


def played(play: Callable[[Job], dict[str, Any]], jobs: Sequence[Job], workers: int) -> Iterator[dict[str, Any]]:
    """Yield what each job gives, in the order in which they end; processes are started afresh."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(play, job) for job in jobs]):
            yield done.result()


def kept(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a file holds; if it is not there, make it and write the file."""
    if not path.is_file():
        write_json(path, make())
    found: dict[str, Any] = read_json(path)
    return found
