"""Show how far a long walk is: a bar on a terminal, a plain line now and then elsewhere; always on standard error."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")

EVERY = 15.0  # seconds between two lines in a log


def tell(line: str) -> None:
    """Write one line to standard error, which leaves standard output to results."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def watch(
    parts: Iterable[Part],
    total: int | None,
    what: str,
    *,
    size: Callable[[Part], int] = lambda _: 1,
    quiet: bool = False,
) -> Iterator[Part]:
    """Pass the parts on and show how far they have come.

    Args:
        parts: what is walked through.
        total: how much there is in all; None if nobody knows, as for a table that is read as it comes.
        what: the unit, in words: `molecules`.
        size: how much a part is of it.
        quiet: show nothing.
    """
    if quiet:
        yield from parts
        return
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, unit=f" {what}", leave=False) as bar:
            for part in parts:
                bar.update(size(part))
                yield part
        return
    done, told = 0, time.monotonic()
    for part in parts:
        done += size(part)
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            tell(f"{done:,} of {total:,} {what}" if total is not None else f"{done:,} {what}")
        yield part
