"""JobFolder: a long piece of work as a folder of finished shards; killed at any moment, it goes on where it stood."""

import contextlib
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chemvae.errors import ChecksumError, ExistsError, InputError, MissingFileError
from chemvae.io.atomic import read_json, refuse_existing, write_json
from chemvae.io.job_layout import (
    KIND,
    LEASES,
    MANIFEST,
    PART,
    PLAN,
    REMOVED,
    REPORT,
    SHARDS,
    WORKERS,
    is_remains,
)
from chemvae.io.leases import Leases
from chemvae.io.runs import manifest
from chemvae.io.seal import Seal, seal_of
from chemvae.io.shards import Shard, changed, read_plan, unchanged, write_plan

BESIDE = ".job"
"""Ending of the folder of a job that becomes a file."""
BEGUN, FINISHED, MERGING, MERGED = "begun", "finished", "merging", "merged"
"""What the manifest says of a job: shards are missing, all are there, they become a file, or they have become one."""
REPLACES = "overwrite"
"""What the manifest of a job holds whose file may replace another."""
PLANNING = "plan"
"""Name of the lease of whoever makes the plan."""
FIXED = ("chemvae", "numpy", "rdkit", "torch")
"""Packages that must not change within a job: half a table of one version and half of another is no table."""


TOLD = {"rows": int, "shards": int, "input": dict, "recipe": dict, "versions": dict, "created": str}
"""What every manifest of a job says, and as what."""


