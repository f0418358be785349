"""A process that works on items for another one, under the kernel's limit; what it is to run was named at its start."""

import contextlib
import ctypes
import errno
import importlib
import math
import os
import queue
import signal
import socket
import struct
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from chemvae.chem.parcels import packed, unpacked
from chemvae.errors import ChemvaeError

IDLE = 20.0  # it may take so many times its limit by the clock, for the machine may be busy
NO_MEMORY = errno.ENOMEM
"""Exit code of one that ran out of memory."""
LATE = (signal.SIGPROF, signal.SIGALRM)
"""What ends one that took too long."""
SHOT, PAUSED = 3, 2  # ends for which an item is to blame: those that may be the doing of somebody else, see `End.tries`
FIRST = 300  # of 1000: the kernel takes it before who asks, but not before another program that takes all memory


@dataclass(frozen=True, slots=True)
class End:
    """How such a process ended."""

    code: int
    """its exit code, or minus the number of a signal"""
    stuck: bool
    """whether it was killed because it said nothing"""

    @property
    def late(self) -> bool:
        """Whether it took too long."""
        return -self.code in LATE and not self.stuck

    @property
    def tries(self) -> int:
        """How many ends like this one an item is to blame for, alone; one, unless somebody may have done it.

        Who wants memory has others killed, and what is stopped by hand is silent and late by the clock.
        """
        if self.stuck or self.code == -signal.SIGALRM:
            return PAUSED
        return SHOT if self.code == -signal.SIGKILL else 1

    @property
    def own(self) -> bool:
        """Whether it was its own doing for sure."""
        return self.tries == 1

    def reason(self, limit: float, grace: float) -> str:
        """Say why there is no answer about an item.

        Args:
            limit: seconds of processor time that it had.
            grace: seconds that its process might say nothing.
        """
        if self.stuck:
            return f"said nothing for {grace:g} s"
        if self.late:
            return f"took over {limit:g} s"
        return f"ended its process ({self}{'' if self.own else ', most often for want of memory'})"

    def __str__(self) -> str:
        """Say it in a few words."""
        if self.code >= 0:
            return "it ran out of memory" if self.code == NO_MEMORY else f"exit code {self.code}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-self.code).name
        return f"signal {-self.code}"


def serve(connection_fd: int, parent: int, maker: str) -> None:
    """Work on parts until there are no more, under the kernel's limit; this is what a child runs.

    Args:
        connection_fd: where the settings, then the parts come from, and where the answers go.
        parent: the process that asks; this one ends with it.
        maker: MODULE:NAME of what makes the function out of its settings.
    """
    die_with(parent)
    die_first()
    for late in LATE:
        signal.signal(late, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asks
    connection = Connection(connection_fd)
    settings, limit = unpacked(connection.recv_bytes())
    module, _, name = maker.partition(":")
    work = getattr(importlib.import_module(module), name)(settings)
    waiting = queue.SimpleQueue[bytes]()
    threading.Thread(target=_receive, args=(connection, waiting), daemon=True).start()
    _send(connection, "", None)
    while message := waiting.get():
        items = unpacked(message)
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.setitimer(signal.ITIMER_REAL, IDLE * limit)
        try:
            kind, answer = "", work(items)
        except ChemvaeError as error:
            kind, answer = type(error).__name__, str(error)
        except MemoryError:
            os._exit(NO_MEMORY)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(connection, kind, answer)


def _receive(connection: Connection, waiting: "queue.SimpleQueue[bytes]") -> None:
    """Take in what comes, whatever else this process does, so that two that send at once never wait for each other."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            waiting.put(connection.recv_bytes())
    waiting.put(b"")


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent is gone, where it can (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def die_first() -> None:
    """Let the kernel choose a process like this one when memory runs out, and not the one who asks (Linux)."""
    told = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError, ValueError):
        told.write_text(str(max(FIRST, int(told.read_text()))))


def hurry(connection: Connection, grace: float) -> None:
    """Let a message fail that is stuck on the way: to a process that was stopped we would send it for ever."""
    span = struct.pack("ll", math.ceil(grace), 0)
    with socket.socket(fileno=os.dup(connection.fileno())) as way:
        way.setblocking(True)  # whatever `socket.setdefaulttimeout` says
        way.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)
        way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)


def _send(connection: Connection, kind: str, answer: Any) -> None:
    """Send an answer, or what is wrong with the question, by the name of the error."""
    try:
        connection.send_bytes(packed([kind, answer]))
    except OSError:
        os._exit(1)
