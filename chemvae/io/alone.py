"""One process at a time in a folder: a second one that would work there is told, and a killed one holds nothing."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from chemvae.errors import ExistsError

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def alone_in(folder: Path | str) -> Iterator[None]:
    """Hold a folder as long as the block runs; the kernel gives it back however the process ends.

    Where the file system has no locks, nobody is refused.

    Raises:
        ExistsError: another process works in it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ExistsError(
                    f"Expected to be alone in {folder}, but another process works there. Wait for its end, or choose "
                    "another folder."
                ) from None
            except OSError:
                pass
        yield
    finally:
        os.close(descriptor)


def refuse_busy(folder: Path | str) -> None:
    """Raise if another process works in a folder that is about to be replaced.

    Raises:
        ExistsError: it does.
    """
    if Path(folder).is_dir():
        with alone_in(folder):
            pass
