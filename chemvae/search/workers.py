"""Workers: an objective's functions in processes of their own, so that a hang or a crash costs one molecule."""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any

from chemvae.errors import InputError, OracleError
from chemvae.search.answers import Function, told
from chemvae.search.serve import READY, UNUSABLE, VALUES
from chemvae.settings import n_jobs

LONGEST_START = 300.0  # seconds for a worker to import what the objective needs
LOOK = 1.0  # seconds between two looks whether a worker is still alive
PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from chemvae.search.serve import serve; "
    "lifeline, connection = int(sys.argv.pop()), int(sys.argv.pop()); serve(connection, lifeline)"
)
"""Why not multiprocessing's spawn: it imports the caller's script again, which then needs a guard around its main."""


@dataclass(frozen=True, kw_only=True)
class Workers:
    """How an objective's functions are called."""

    workers: int = 0
    """processes; 0 calls them in this one, unless there is a time-out, which needs one"""
    timeout: float | None = None
    """seconds that a molecule may take; its worker is then killed and replaced"""
    retries: int = 0
    """how often a molecule is tried again after a raise, a time-out or a crash; a NaN is an answer, and final"""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: one cannot be.
        """
        for name, value in (("workers", self.workers), ("retries", self.retries)):
            if value < 0:
                raise InputError(f"Expected {name} of at least 0, but got {value}. Set --{name}.")
        if self.timeout is not None and not (math.isfinite(self.timeout) and self.timeout > 0):
            raise InputError(f"Expected a time-out above 0 seconds, but got {self.timeout:g}. Set --timeout.")

    @property
    def apart(self) -> bool:
        """Whether functions run in processes of their own."""
        return self.workers > 0 or self.timeout is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one function said of one molecule."""

    row: int
    """which molecule of those asked about"""
    name: str
    """which function"""
    value: float
    """NaN if there is none"""
    reason: str
    """why there is none"""


@dataclass(frozen=True, slots=True)
class Job:
    """Molecules for one function, handed out together."""

    name: str
    """which function"""
    rows: tuple[int, ...]
    """which molecules"""
    tried: int = 0
    """how often they were tried before"""

    def again(self, retries: int) -> "list[Job]":
        """Return what to try after a failure: its molecules one by one, or the only one once more, or nothing."""
        if len(self.rows) > 1:
            return [Job(self.name, (row,)) for row in self.rows]
        return [replace(self, tried=self.tried + 1)] if self.tried < retries else []


class Worker:
    """One process with the functions, at most one job at a time."""

    def __init__(self, packed: bytes, threads: int):
        """Start it; it is ready when it says so.

        Args:
            packed: the functions by name, pickled.
            threads: how many OpenMP may use in it, unless the environment says.
        """
        self.job: Job | None = None
        self.ready = False
        self.ends = time.monotonic() + LONGEST_START
        self.connection, theirs = Pipe()
        watched, self.lifeline = os.pipe()
        command = [sys.executable, "-c", PROGRAM, str(theirs.fileno()), str(watched), json.dumps(sys.path)]
        try:
            # A session of its own: Ctrl-C reaches the asker alone, and a kill takes along what a function has started.
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a function prints is no result
                pass_fds=(theirs.fileno(), watched),
                start_new_session=True,
                env={"OMP_NUM_THREADS": str(threads), **os.environ},
            )
        finally:
            theirs.close()
            os.close(watched)
        with contextlib.suppress(OSError):  # it is dead already; that is found out when it is looked at
            self.connection.send_bytes(packed)

    def begin(self, job: Job, smiles: Sequence[str], timeout: float | None) -> None:
        """Hand it a job."""
        self.job = job
        self.ends = time.monotonic() + (math.inf if timeout is None else timeout * len(job.rows))
        with contextlib.suppress(OSError):
            self.connection.send_bytes(json.dumps([job.name, [smiles[row] for row in job.rows]]).encode())

    def said(self) -> list[Any] | None:
        """Return what it said, if it did."""
        try:
            return json.loads(self.connection.recv_bytes()) if self.connection.poll() else None
        except (EOFError, OSError):
            return None

    def end(self) -> int:
        """Kill it with all that it started, and return its exit code: negative for a signal."""
        code = self.process.poll()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.connection.close()
        with contextlib.suppress(OSError):
            os.close(self.lifeline)
        self.lifeline = -1
        return self.process.wait() if code is None else code