class JobFolder:
    """A folder with a plan, finished shards and who works on which."""

    def __init__(self, path: Path | str):
        """Store the place; nothing is touched yet."""
        self.path = Path(path)

    @property
    def begun(self) -> bool:
        """Whether there is a plan to go on with."""
        return (self.path / MANIFEST).is_file()

    @property
    def ended(self) -> bool:
        """Whether a process was killed while it removed a job whose file was made."""
        if self.begun or not (self.path / REMOVED).is_file():
            return False
        with contextlib.suppress(InputError):
            return read_json(self.path / REMOVED).get("status") == MERGED
        return False

    def leases(self) -> Leases:
        """Return who works on what here, as a context."""
        return Leases(self.path)

    def manifest(self) -> dict[str, Any]:
        """Return what the manifest says.

        Raises:
            InputError: there is no job.
        """
        if not self.begun:
            raise MissingFileError(f"Expected a job in {self.path}, but there is none. {self._instead()}")
        found = read_json(self.path / MANIFEST)
        if not isinstance(found, dict) or found.get("kind") != KIND:
            raise InputError(
                f"Expected the manifest of a scoring job in {self.path}, but got another. Name its folder."
            )
        for name, kind in TOLD.items():
            if not isinstance(found.get(name), kind):
                raise InputError(
                    f"Expected the manifest of {self.path} to say {name!r}, but it is damaged. Begin the job anew with "
                    "another output."
                )
        return found

    def plan(self) -> list[Shard]:
        """Return all shards, in the order of the input.

        Raises:
            InputError: the plan is not the one that the job was begun with.
        """
        found, stored = read_plan(self.path / PLAN), self.manifest()
        if (len(found), sum(shard.rows for shard in found)) != (stored["shards"], stored["rows"]):
            raise InputError(
                f"Expected {stored['shards']:,} shards of {stored['rows']:,} rows in {self.path / PLAN}, but it is "
                "damaged. Begin the job anew with another output."
            )
        return found

    def allow(self, *, resume: bool, overwrite: bool) -> None:
        """Make sure that the folder is new, or one to go on with or to remove; nothing is touched yet.

        Raises:
            ExistsError: something is there, and nobody said to resume or overwrite it.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ExistsError(f"Expected a folder at {self.path}, but a file is there. Choose another name.")
        if self.begun:
            self.manifest()  # of a job, and not of a training
        if resume:
            if self.path.is_dir() and not self.begun and not is_remains(self.path):
                raise ExistsError(
                    f"Expected a job to go on with in {self.path}, but it holds something else. Name the job's own "
                    "folder, or a new one."
                )
            return
        if self.begun and not overwrite:
            raise ExistsError(
                f"Expected a new output, but {self.path} holds a job ({self.progress()}). Add --resume to go on with "
                "it or to share it, or --overwrite to begin anew."
            )
        if others := self.leases().others():
            raise ExistsError(
                f"Expected a new output, but {others[0]} works on {self.path}. Choose another name, wait for its "
                "end, or share its work with --resume."
            )
        if not (self.begun or is_remains(self.path)):
            refuse_existing(self.path)

    def begin(self, shards: Iterable[Shard], about: Mapping[str, Any]) -> None:
        """Write the plan, then the manifest that makes it count.

        Args:
            shards: in the order of the input.
            about: `input` and `recipe`, which a resume compares, and whether the job's file may replace another.
        """
        found = list(shards)
        beside = self.path / PART
        write_plan(found, beside)
        os.replace(beside, self.path / PLAN)
        (self.path / SHARDS).mkdir(exist_ok=True)
        totals = {"rows": sum(shard.rows for shard in found), "shards": len(found)}
        write_json(self.path / MANIFEST, manifest(kind=KIND, status=BEGUN, folder=os.getcwd(), **totals, **about))

    def check(self, table: Path | str, recipe: Mapping[str, Any]) -> None:
        """Raise unless the job was begun with this table, this recipe and these versions.

        Raises:
            InputError: it was not; the message names what differs.
        """
        stored = self.manifest()
        if not unchanged(table, stored["input"]):
            raise changed(table)
        now = manifest()["versions"]
        wanted = {**stored["recipe"], **{f"version of {name}": stored["versions"].get(name) for name in FIXED}}
        got = {**as_stored(recipe), **{f"version of {name}": now.get(name) for name in FIXED}}
        for name in {**got, **wanted}:
            if wanted.get(name) != got.get(name):
                raise InputError(
                    f"Expected what {self.path} was begun with, but {name} was {wanted.get(name)!r:.60} and is "
                    f"{got.get(name)!r:.60}. Resume with the same, or choose another output."
                )

    def shard(self, at: int) -> Path:
        """Return where a finished shard lies."""
        return self.path / SHARDS / f"{at:06d}.parquet"

    def seal(self, at: int) -> Seal | None:
        """Return what is known of a shard; None unless it is finished."""
        try:
            return seal_of(json.loads(self.shard(at).with_suffix(".json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def finished(self) -> set[int]:
        """Return the numbers of the finished shards."""
        with contextlib.suppress(FileNotFoundError):
            names = os.listdir(self.path / SHARDS)
            return {int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdecimal()}
        return set()

    def finish(self, at: int, data: bytes, seal: Seal, leases: Leases) -> bool:
        """Put a shard into its place, then its seal; false if the lease was lost, and another will do it."""
        for path, content in (
            (self.shard(at), data),
            (self.shard(at).with_suffix(".json"), json.dumps(asdict(seal)).encode() + b"\n"),
        ):
            with open(leases.scratch, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if not leases.holds(f"{at:06d}"):
                return False
            os.replace(leases.scratch, path)
        return True

    def read(self, at: int) -> bytes:
        """Return the bytes of a finished shard.

        Raises:
            ChecksumError: they are not what was written; the seal is broken, so that a resume does the shard again.
        """
        seal, data = self.seal(at), b""
        with contextlib.suppress(FileNotFoundError):
            data = self.shard(at).read_bytes()
        if seal is None or hashlib.sha256(data).hexdigest() != seal.sha256:
            self.shard(at).with_suffix(".json").unlink(missing_ok=True)
            raise ChecksumError(
                f"Expected shard {at} of {self.path} as it was written, but it is damaged. Go on with --resume, which "
                "does it again."
            )
        return data

    def damaged(self) -> list[int]:
        """Look at every finished shard, and return those that are damaged; a resume does them again."""
        found = []
        for at in sorted(self.finished()):
            try:
                self.read(at)
            except ChecksumError:
                found.append(at)
        return found

    def totals(self) -> Seal:
        """Return the sums over all finished shards."""
        reasons, rows, written, columns = Counter[str](), 0, 0, tuple[str, ...]()
        for at in sorted(self.finished()):
            if (seal := self.seal(at)) is not None:
                rows, written, columns = rows + seal.rows, written + seal.written, seal.columns
                reasons.update(seal.reasons)
        return Seal(sha256="", rows=rows, written=written, reasons=dict(reasons.most_common()), columns=columns)

    def figures(self) -> Seal:
        """Return the sums over all shards, as the manifest of a finished job says them."""
        stored = read_json(self.path / REMOVED) if self.ended else self.manifest()
        with contextlib.suppress(ValueError, TypeError, KeyError):
            return seal_of({**stored["figures"], "sha256": ""})
        return self.totals()

    def close(self) -> None:
        """Say in the manifest that all is done."""
        stored, done = self.manifest(), asdict(self.totals())
        if stored.get("status") == BEGUN:
            figures = {name: done[name] for name in ("rows", "written", "reasons", "columns")}
            write_json(self.path / MANIFEST, {**stored, "status": FINISHED, "figures": figures})

    def check_room(self, out: Path, *, overwrite: bool) -> None:
        """Raise if a file stands where this job's is to be, that is not its own and that it may not replace.

        Raises:
            ExistsError: somebody made it meanwhile.
        """
        stored = self.manifest()
        if out.exists() and not (overwrite or stored.get(REPLACES) or stored.get("status") == MERGING):
            raise ExistsError(
                f"Expected no file at {out} before its job is done, but one is there that the job did not write. Move "
                "it, or add --overwrite."
            )

    def merging(self) -> None:
        """Say that the shards become a file: one that is there from now on is this job's."""
        write_json(self.path / MANIFEST, {**self.manifest(), "status": MERGING})

    def remove_merged(self) -> None:
        """Remove a job that has become a file; killed on the way, it still says what was in it."""
        write_json(self.path / MANIFEST, {**self.manifest(), "status": MERGED})
        self.remove()

    def progress(self) -> str:
        """Say how far it is."""
        return f"{len(self.finished()):,} of {self.manifest().get('shards', 0):,} shards done"

    def remove(self) -> None:
        """Remove the job and nothing else: first what makes it one, so that half of it is never gone on with."""
        with contextlib.suppress(FileNotFoundError):
            os.replace(self.path / MANIFEST, self.path / REMOVED)
        for name in (SHARDS, LEASES, WORKERS):
            shutil.rmtree(self.path / name, ignore_errors=True)
        for name in (PLAN, PART, REPORT):
            (self.path / name).unlink(missing_ok=True)
        for holder in self.path.glob(f".{MANIFEST}.*"):
            shutil.rmtree(holder, ignore_errors=True)
        (self.path / REMOVED).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def _instead(self) -> str:
        """Say what to do about a place where no job is."""
        beside = Path(f"{self.path}{BESIDE}")
        if JobFolder(beside).begun:
            return f"Name {beside}, where the job of this table is."
        if self.path.is_file():
            return "It is a table, and has no job any more: it is whole."
        return "Name the folder of one."


def as_stored(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(recipe))
    return found
