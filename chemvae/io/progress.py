"""Show how far a long walk is: a bar on a terminal, a line a minute elsewhere; always on standard error."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from enum import IntEnum
from typing import TypeVar

Part = TypeVar("Part")

MINUTE, HOUR = 60.0, 3600.0
EVERY = MINUTE  # seconds between two lines in a log
OFTEN = 5.0  # the same, if somebody wants to know all
SOON = 0.5  # seconds before which a rate says nothing


class Level(IntEnum):
    """How much is told."""

    QUIET = -1
    """results and errors"""
    PLAIN = 0
    """what is done, and how far it is"""
    ALL = 1
    """that oftener, and more of it"""


_LEVEL: ContextVar[Level] = ContextVar("level", default=Level.PLAIN)


@contextlib.contextmanager
def telling_at(level: Level) -> Iterator[None]:
    """Tell so much, until the context ends."""
    before = _LEVEL.set(level)
    try:
        yield
    finally:
        _LEVEL.reset(before)


def level() -> Level:
    """Return how much is told."""
    return _LEVEL.get()


def tell(line: str, at: Level = Level.PLAIN) -> None:
    """Write one line to standard error, which leaves standard output to results; unless so much is not wanted."""
    if level() >= at:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def bar_wanted() -> bool:
    """Return whether a bar may be drawn: on a terminal, unless somebody wants it quiet."""
    return sys.stderr.isatty() and level() > Level.QUIET


class Pace:
    """How far a walk is, and whether it is time to say so again."""

    def __init__(self, total: int | None, what: str, done: int = 0):
        """Begin now.

        Args:
            total: how much there is in all; None if nobody knows.
            what: the unit, in words.
            done: how much was done before.
        """
        self.total, self.what, self.done, self._before = total, what, done, done
        self._began = self._told = time.monotonic()

    def due(self) -> bool:
        """Return whether the last line is long ago, and take it that one is written now."""
        now = time.monotonic()
        if now - self._told <= (OFTEN if level() >= Level.ALL else EVERY):
            return False
        self._told = now
        return True

    def __str__(self) -> str:
        took = time.monotonic() - self._began
        said = f"{self.done:,} {self.what}" if self.total is None else f"{self.done:,} of {self.total:,} {self.what}"
        if self.done == self._before or took < SOON:
            return said
        rate = (self.done - self._before) / took
        said += f", {rate:,.0f} a second" if rate >= 10 else f", {rate:.2g} a second"  # noqa: PLR2004 (two digits)
        left = "" if self.total is None else f", {duration((self.total - self.done) / rate)} left"
        return said + left


def duration(seconds: float) -> str:
    """Write a time as people say it."""
    if seconds < MINUTE:
        return f"{max(seconds, 0.0):.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def watch(
    parts: Iterable[Part],
    total: int | None,
    what: str,
    *,
    size: Callable[[Part], int] = lambda _: 1,
    quiet: bool = False,
) -> Iterator[Part]:
    """Pass the parts on and show how far they have come, how fast they go and what time is left.

    Args:
        parts: what is walked through.
        total: how much there is in all; None if nobody knows, as for a table that is read as it comes.
        what: the unit, in words: `molecules`.
        size: how much a part is of it.
        quiet: show nothing.
    """
    if quiet or level() <= Level.QUIET:
        yield from parts
        return
    if bar_wanted():
        from tqdm import tqdm

        with tqdm(total=total, unit=f" {what}", leave=False) as bar:
            for part in parts:
                bar.update(size(part))
                yield part
        return
    pace = Pace(total, what)
    for part in parts:
        pace.done += size(part)
        if pace.due():
            tell(str(pace))
        yield part
