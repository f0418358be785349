"""Ranks: a training on several devices or hosts: the processes beside this one, and what they have to agree on."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from pytorch_lightning.plugins.environments import ClusterEnvironment, LightningEnvironment
from torch import Tensor

from chemvae.config import TrainConfig
from chemvae.errors import ConfigError, TrainingError

PROGRAM = "import sys; from chemvae.training.fit import follow; follow(*sys.argv[1:])"
OURS = "CHEMVAE_RANKS"
"""Stands in the environment of ranks that `others` has started, and while they train."""
GRACE = 60.0  # seconds for the others to end once the first one has


@dataclass(frozen=True, slots=True)
class Ranks:
    """Who this process is among those that train together."""

    rank: int = 0
    """its number; the first one keeps the folder"""
    world: int = 1
    """how many there are"""


def ranks() -> Ranks:
    """Return who this process is, once they have met; one alone before that."""
    if dist.is_available() and dist.is_initialized():
        return Ranks(dist.get_rank(), dist.get_world_size())
    return Ranks()


def launched() -> bool:
    """Whether a launcher has started all ranks, so that none is to be started here."""
    return "LOCAL_RANK" in os.environ or by_srun()


def by_srun() -> bool:
    """Whether Slurm has started several of these."""
    return "SLURM_PROCID" in os.environ and int(os.environ.get("SLURM_NTASKS", "1")) > 1


def leads() -> bool:
    """Whether this process is the one that keeps the folder; to be asked before they meet."""
    return int(os.environ.get("RANK", os.environ["SLURM_PROCID"] if by_srun() else "0")) == 0


def meeting_place() -> list[ClusterEnvironment]:
    """Return how ranks find each other, if nobody but us started them, whatever else the environment says."""
    return [LightningEnvironment()] if OURS in os.environ else []


def summed(sums: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """Return the sums over all ranks; each must have the same names in the same order."""
    if ranks().world == 1:
        return dict(sums)
    total = torch.tensor([*sums.values()], dtype=torch.float64, device=device)
    dist.all_reduce(total)
    return dict(zip(sums, total.tolist(), strict=True))


def gathered(state: Tensor, device: torch.device) -> Tensor:
    """Return what every rank has, a row each; of one alone as it is."""
    world = ranks().world
    if world == 1:
        return state
    rows = [torch.empty_like(state, device=device) for _ in range(world)]
    dist.all_gather(rows, state.to(device))
    return torch.stack(rows).cpu()


def own(states: Tensor | None) -> Tensor | None:
    """Return this rank's row of what was gathered; None if it had none, because there were fewer then."""
    rank = ranks().rank
    if states is None or states.ndim == 1:
        return states if rank == 0 else None
    return states[rank].clone() if rank < len(states) else None


@contextlib.contextmanager
def others(train: TrainConfig, words: Sequence[str]) -> Iterator[None]:
    """Run the other ranks of this host as long as the block runs, unless a launcher has started them.

    Args:
        train: says on how many devices and hosts.
        words: what `follow` is to be called with.

    Raises:
        ConfigError: several hosts, and nobody started the processes on them.
        TrainingError: another rank has ended before its time.
    """
    if train.devices * train.nodes == 1 or launched():
        yield
        return
    if train.nodes > 1:
        raise ConfigError(
            f"Expected a launcher for train.nodes = {train.nodes}, but got none. Start it on every host, e.g. with "
            f"torchrun --nnodes {train.nodes} --nproc-per-node {train.devices} ... -m chemvae train."
        )
    meeting = {
        OURS: str(train.devices),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "NODE_RANK": "0",
        "LOCAL_RANK": "0",
    }
    watched, lifeline = os.pipe()
    processes = [begun(words, {**meeting, "LOCAL_RANK": str(rank)}, watched) for rank in range(1, train.devices)]
    os.close(watched)
    try:
        with environment(meeting):
            yield
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
    except RuntimeError as error:  # what a broken connection is
        if all(process.poll() in (None, 0) for process in processes):
            raise
        raise TrainingError(
            f"Expected {train.devices} processes to train together, but one has ended: {str(error)[:200]}. Go on with "
            "--resume."
        ) from None
    finally:
        os.close(lifeline)
        for process in processes:
            process.kill()
            process.wait()
        if dist.is_initialized():
            dist.destroy_process_group()


def begun(words: Sequence[str], meeting: Mapping[str, str], watched: int) -> subprocess.Popen[bytes]:
    """Start another rank."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words, str(watched)],
        stdin=subprocess.DEVNULL,
        stdout=2,
        pass_fds=(watched,),
        env={**os.environ, "PYTHONPATH": paths, **meeting},
    )


def end_with(lifeline: int) -> None:
    """End this process when the first rank is gone, however it went."""

    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextlib.contextmanager
def environment(more: Mapping[str, str]) -> Iterator[None]:
    """Hold variables of the environment as long as the block runs."""
    before = {name: os.environ.get(name) for name in (*more, "WORLD_SIZE")}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def free_port() -> int:
    """Return a port of this host that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
