"""A process that works on items for another one, under the kernel's limit; what it is to run was named at its start."""

import contextlib
import ctypes
import errno
import importlib
import os
import queue
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any

from chemvae.chem.parcels import packed, unpacked
from chemvae.errors import ChemvaeError

IDLE = 20.0  # it may take so many times its limit by the clock, for the machine may be busy
NO_MEMORY = errno.ENOMEM
"""Exit code of one that ran out of memory."""
LATE = (signal.SIGPROF, signal.SIGALRM)
"""What ends one that took too long."""


def serve(connection_fd: int, parent: int, maker: str) -> None:
    """Work on parts until there are no more, under the kernel's limit; this is what a child runs.

    Args:
        connection_fd: where the settings, then the parts come from, and where the answers go.
        parent: the process that asks; this one ends with it.
        maker: MODULE:NAME of what makes the function out of its settings.
    """
    die_with(parent)
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


def _send(connection: Connection, kind: str, answer: Any) -> None:
    """Send an answer, or what is wrong with the question, by the name of the error."""
    try:
        connection.send_bytes(packed([kind, answer]))
    except OSError:
        os._exit(1)
