"""Engines: who works on a job: this process, or the tasks of a Ray cluster; the folder of the job stays the truth."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chemvae.errors import ChemvaeError, InputError
from chemvae.io.jobs import JobFolder
from chemvae.scoring.job import work
from chemvae.scoring.rows import Scorer
from chemvae.settings import did_you_mean

PATIENCE = 3
"""How many tasks per processor may die one after the other, and no shard be finished, before it is given up."""


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
        ChemvaeError: Ray is not installed, no cluster answers, or all tasks fail.
    """
    ray = imported()
    ours = not ray.is_initialized()
    if ours:
        cpus = jobs if address is None else None
        try:
            ray.init(address=address or "local", num_cpus=cpus, include_dashboard=False, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ChemvaeError(
                f"Expected a Ray cluster at {address or 'this host'}, but got: {str(error)[:200]}. Start one with "
                "`ray start --head`, or drop the address."
            ) from None
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
        ChemvaeError: what a task raised on purpose, or nothing but dying tasks.
    """
    failed, least, pending = 0, order.left, list[Any]()
    while (left := order.left) or pending:
        failed, least = (0, left) if left < least else (failed, least)
        pending += [task.remote(parcel) for _ in range(min(jobs, left) - len(pending))]
        done, pending = ray.wait(pending)
        try:
            trouble = ray.get(done[0])
        except ray.exceptions.RayError as error:
            failed, trouble = failed + 1, ""
            if failed > PATIENCE * jobs:
                raise ChemvaeError(
                    f"Expected tasks of Ray to work on {order.folder}, but they die: {str(error)[:200]}. Look at "
                    "their logs, and whether every host sees that folder and the table."
                ) from None
        if trouble:
            raise ChemvaeError(trouble)


def carry_out(order: Order) -> str:
    """Work on a job in a task; return what went wrong on purpose, in one line."""
    try:
        order.carry_out()
    except (ChemvaeError, OSError) as error:
        return str(error)
    return ""


def imported() -> Any:
    """Return Ray.

    Raises:
        ChemvaeError: it is not installed.
    """
    try:
        import ray
    except ImportError:
        raise ChemvaeError(
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
