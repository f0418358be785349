"""Guarded work: a function over many items in processes of its own; an item that hangs or kills one costs itself alone.

The limit is the kernel's: it ends a process that has used too much time, even in the middle of a call into RDKit, which
neither a thread nor a signal handler of Python could interrupt, and even if nobody is left to watch. What a process is
to run is named when it is started; what then goes to it and comes back is JSON and the bytes of arrays.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from chemvae import errors
from chemvae.chem.parcels import packed, unpacked
from chemvae.chem.serve import LATE, NO_MEMORY
from chemvae.errors import ChemvaeError

Answer = TypeVar("Answer", covariant=True)
Tag = TypeVar("Tag")

SLICE = 200  # items handed over at once: half a second of work
DEEP = 8  # slices that wait in a process, so that it has work while we predict
AHEAD = 3  # tasks in flight per process: memory does not grow with the table
HOPELESS = 20  # processes that end one after the other without an answer: it is not the items
PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from chemvae.chem.serve import serve; "
    "parent, connection = int(sys.argv.pop()), int(sys.argv.pop()); serve(connection, parent, sys.argv.pop())"
)


@runtime_checkable
class Work(Protocol[Answer]):
    """A function over items that another process can make again."""

    @property
    def maker(self) -> str:
        """MODULE:NAME of a function that takes `plain()` and returns one from items to a plain answer."""

    def plain(self) -> Any:
        """Return the settings as plain values and arrays."""

    def answer(self, told: Any) -> Answer:
        """Return an answer out of the plain one."""

    def lost(self, reason: str) -> Answer:
        """Return what to answer for one item, given the reason why there is no answer."""


@dataclass(eq=False, slots=True)
class Part:
    """Some items of a task."""

    owner: "Task[Any]"
    """whose items they are"""
    at: int
    """the first one's number in the task"""
    items: Sequence[Any]
    """what to work on"""


@dataclass(eq=False, slots=True)
class Task(Generic[Tag]):
    """Items that belong together, and what is known of them."""

    tag: Tag
    """what the caller calls them"""
    left: int
    """how many have no answer yet"""
    answers: dict[int, Any] = field(default_factory=dict)
    """by the number of the first item that each is about"""


class Child:
    """A process that works on one part after another."""

    def __init__(self, maker: str, first: bytes):
        """Start it.

        Args:
            maker: MODULE:NAME of what makes the function.
            first: its settings and the limit, packed.
        """
        self.connection, theirs = Pipe()
        self.parts, self.ready = deque[Part](), False
        command = [sys.executable, "-c", PROGRAM, maker, str(theirs.fileno()), str(os.getpid()), json.dumps(sys.path)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=2,  # what a library prints is no result
            pass_fds=(theirs.fileno(),),
            env={"OMP_NUM_THREADS": "1", **os.environ},
        )
        theirs.close()
        self._send(first)

    def begin(self, part: Part) -> None:
        """Hand it a part."""
        self.parts.append(part)
        self._send(packed(list(part.items)))

    def said(self) -> Any:
        """Return what it said; raises EOFError if it is gone."""
        try:
            return unpacked(self.connection.recv_bytes())
        except OSError:
            raise EOFError from None

    def end(self) -> int:
        """Kill it and return its exit code: negative for a signal."""
        code: int | None = None
        if self.connection.closed is False:
            self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(timeout=1.0)
        self.process.kill()
        return self.process.wait() if code is None else code

    def _send(self, message: bytes) -> None:
        with contextlib.suppress(OSError):  # it is dead already; that is found out when it is listened to
            self.connection.send_bytes(message)


