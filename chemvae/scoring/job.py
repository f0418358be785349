"""A scoring job: a table shard by shard into a folder, by any number of processes and hosts, and out of it again."""

import contextlib
import hashlib
import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from chemvae.errors import ChecksumError, ChemvaeError, InputError
from chemvae.io.jobs import PLANNING, REPLACES, JobFolder
from chemvae.io.leases import Leases
from chemvae.io.parquet import ParquetRows, frame_of
from chemvae.io.progress import tell, watch
from chemvae.io.seal import Seal
from chemvae.io.shards import Shard, ShardReader, changed, fingerprint, plan, unchanged
from chemvae.io.tables import TableWriter
from chemvae.scoring.rows import Scorer, Tally, check_share, sift

CHUNK = 1000  # rows a frame: seconds of work, and a good batch for a model
SHARD = 10_000  # rows: what a kill may cost, and a file of a megabyte or two
MERGING = "merge"  # name of the lease of whoever makes the file
POLL = 1.0  # seconds between two looks at what others do


@dataclass(frozen=True, slots=True)
class Part:
    """A frame of a shard."""

    at: int
    """number of the shard"""
    last: bool
    """whether nothing of it is to come"""
    width: int
    """columns that it came with"""


class Growing:
    """A shard on the way: its rows as Parquet in memory, and what is counted."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._file = io.BytesIO()
        self._rows = ParquetRows(self._file)

    def add(self, answer: pd.DataFrame, kept: pd.DataFrame, width: int) -> None:
        """Take in a frame."""
        self._rows.write(kept)
        self.tally.take(answer, width, len(kept))

    def sealed(self) -> tuple[bytes, Seal]:
        """Return the file and what is known of it."""
        self._rows.close()
        data, tally = self._file.getvalue(), self.tally
        return data, Seal(
            sha256=hashlib.sha256(data).hexdigest(),
            rows=tally.rows,
            written=tally.written,
            reasons=dict(tally.reasons.most_common()),
            columns=tally.columns,
        )


def begin(job: JobFolder, table: Path | str, recipe: Mapping[str, Any], rows: int, *, overwrite: bool = False) -> None:
    """Make the plan of a new job, or wait for whoever is making it.

    Args:
        job: its folder.
        table: what is scored.
        recipe: every setting that decides what is written.
        rows: of a shard.
        overwrite: whether the job's file may replace another.

    Raises:
        InputError: the table cannot be read, or what is there was begun with something else.
    """
    if not job.begun:
        job.path.mkdir(parents=True, exist_ok=True)
        with job.leases() as leases:
            while not job.begun:
                if leases.take(PLANNING):
                    if not job.begun:
                        known = fingerprint(table)
                        job.begin(plan(table, rows), {"input": known, "recipe": dict(recipe), REPLACES: overwrite})
                    leases.release(PLANNING)
                else:
                    time.sleep(POLL)
    job.check(table, recipe)


def work(job: JobFolder, table: Path | str, scorer: Scorer, *, chunk: int = CHUNK, progress: bool = False) -> None:
    """Score every shard that nobody else scores, until all are done.

    Raises:
        InputError: a row is invalid and none may be, too many are, or the table has changed.
        ChemvaeError: the disk is full.
    """
    shards = job.plan()
    total, most, told = sum(shard.rows for shard in shards), scorer.scoring.max_invalid, False
    with job.leases() as leases, ShardReader(table) as reader:
        if not unchanged(table, job.manifest()["input"]):  # since the plan was made, or since another began
            raise changed(table)
        leases.sweep()
        while len(done := job.finished()) < len(shards):
            left = total - sum(shards[at].rows for at in done)
            ours = _walk(job, scorer, _claimed(job, shards, reader, leases, chunk), leases)
            had = False
            for _, invalid in watch(ours, left, "molecules", size=lambda pair: pair[0], quiet=not progress):
                check_share(invalid, total, most)
                had = True
            if not had:  # what is left is with others: wait for them, and take it over if they die
                if progress and not told:
                    tell("the last shards are with other processes; waiting for them")
                told = True
                time.sleep(POLL)
        check_share(sum(job.totals().reasons.values()), total, most)
        job.close()
        leases.sweep()


def _walk(
    job: JobFolder, scorer: Scorer, frames: Iterator[tuple[Part, pd.DataFrame]], leases: Leases
) -> Iterator[tuple[int, int]]:
    """Score frames and finish their shards; yield for each how many rows it has, and how many are invalid by now."""
    growing: dict[int, Growing] = {}
    before = sum(job.totals().reasons.values())
    for part, answer in scorer.walk(frames):
        shard = growing.setdefault(part.at, Growing())
        known = shard.tally.invalid
        shard.add(answer, sift(answer, scorer.column, scorer.scoring.on_invalid), part.width)
        before += shard.tally.invalid - known
        if part.last:
            _finish(job, part.at, growing.pop(part.at), leases)
        yield len(answer), before


def _finish(job: JobFolder, at: int, shard: Growing, leases: Leases) -> None:
    """Put a shard into its place.

    Raises:
        ChemvaeError: there is no room for it, or no right to write.
    """
    data, seal = shard.sealed()
    try:
        job.finish(at, data, seal, leases)
    except OSError as error:
        raise ChemvaeError(
            f"Expected to write shard {at} of {job.path}, but got: {error.strerror}. Make room and go on with "
            f"--resume; {job.progress()}."
        ) from None
    leases.release(f"{at:06d}")


def _claimed(
    job: JobFolder, shards: list[Shard], reader: ShardReader, leases: Leases, chunk: int
) -> Iterator[tuple[Part, pd.DataFrame]]:
    """Yield the frames of every shard that can be had, claiming one at a time and only when it is wanted."""
    done = job.finished()
    for at, shard in enumerate(shards):
        if at in done or not leases.take(f"{at:06d}"):
            continue
        if job.seal(at) is not None:  # somebody finished it between our look and our lease
            leases.release(f"{at:06d}")
            continue
        yield from _frames(at, shard, reader, chunk)


def _frames(at: int, shard: Shard, reader: ShardReader, chunk: int) -> Iterator[tuple[Part, pd.DataFrame]]:
    """Yield the frames of a shard, of which the last says so."""
    before: pd.DataFrame | None = None
    for frame in reader.frames(shard, chunk):
        if before is not None:
            yield Part(at, False, before.shape[1]), before
        before = frame
    if before is not None:
        yield Part(at, True, before.shape[1]), before


def merge(job: JobFolder, out: Path | str, *, overwrite: bool = False) -> Seal:
    """Write the shards of a finished job as one table, in the order of the input, and return what is in it.

    Raises:
        InputError: a shard is missing.
        ChecksumError: a shard is damaged.
        ExistsError: something stands at `out`.
    """
    n = int(job.manifest()["shards"])
    missing = n - len(job.finished())
    if missing:
        at_work = job.leases().others()
        raise InputError(
            f"Expected a finished job in {job.path}, but {missing:,} of {n:,} shards are missing. "
            + (f"Wait for {at_work[0]}, who works on it, or share" if at_work else "Go on with")
            + " it: the command that began it, and --resume."
        )
    with TableWriter(out, overwrite=overwrite) as writer:
        for at in range(n):
            with pq.ParquetFile(io.BytesIO(job.read(at))) as file:
                writer.write(frame_of(file.read(), 0))
    return job.totals()


def merge_once(job: JobFolder, out: Path | str, *, overwrite: bool = False) -> bool:
    """Make the file of a finished job and remove the job; of several processes that ask, one does it.

    Returns:
        False, if a shard was damaged and must be done again first.

    Raises:
        ExistsError: a file is there that the job did not write, and nobody said to overwrite it.
    """
    while job.begun:
        holder = job.leases().holder(MERGING)
        if holder is not None and job.leases().alive(holder):
            time.sleep(POLL)
            continue
        with contextlib.suppress(FileNotFoundError), job.leases() as leases:  # somebody was faster, and it is gone
            if not leases.take(MERGING) or not job.begun:
                continue
            job.check_room(Path(out), overwrite=overwrite)
            try:
                job.merging()
                merge(job, out, overwrite=True)
            except ChecksumError as error:
                tell(str(error))
                return False
            leases.wait_alone()
            job.remove_merged()
    return True
