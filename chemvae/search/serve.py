"""A worker process: it holds the functions of an objective and answers one question after another, in plain JSON."""

import json
import os
import pickle
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from chemvae.errors import ChemvaeError
from chemvae.search.answers import Function, answered, told

READY, VALUES, RAISED, UNUSABLE = "ready", "values", "raised", "unusable"
"""What a worker may say: it can begin; numbers; the function raised; the function can never be used."""


def serve(connection_fd: int, lifeline_fd: int) -> None:
    """Answer questions until there are no more; end with everything that was started when the asker is gone.

    Args:
        connection_fd: where the functions come from, then the questions, and where the answers go.
        lifeline_fd: a pipe that ends when the asker does.
    """
    threading.Thread(target=_die_with, args=(lifeline_fd,), daemon=True).start()
    connection = Connection(connection_fd)
    packed = connection.recv_bytes()
    try:
        functions: Mapping[str, Function] = pickle.loads(packed)  # of our own parent, through a pipe that nobody shares
    except BaseException as error:  # noqa: BLE001 - importing a user's module may raise anything
        _send(connection, [UNUSABLE, f"Expected to load the objective in a worker, but got {told(error)}."])
        return
    _send(connection, [READY])
    while True:
        try:
            name, smiles = json.loads(connection.recv_bytes())
        except EOFError:
            return
        _send(connection, reply(name, functions[name], smiles))


def reply(name: str, function: Function, smiles: list[str]) -> list[Any]:
    """Return what to say about molecules: numbers with reasons, or what went wrong."""
    try:
        values, reasons = answered(name, function, smiles)
    except ChemvaeError as error:
        return [UNUSABLE, str(error)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's function may raise anything
        return [RAISED, told(error)]
    return [VALUES, values.tolist(), reasons]


def _send(connection: Connection, message: list[Any]) -> None:
    connection.send_bytes(json.dumps(message).encode())


def _die_with(lifeline_fd: int) -> None:
    """Wait for the end of the asker, then end this process and what it started, even in the middle of a call."""
    os.read(lifeline_fd, 1)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