class Guard(Generic[Answer]):
    """Processes that work on tasks, each item under a limit; a context."""

    def __init__(self, work: Work[Answer], *, jobs: int, limit: float):
        """Store what to do; processes start with the first task.

        Args:
            work: what to do with some items.
            jobs: how many processes.
            limit: seconds of processor time that one item may take.
        """
        self.work, self.jobs, self.limit = work, max(jobs, 1), limit
        self._first = packed([work.plain(), limit])
        self._children: list[Child] = []
        self._waiting = deque[Part]()
        self._ended = 0

    def __enter__(self) -> "Guard[Answer]":
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            child.process.kill()
        while self._children:
            self._children.pop().end()

    def each(self, tasks: Iterable[tuple[Tag, Sequence[Any]]]) -> Iterator[tuple[Tag, list[Answer]]]:
        """Yield for each task the answers about its items, in order; a few tasks are in flight, never all."""
        source, flying = iter(tasks), deque[Task[Tag]]()
        more = True
        while more or flying:
            while more and len(flying) < AHEAD * self.jobs:
                found = next(source, None)
                if found is None:
                    more = False
                    break
                flying.append(self._cut(*found))
            self._hand_out()
            while flying and not flying[0].left:
                task = flying.popleft()
                yield task.tag, [answer for _, answer in sorted(task.answers.items())]
                self._listen(0.0)
                self._hand_out()
            if flying:
                self._listen(None)

    def _cut(self, tag: Tag, items: Sequence[Any]) -> Task[Tag]:
        task = Task(tag, len(items))
        self._waiting += [Part(task, at, items[at : at + SLICE]) for at in range(0, len(items), SLICE)]
        return task

    def _hand_out(self) -> None:
        """Give parts to those who have the fewest, and start processes if there is work for them."""
        while self._waiting:
            if len(self._children) < self.jobs:
                self._children.append(Child(self.work.maker, self._first))
            child = min(self._children, key=lambda one: len(one.parts))
            if len(child.parts) >= DEEP:
                return
            child.begin(self._waiting.popleft())

    def _listen(self, patience: float | None) -> None:
        """Take in what children say; without patience, wait until one says something."""
        ready = wait([child.connection for child in self._children], timeout=patience)
        for child in [child for child in self._children if child.connection in ready]:
            try:
                while child.connection.poll():
                    self._take(child, child.said())
            except EOFError:
                self._bury(child)

    def _take(self, child: Child, said: list[Any]) -> None:
        kind, answer = said
        if kind:
            raise error_of(kind, answer)
        if not child.ready:
            child.ready = True
            return
        part = child.parts.popleft()
        part.owner.answers[part.at] = self.work.answer(answer)
        part.owner.left -= len(part.items)
        self._ended = 0

    def _bury(self, child: Child) -> None:
        """Find out why a process ended; its first part is to blame, and of that, the item that does it alone."""
        self._children.remove(child)
        code = child.end()
        self._ended += 1
        if not child.ready or self._ended > HOPELESS:
            raise ChemvaeError(
                f"Expected {self.jobs} processes to work on molecules, but one after another ended ({why(code)}), most "
                "often for want of memory. Use fewer with --jobs."
            )
        suspect, *others = child.parts or [None]
        again: list[Part] = list(filter(None, others))
        if suspect is not None and len(suspect.items) > 1:
            again = [Part(suspect.owner, suspect.at + i, [one]) for i, one in enumerate(suspect.items)] + again
        elif suspect is not None and code == -signal.SIGKILL:  # by somebody, as for want of memory: not its own doing
            again = [suspect, *again]
        elif suspect is not None:
            late = -code in LATE
            reason = f"took over {self.limit:g} s" if late else f"ended its process ({why(code)})"
            suspect.owner.answers[suspect.at] = self.work.lost(reason)
            suspect.owner.left -= 1
            self._ended = 0 if late else self._ended
        self._waiting.extendleft(reversed(again))


def why(code: int) -> str:
    """Say how a process ended."""
    if code >= 0:
        return "it ran out of memory" if code == NO_MEMORY else f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def error_of(kind: str, said: str) -> ChemvaeError:
    """Return the error that was raised on purpose in another process, by its name."""
    found = getattr(errors, kind, None)
    return found(said) if isinstance(found, type) and issubclass(found, ChemvaeError) else ChemvaeError(said)
