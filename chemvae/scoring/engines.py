"""Engines: who works on a job: this process, or the tasks of a Ray cluster; the folder of the job stays the truth."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chemvae.chem.guarded import error_of
from chemvae.errors import ChemvaeError, InputError
from chemvae.io.jobs import JobFolder
from chemvae.scoring.job import work
from chemvae.scoring.rows import Scorer
from chemvae.settings import did_you_mean

PATIENCE = 3
"""How many tasks per processor may die one after the other, and no shard be finished, before it is given up."""
ANSWER = 10.0
"""Seconds that a host may take to answer a call."""
STOP = 10.0
"""Seconds that tasks may take to give back what they hold, when another one failed."""
TRIES = "RAY_NUM_REDIS_GET_RETRIES"
"""How many times Ray tries to join a cluster, 40 seconds each; it looks when it is imported, and has 20 unless told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a worker must know to take part in a job; it travels to other processes and hosts."""

    folder: str
    """of the job, in full"""
    table: str
    """the input, in full"""
    scorer: Scorer
    """how to score rows"""
    chunk: int
    """rows that are worked on together"""
    progress: bool
    """tell how far it is"""

    def carry_out(self) -> None:
        """Work on the job until it is done."""
        work(JobFolder(self.folder), self.table, self.scorer, chunk=self.chunk, progress=self.progress)

    @property
    def left(self) -> int:
        """How many shards are not done."""
        job = JobFolder(self.folder)
        return len(job.plan()) - len(job.finished())


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong on purpose in a task."""

    kind: str
    """of the error, by its name"""
    said: str
    """in one line"""


def locally(order: Order, jobs: int, address: str | None) -> None:
    """Work on a job in this process, with others for RDKit.

    Raises:
        InputError: an address of a cluster is given.
    """
    if address is not None:
        raise InputError(f"Expected an address with --engine ray, but got {address!r} without. Say --engine ray.")
    replace(order, scorer=replace(order.scorer, jobs=jobs)).carry_out()


def on_ray(order: Order, jobs: int, address: str | None) -> None:
    """Work on a job in as many tasks of a Ray cluster, each on one processor; a task that dies is replaced.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
        ChemvaeError: all tasks fail.
    """
    if address is not None:
        check_call(address)
        os.environ.setdefault(TRIES, "1")
    ray = imported()
    ours = not ray.is_initialized()
    if ours:
        cpus = jobs if address is None else None
        try:
            ray.init(address=address or "local", num_cpus=cpus, include_dashboard=False, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise no_cluster(address or "this host", str(error)[:200]) from None
    try:
        task = ray.remote(num_cpus=1, max_retries=0)(carry_out)
        alone = replace(order, scorer=replace(order.scorer, jobs=1), progress=False)
        gather(ray, task, ray.put(alone), alone, jobs)
    finally:
        if ours:
            ray.shutdown()


def gather(ray: Any, task: Any, parcel: Any, order: Order, jobs: int) -> None:
    """Start tasks and replace those that die, until no shard is left.

    Raises:
        ChemvaeError: what a task raised on purpose, as the kind that it was, or nothing but dying tasks.
    """
    failed, least, pending = 0, order.left, list[Any]()
    try:
        while (left := order.left) or pending:
            failed, least = (0, left) if left < least else (failed, least)
            pending += [task.remote(parcel) for _ in range(min(jobs, left) - len(pending))]
            done, pending = ray.wait(pending)
            died = death(ray, done[0])
            failed += died != ""
            if failed > PATIENCE * jobs:
                raise ChemvaeError(
                    f"Expected tasks of Ray to work on {order.folder}, but they die: {died}. Look at their logs, and "
                    "whether every host sees that folder and the table."
                )
    finally:
        stop(ray, pending)


def death(ray: Any, task: Any) -> str:
    """Return how a task died, or nothing if it did not.

    Raises:
        ChemvaeError: what it raised on purpose.
    """
    try:
        trouble = ray.get(task)
    except ray.exceptions.RayError as error:
        return str(error)[:200] or type(error).__name__
    if trouble is not None:
        raise error_of(trouble.kind, trouble.said)
    return ""


def stop(ray: Any, pending: list[Any]) -> None:
    """Let tasks end and give back what they hold."""
    for one in pending:
        ray.cancel(one)
    if pending:
        ray.wait(pending, num_returns=len(pending), timeout=STOP)


def carry_out(order: Order) -> Trouble | None:
    """Work on a job in a task; return what went wrong on purpose."""
    try:
        order.carry_out()
    except (ChemvaeError, OSError) as error:
        return Trouble(type(error).__name__, str(error))
    return None


def check_call(address: str) -> None:
    """Raise if nobody listens at HOST:PORT or ray://HOST:PORT, where Ray would try for minutes.

    Raises:
        InputError: nobody does; what else is an address is left to Ray.
    """
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise no_cluster(address, getattr(error, "strerror", None) or str(error)) from None


def no_cluster(where: str, why: str) -> InputError:
    """Return the error of a cluster that cannot be had."""
    return InputError(
        f"Expected a Ray cluster at {where}, but got: {why}. Start one with `ray start --head`, or drop the address."
    )


def imported() -> Any:
    """Return Ray.

    Raises:
        InputError: it is not installed.
    """
    try:
        import ray
    except ImportError:
        raise InputError(
            "Expected Ray for --engine ray, but it is not installed. Install it: pip install 'chemvae[ray]'."
        ) from None
    return ray


ENGINES: dict[str, Callable[[Order, int, str | None], None]] = {"local": locally, "ray": on_ray}


def check_engine(name: str) -> None:
    """Raise unless there is such an engine.

    Raises:
        InputError: there is none.
    """
    if name not in ENGINES:
        raise InputError(
            f"Expected an engine out of {', '.join(ENGINES)}, but got {name!r}.{did_you_mean(name, ENGINES)}"
        )