class Pool:
    """Workers that answer for an objective's functions; started when first needed, ended by `with`."""

    def __init__(self, functions: Mapping[str, Function], how: Workers):
        """Store the functions, as they travel to other processes.

        Args:
            functions: by name; those of a module travel by its name, those of a script or notebook as they are. One
                with the attribute `whole_batches = True` is handed all molecules of a batch at once.
            how: processes, time-out, retries.

        Raises:
            InputError: a function cannot travel.
        """
        self.how, self.n = how, max(how.workers, 1)
        self.whole = {name: bool(getattr(function, "whole_batches", False)) for name, function in functions.items()}
        self._packed = packed(functions)
        self._workers: list[Worker] = []

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers at once."""
        while self._workers:
            self._workers.pop().end()

    def answers(self, smiles: Sequence[str]) -> Iterator[Answer]:
        """Yield what each function says of each molecule, as it comes; order depends on time, values do not.

        Raises:
            OracleError: a function cannot be used: no worker can load it, or it returns something else than numbers.
        """
        jobs = deque(job for name in self.whole for job in self._jobs(name, len(smiles)))
        try:
            while jobs or any(worker.job for worker in self._workers):
                self._hand_out(jobs, smiles)
                wait([worker.connection for worker in self._workers], timeout=self._patience())
                for worker in list(self._workers):
                    yield from self._heard(worker, jobs)
        except BaseException:  # Ctrl-C too: nobody would take what busy workers say
            self.close()
            raise

    def _jobs(self, name: str, n: int) -> list[Job]:
        """Share molecules out: one at a time if a hang must cost no more, else evenly."""
        size = 1 if self.how.timeout is not None else math.ceil(n / self.n)
        size = max(n if self.whole[name] else size, 1)
        return [Job(name, tuple(range(at, min(at + size, n)))) for at in range(0, n, size)]

    def _hand_out(self, jobs: deque[Job], smiles: Sequence[str]) -> None:
        """Give jobs to those who wait, and start workers if there are more jobs than that."""
        for worker in self._workers:
            if jobs and worker.ready and worker.job is None:
                worker.begin(jobs.popleft(), smiles, self.how.timeout)
        starting = sum(not worker.ready for worker in self._workers)
        while len(self._workers) < self.n and starting < len(jobs):
            self._workers.append(Worker(self._packed, max(n_jobs() // self.n, 1)))
            starting += 1

    def _patience(self) -> float:
        """Return how long to wait for somebody to say something, in seconds."""
        ends = [worker.ends for worker in self._workers if worker.job or not worker.ready]
        return max(0.0, min([LOOK, *(end - time.monotonic() for end in ends)]))

    def _heard(self, worker: Worker, jobs: deque[Job]) -> Iterator[Answer]:
        """Take in what a worker said, or that it says nothing any more."""
        late = time.monotonic() >= worker.ends and (worker.job is not None or not worker.ready)
        died = worker.process.poll() is not None  # before listening: what it said before it died counts
        said = worker.said()
        if said is not None:
            yield from self._taken(worker, said, jobs)
        elif died or late:
            self._workers.remove(worker)
            code = worker.end()
            if not worker.ready:
                why = f"ended with exit code {code}" if died else f"was not ready within {LONGEST_START:g} s"
                raise OracleError(f"Expected a worker to load the objective, but it {why}. Try it without --workers.")
            if worker.job:
                reason = f"worker died with exit code {code}" if died else f"no answer within {self.how.timeout:g} s"
                yield from self._failed(worker.job, reason, jobs)

    def _taken(self, worker: Worker, said: list[Any], jobs: deque[Job]) -> Iterator[Answer]:
        kind, job = said[0], worker.job
        if kind == UNUSABLE:
            raise OracleError(said[1])
        if kind == READY or job is None:
            worker.ready = True
            return
        worker.job = None
        if kind == VALUES:
            for row, value, reason in zip(job.rows, said[1], said[2], strict=True):
                yield Answer(row, job.name, value, reason)
        else:
            yield from self._failed(job, said[1], jobs)

    def _failed(self, job: Job, reason: str, jobs: deque[Job]) -> Iterator[Answer]:
        """Try again what may be tried again, first of all that is left, and give up the rest with the reason."""
        again = job.again(self.how.retries)
        jobs.extendleft(reversed(again))
        if not again:
            yield Answer(job.rows[0], job.name, math.nan, reason)


def packed(functions: Mapping[str, Function]) -> bytes:
    """Return functions as bytes that another process can load.

    Raises:
        InputError: one holds something that cannot travel, such as an open file.
    """
    # cloudpickle: a function of a notebook or script travels whole, one of a module by its name.
    import cloudpickle

    try:
        return cloudpickle.dumps(dict(functions))
    except Exception as error:  # noqa: BLE001 - pickling runs the user's own methods
        raise InputError(
            f"Expected functions that can travel to another process, but got {told(error)}. Write the function in a "
            "module of its own, or leave out workers and timeout."
        ) from None
