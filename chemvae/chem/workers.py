"""Spread a function over chunks of a list and over processes; the answers come in the order of the question."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from chemvae.errors import ChemvaeError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

CHUNK = 500  # molecules a task: about a second of work, so that a bar moves and a process start is paid for


def in_chunks(
    function: Callable[[Sequence[Item]], Answer], items: Sequence[Item], *, jobs: int = 1, size: int = CHUNK
) -> Iterator[Answer]:
    """Yield what the function makes of each chunk, in order.

    Args:
        function: a function of a module (it travels to other processes by name), from a list to anything picklable.
        items: what to spread.
        jobs: processes; 1 stays in this one, and so does what fits into one chunk.
        size: items in a chunk.
    """
    chunks = [items[at : at + size] for at in range(0, len(items), size)]
    if jobs <= 1 or len(chunks) <= 1:
        yield from map(function, chunks)
        return
    # Why joblib's loky and not multiprocessing: a fork of a process that runs torch's threads can hang, and spawn or
    # forkserver import the caller's script again, which then needs `if __name__ == "__main__"`. Loky starts clean
    # processes that import this package only, and it says so when one of them is killed.
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    spread = joblib.Parallel(n_jobs=min(jobs, len(chunks)), return_as="generator", pre_dispatch="3*n_jobs")
    try:
        yield from spread(joblib.delayed(function)(chunk) for chunk in chunks)
    except TerminatedWorkerError:
        raise ChemvaeError(
            f"Expected {jobs} processes to finish their molecules, but one was killed, most often for want of memory. "
            "Use fewer with --jobs."
        ) from None
