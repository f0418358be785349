"""A search that runs beside the pages: how far it is, a way to stop it, and what it found or why it failed."""

import sys
import threading
import traceback
from collections.abc import Callable

from chemvae.app.excuses import EXPECTED, said
from chemvae.search.found import Found
from chemvae.search.loop import Progress

Work = Callable[[Callable[[Progress], None], Callable[[], bool]], Found]
"""What is done: given a function to tell progress to, and one that says whether to stop."""


class Search:
    """One search in a thread of its own."""

    def __init__(self, title: str, budget: int, work: Work, command: str = ""):
        """Store what is to be done.

        Args:
            title: what is sought, in words.
            budget: oracle calls there are.
            work: the search.
            command: what does the same on the command line.
        """
        self.title, self.budget, self.command = title, budget, command
        self.told: list[Progress] = []
        """what was told after each batch"""
        self.found: Found | None = None
        """what was found, once it ended"""
        self.failed = ""
        """why it failed, if it did"""
        self.report = ""
        """the page about it, once somebody looked"""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True, name=f"search {title}")

    def begin(self) -> "Search":
        """Begin, and return at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to end after the batch it is at; what was found so far is kept."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it ended, or so long."""
        self._thread.join(seconds)

    @property
    def running(self) -> bool:
        """Whether it is still at it."""
        return self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    @property
    def at(self) -> Progress:
        """How far it is."""
        return self.told[-1] if self.told else Progress(0, self.budget, float("nan"), 0)

    def _run(self, work: Work) -> None:
        try:
            self.found = work(self.told.append, self._stop.is_set)
        except Exception as error:  # noqa: BLE001 - a fault of ours must reach the page, which has no other way to know
            if not isinstance(error, EXPECTED):
                traceback.print_exception(error, file=sys.stderr)
            self.failed = said(error)
