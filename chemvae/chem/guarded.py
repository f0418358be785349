"""Guarded work: a function over many items in processes of its own; an item that hangs or kills one costs itself alone.

The limit is the kernel's: it ends a process that has used too much time, even in the middle of a call into RDKit, which
neither a thread nor a signal handler of Python could interrupt, and even if nobody is left to watch. One that somebody
has stopped, no limit ends: who asks replaces it when it has said nothing for long. What a process is to run is named
when it is started; what then goes to it and comes back is JSON and the bytes of arrays.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import wait
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from chemvae import errors
from chemvae.chem.parcels import packed, unpacked
from chemvae.chem.serve import IDLE, End, hurry
from chemvae.errors import ChemvaeError

Answer = TypeVar("Answer", covariant=True)
Tag = TypeVar("Tag")

SLICE = 200  # items handed over at once: half a second of work
DEEP = 8  # slices that wait in a process, so that it has work while we predict
AHEAD = 3  # tasks in flight per process: memory does not grow with the table
HOPELESS = 20  # items that end a process each, and nothing is answered in between: it is not the items
START = 60.0  # seconds that a process may take to begin, on a busy machine
STEPS = 10  # looks at who is silent, before it is so for too long
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
    ends: int = 0
    """how many processes it has ended alone"""


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

    def __init__(self, maker: str, first: bytes, known: bytes, grace: float):
        """Start it.

        Args:
            maker: MODULE:NAME of what makes the function.
            first: its settings and the limit, packed.
            known: items that it must be able to do, packed; none, if that is empty.
            grace: seconds that a message may be stuck on the way.
        """
        self.connection, theirs = Pipe()
        hurry(self.connection, grace)
        self.parts, self.ready, self.on_trial = deque[Part](), False, known != b""
        self.silence, self.stuck = 0.0, False
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
        if known:
            self._send(known)

    def begin(self, part: Part) -> None:
        """Hand it a part."""
        self.parts.append(part)
        self._send(packed(list(part.items)))

    def said(self) -> Any:
        """Return what it said; raises EOFError if it is gone."""
        try:
            return unpacked(self.connection.recv_bytes())
        except OSError as error:
            self.stuck = self.stuck or isinstance(error, BlockingIOError)
            raise EOFError from None

    @property
    def beginning(self) -> bool:
        """Whether it has yet to show that it can work: how it ends is then no fault of its parts."""
        return self.on_trial or not self.ready

    def wait(self, seconds: float, grace: float) -> None:
        """Note that it said nothing for a while, and kill it when it has work and is silent for too long."""
        self.silence += seconds if self.parts or self.beginning else 0.0
        if self.silence > grace + (0.0 if self.ready else START):
            self._kill()

    def end(self) -> End:
        """Kill it and return how it ended."""
        code: int | None = None
        if self.connection.closed is False:
            self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(timeout=1.0)
        self.process.kill()
        return End(self.process.wait() if code is None else code, self.stuck)

    def _send(self, message: bytes) -> None:
        try:
            self.connection.send_bytes(message)
        except BlockingIOError:
            self._kill()
        except OSError:
            pass  # it is dead already; that is found out when it is listened to

    def _kill(self) -> None:
        """End it for its silence; that too is found out when it is listened to."""
        self.stuck = True
        self.process.kill()


class Guard(Generic[Answer]):
    """Processes that work on tasks, each item under a limit; a context."""

    def __init__(self, work: Work[Answer], *, jobs: int, limit: float, grace: float | None = None):
        """Store what to do; processes start with the first task.

        Args:
            work: what to do with some items.
            jobs: how many processes.
            limit: seconds of processor time that one item may take.
            grace: seconds that a process may say nothing; None is more than its own clock allows an item.
        """
        self.work, self.jobs, self.limit = work, max(jobs, 1), limit
        self.grace = IDLE * limit + START if grace is None else grace
        self._first, self._known = packed([work.plain(), limit]), b""
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
                self._listen(self.grace / STEPS)

    def _cut(self, tag: Tag, items: Sequence[Any]) -> Task[Tag]:
        task = Task(tag, len(items))
        self._waiting += [Part(task, at, items[at : at + SLICE]) for at in range(0, len(items), SLICE)]
        return task

    def _hand_out(self) -> None:
        """Give parts to those who have the fewest, and start processes if there is work for them."""
        while self._waiting:
            if len(self._children) < self.jobs:
                self._children.append(Child(self.work.maker, self._first, self._known, self.grace))
            child = min(self._children, key=lambda one: len(one.parts))
            if len(child.parts) >= DEEP:
                return
            child.begin(self._waiting.popleft())

    def _listen(self, patience: float) -> None:
        """Take in what children say, or wait for it, and note who is silent."""
        before = monotonic()
        ready = wait([child.connection for child in self._children], timeout=patience)
        waited = min(monotonic() - before, patience)  # a longer one was ours: somebody stopped us, too
        for child in list(self._children):
            if child.connection in ready:
                self._hear(child)
            else:
                child.wait(waited, self.grace)

    def _hear(self, child: Child) -> None:
        try:
            while child.connection.poll():
                self._take(child, child.said())
        except EOFError:
            self._bury(child)

    def _take(self, child: Child, said: list[Any]) -> None:
        kind, answer = said
        if kind:
            raise error_of(kind, answer)
        child.silence = 0.0
        if not child.ready:
            child.ready = True
            return
        self._ended = 0
        if child.on_trial:
            child.on_trial = False
            return
        part = child.parts.popleft()
        part.owner.answers[part.at] = self.work.answer(answer)
        part.owner.left -= len(part.items)
        self._known = self._known or packed(list(part.items[:1]))  # what a new process must be able to do

    def _bury(self, child: Child) -> None:
        """Find out why a process ended; its first part is to blame, and of that, the item that does it alone.

        Raises:
            ChemvaeError: it is not the items.
        """
        self._children.remove(child)
        end = child.end()
        if child.beginning:
            self._ended += 1
            self._known = b"" if end.late else self._known
            self._waiting.extendleft(reversed(child.parts))
        elif child.parts:
            suspect, *others = child.parts
            self._waiting.extendleft(reversed(others))
            self._blame(suspect, end)
        if self._ended > HOPELESS or (end.own and not child.ready):
            raise ChemvaeError(
                f"Expected {self.jobs} processes to work on molecules, but one after another ended ({end}), most "
                "often for want of memory. Use fewer with --jobs."
            )

    def _blame(self, suspect: Part, end: End) -> None:
        """Give an item its reason, unless it is to be tried again, alone, behind all that may come to an answer."""
        if len(suspect.items) > 1:
            self._waiting += [Part(suspect.owner, suspect.at + i, [one]) for i, one in enumerate(suspect.items)]
            return
        suspect.ends += 1
        self._ended = 0 if end.late else self._ended + (suspect.ends == 1)
        if suspect.ends < end.tries:
            self._waiting.append(suspect)
            return
        suspect.owner.answers[suspect.at] = self.work.lost(end.reason(self.limit, self.grace))
        suspect.owner.left -= 1


def error_of(kind: str, said: str) -> ChemvaeError:
    """Return the error that was raised on purpose in another process, by its name."""
    found = getattr(errors, kind, None)
    return found(said) if isinstance(found, type) and issubclass(found, ChemvaeError) else ChemvaeError(said)
