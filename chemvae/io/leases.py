"""Leases: who works on what, when several processes or hosts share a folder; what a dead one held is taken over."""

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from pathlib import Path

from chemvae.io.processes import host, runs, started

BEAT = 5.0
"""Seconds between two signs of life."""
PATIENCE = 120.0
"""Seconds without one after which a worker of another host counts as dead; it needs no common clock."""


class Leases:
    """A place where one worker at a time holds each name; a context that gives everything back at its end.

    A lease is a symbolic link with the worker's name for a target: it is made in one step or not at all, on NFS too.
    """

    def __init__(self, folder: Path, *, beat: float = BEAT, patience: float = PATIENCE):
        """Store the place.

        Args:
            folder: where leases and workers stand.
            beat: seconds between two signs of life.
            patience: seconds without one after which a worker of another host counts as dead.
        """
        self.leases, self.workers = folder / "leases", folder / "workers"
        self.beat, self.patience = beat, patience
        self.me = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._end = threading.Event()

    def __enter__(self) -> "Leases":
        for place in (self.leases, self.workers):
            place.mkdir(exist_ok=True)
        about = {"host": host(), "pid": os.getpid(), "started": started(os.getpid())}
        self.scratch.write_text(json.dumps(about) + "\n", encoding="utf-8")
        os.replace(self.scratch, self._sign(self.me))
        threading.Thread(target=self._live, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for lease in self._all():
            if self.holder(lease) == self.me:
                self.release(lease)
        self._bury(self.me)

    @property
    def scratch(self) -> Path:
        """A file of our own, to be renamed to where it belongs."""
        return self.workers / f"{self.me}.part"

    def take(self, name: str) -> bool:
        """Take a lease, if nobody alive holds it."""
        with contextlib.suppress(FileExistsError):
            os.symlink(self.me, self.leases / name)
            return True
        holder = self.holder(name)
        if holder is None or holder == self.me or self.alive(holder):
            return holder == self.me
        return self._inherit(name, holder)

    def holder(self, name: str) -> str | None:
        """Return who holds a lease; None if nobody does."""
        try:
            return os.readlink(self.leases / name)
        except OSError:
            return None

    def holds(self, name: str) -> bool:
        """Whether a lease is still ours: one that went without a sign of life for long may have lost it."""
        return self.holder(name) == self.me

    def release(self, name: str) -> None:
        """Give a lease back."""
        (self.leases / name).unlink(missing_ok=True)

    def alive(self, worker: str) -> bool:
        """Whether a worker is at work: its process runs, or on another host, it gave a sign of life of late."""
        sign = self._sign(worker)
        try:
            about, seen = json.loads(sign.read_text(encoding="utf-8")), sign.stat().st_mtime
            if about["host"] == host() and not runs(about["pid"], about["started"]):
                return False
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return self._now() - seen < self.patience

    def held(self) -> dict[str, list[str]]:
        """Return what each worker holds that is alive."""
        found: dict[str, list[str]] = {}
        for name in self._all():
            holder = self.holder(name)
            if holder is not None and self.alive(holder):
                found.setdefault(holder, []).append(name)
        return found

    def sweep(self) -> None:
        """Remove what dead workers left."""
        now = self._now()
        for path in self.workers.iterdir():
            owner = path.name.rpartition(".")[0]
            with contextlib.suppress(FileNotFoundError):
                # What has no sign beside it may belong to one who is just about to give it.
                if not self.alive(owner) and (
                    self._sign(owner).exists() or now - path.lstat().st_mtime > self.patience
                ):
                    path.unlink()

    def others(self) -> list[str]:
        """Return the workers that are alive, without this one."""
        return [sign.stem for sign in self.workers.glob("*.json") if sign.stem != self.me and self.alive(sign.stem)]

    def wait_alone(self, longest: float = 60.0) -> None:
        """Wait until nobody else is at work here."""
        until = time.monotonic() + longest
        while self.others() and time.monotonic() < until:
            time.sleep(self.beat / 50)

    def _inherit(self, name: str, dead: str) -> bool:
        """Take over the lease of a dead worker; of several who try, one succeeds."""
        moved = self.workers / f"{self.me}.{name}"
        with contextlib.suppress(FileNotFoundError):
            os.rename(self.leases / name, moved)
            owner = os.readlink(moved)
            moved.unlink()
            if owner != dead:  # somebody was faster, and what we moved is theirs
                with contextlib.suppress(FileExistsError):
                    os.symlink(owner, self.leases / name)
                return False
            self._bury(dead)
            with contextlib.suppress(FileExistsError):
                os.symlink(self.me, self.leases / name)
                return True
        return False

    def _now(self) -> float:
        """Return the time by the clock that dates the files."""
        if not self._end.is_set():
            with contextlib.suppress(OSError):
                os.utime(self._sign(self.me))
                return self._sign(self.me).stat().st_mtime
        return time.time()

    def _live(self) -> None:
        while not self._end.wait(self.beat):
            with contextlib.suppress(OSError):
                os.utime(self._sign(self.me))

    def _sign(self, worker: str) -> Path:
        return self.workers / f"{worker}.json"

    def _bury(self, worker: str) -> None:
        for end in ("part", "json"):
            (self.workers / f"{worker}.{end}").unlink(missing_ok=True)

    def _all(self) -> list[str]:
        return sorted(os.listdir(self.leases)) if self.leases.is_dir() else []
