"""A scoring job over a million rows, 1 % malformed: rows, order, speed and memory, in parts that may be stopped."""

import argparse
import contextlib
import csv
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem

from benchmarks.machine import describe, spread
from benchmarks.scoring import NAMES, RESULT, rdkit_one_by_one, read_smiles
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.io.jobs import JobFolder
from chemvae.io.tables import read_chunks

EVERY = 100
"""One row in so many is malformed."""
MALFORMED = ("C1CC", "c1ccc", "CC(C", "not a molecule", "", "C(C)(C)(C)(C)C", "[Xx]", "CC)C", "C%", "O=O=O=O(C)")
SAMPLE = 4_000
"""Rows that RDKit scores one by one before and after each part, beside which ours is told."""
LOOK = 0.5  # seconds between two looks at the processes
TENTHS = 10


@dataclass
class Watched:
    """What was seen of one process."""

    role: str
    """`main`, or `worker`"""
    peak_mb: float = 0.0
    """most memory that it ever held, as the kernel says (VmHWM)"""
    seen: list[tuple[int, float, int]] = field(default_factory=list)
    """rows done by then, megabytes held, files open"""


@dataclass(frozen=True)
class Part:
    """One stretch of a job, from a start to its end or to where it was stopped."""

    wall_seconds: float
    cpu_seconds: float
    """of all its processes"""
    rows: int
    """that it finished"""
    said_bytes: int
    """on standard error"""
    processes: list[Watched]
    rdkit_rows_per_core_second: list[float]


def make_table(source: Path, times: int, out: Path) -> int:
    """Write a table so many times, one row in a hundred of it malformed, and return its rows."""
    smiles = read_smiles(source, 10**9)
    with out.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "smiles"])
        for at in range(times * len(smiles)):
            bad = at % EVERY == EVERY // 2
            rows.writerow([at, MALFORMED[at // EVERY % len(MALFORMED)] if bad else smiles[at % len(smiles)]])
    return times * len(smiles)


def processes_of(main: int) -> Iterator[tuple[int, str]]:
    """Yield a process and its children by number, with what they do."""
    yield main, "main"
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{main}/task/{main}/children").read_text().split():
            yield int(child), "worker"


def look_at(number: int) -> tuple[float, float, int]:
    """Return the megabytes that a process holds, the most it ever held, and how many files it has open."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{number}/status").read_text().splitlines())
    held, peak = (int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return held, peak, len(os.listdir(f"/proc/{number}/fd"))


def watch(process: subprocess.Popen[bytes], done: Callable[[], int], until: float) -> dict[int, Watched]:
    """Look at a program's processes until it ends, or stop it when its time is over."""
    found: dict[int, Watched] = {}
    while process.poll() is None:
        rows = done()
        for number, role in processes_of(process.pid):
            with contextlib.suppress(OSError, KeyError, ValueError):
                held, peak, files = look_at(number)
                one = found.setdefault(number, Watched(role))
                one.peak_mb = max(one.peak_mb, peak)
                one.seen.append((rows, held, files))
        if time.monotonic() > until:
            process.send_signal(signal.SIGINT)
            until = float("inf")
        time.sleep(LOOK)
    return found


def rows_done(job: Path) -> Callable[[], int]:
    """Return what tells how many rows are finished; a seal is read once."""
    known: dict[str, int] = {}

    def done() -> int:
        with contextlib.suppress(OSError):
            for name in os.listdir(job / "shards"):
                if name.endswith(".json") and name not in known:
                    known[name] = int(json.loads((job / "shards" / name).read_text())["rows"])
        return sum(known.values())

    return done


def rdkit_rate(smiles: Sequence[str]) -> float:
    """Return rows a core-second of RDKit's functions, called one by one."""
    began = time.process_time()
    rdkit_one_by_one(smiles)
    return len(smiles) / (time.process_time() - began)


def run_part(command: Sequence[str], job: Path, smiles: Sequence[str], seconds: float, log: Path) -> Part:
    """Go on with a job for at most so many seconds, and tell what it took; RDKit one by one before and after."""
    rates, done = [rdkit_rate(smiles)], rows_done(job)
    before, began = done(), time.monotonic()
    spent = sum(os.times()[2:4])
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        found = watch(process, done, began + seconds)
    wall = time.monotonic() - began
    cpu = sum(os.times()[2:4]) - spent
    if process.returncode not in (0, 130):
        raise SystemExit(f"the job ended with {process.returncode}: {log.read_text()[-2000:]}")
    rates.append(rdkit_rate(smiles))
    return Part(wall, cpu, done() - before, log.stat().st_size, list(found.values()), rates)


def check_order(table: Path, job: Path) -> dict[str, int]:
    """Compare a finished job with its input, row for row; raise if one is missing, doubled, moved or changed."""
    rows = reasons = wrong = compared = 0
    folder = JobFolder(job)
    merged = job.parent / "merged.csv"
    from chemvae.scoring.job import merge

    merge(folder, merged, overwrite=True)
    for given, got in zip(read_chunks(table, 50_000), read_chunks(merged, 50_000), strict=True):
        assert given["id"].tolist() == got["id"].tolist() == [*map(str, range(rows, rows + len(given)))]
        assert given["smiles"].tolist() == got["smiles"].tolist()
        bad = np.arange(rows, rows + len(given)) % EVERY == EVERY // 2
        has = (got["reason"] != "").to_numpy()
        reasons, wrong, rows = reasons + int(has.sum()), wrong + int((has != bad).sum()), rows + len(given)
        few = got[~has].iloc[::500]
        mine = few[list(NAMES)].astype(float).to_numpy()
        np.testing.assert_allclose(mine, rdkit_one_by_one(few["smiles"].tolist()), rtol=0, atol=1e-9)
        compared += len(few)
    merged.unlink()
    assert wrong == 0
    return {"rows": rows, "rows_with_a_reason": reasons, "values_compared_with_rdkit": compared}


def flat(parts: Sequence[dict[str, Any]], rows: int) -> dict[str, Any]:
    """Return what the processes held by how much of the table was done: the median of each tenth."""
    answer: dict[str, Any] = {}
    for role in ("main", "worker"):
        processes = (watched for part in parts for watched in part["processes"] if watched["role"] == role)
        seen = [one for watched in processes for one in watched["seen"]]
        by = [[one for one in seen if one[0] * TENTHS // rows == tenth] for tenth in range(TENTHS)]
        answer[role] = {
            "megabytes_by_tenth": [round(statistics.median(held for _, held, _ in some), 1) for some in by if some],
            "open_files_by_tenth": [int(statistics.median(files for _, _, files in some)) for some in by if some],
        }
    return answer


def command_of(table: Path, job: Path, properties: str, processes: int) -> list[str]:
    """Return the command that begins a job, or goes on with it."""
    options = ["--properties", properties, "-j", str(processes), "--resume"]
    return [sys.executable, "-m", "chemvae", "score", str(table), "-o", f"{job}/", *options]


def summary(given: argparse.Namespace, rows: int, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of all parts together."""
    cpu, wall = (sum(part[name] for part in parts) for name in ("cpu_seconds", "wall_seconds"))
    rates = [rate for part in parts for rate in part["rdkit_rows_per_core_second"]]
    peaks = dict[str, float]()
    for one in (watched for part in parts for watched in part["processes"]):
        peaks[one["role"]] = max(one["peak_mb"], peaks.get(one["role"], 0.0))
    return {
        "rows": rows,
        "processes": given.processes,
        "properties": given.properties,
        "parts": len(parts),
        "wall_seconds": round(wall, 1),
        "cpu_seconds_of_all_processes": round(cpu, 1),
        "rows_per_second": round(rows / wall, 1),
        "rows_per_core_second": round(rows / cpu, 1),
        **(beside(rows / cpu, rates) if given.properties == ",".join(NAMES) else {}),
        "peak_megabytes_of_a_process": {role: round(peak, 1) for role, peak in peaks.items()},
        "bytes_said_on_standard_error": sum(part["said_bytes"] for part in parts),
        **flat(parts, rows),
    }


def beside(ours: float, rdkit: Sequence[float]) -> dict[str, Any]:
    """Return our rows a core-second beside those of RDKit, which computes all of `NAMES` and a fingerprint."""
    return {
        "rdkit_one_by_one_rows_per_core_second": spread(list(rdkit)),
        "ratio_to_rdkit": round(ours / statistics.median(rdkit), 3),
    }


def protocol(given: argparse.Namespace, *, whole: bool) -> str:
    """Say how it was measured; only of the whole set of properties can RDKit's values and speed stand beside ours."""
    compared = (
        f" RDKit one by one scores {SAMPLE:,} rows in one process before and after each part. `checked`: every row is "
        "compared with the input by its place, one in 500 with RDKit's values."
    )
    return (
        f"{given.table.name} {given.times} times, one row in {EVERY} malformed, scored by `chemvae score -j "
        f"{given.processes}` as a job. Core-seconds are the processor time of all its processes; memory is the "
        f"kernel's VmHWM and VmRSS.{compared if whole else ''}"
    )


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--table", type=Path, required=True, help="zinc250k.csv.gz")
    asked.add_argument("--work", type=Path, required=True, help="folder for the table, the job and what was measured")
    asked.add_argument("--times", type=int, default=4, help="how often the table is repeated: 4 is a million rows")
    asked.add_argument("--properties", default="logp,qed,sa", help="logp alone for --times 8, to look at memory")
    asked.add_argument("-j", "--processes", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=780.0, help="longest part; the same command again goes on")
    asked.add_argument("-o", "--out", type=Path, help="where to write the result")
    return asked.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Measure one part, and when the job is finished, check it and write the result."""
    given = parsed(words)
    given.work.mkdir(parents=True, exist_ok=True)
    table, job = given.work / "big.csv", given.work / "job"
    if not (given.work / "about.json").is_file():
        write_json(given.work / "about.json", {"rows": make_table(given.table, given.times, table)})
    rows, parts = int(read_json(given.work / "about.json")["rows"]), given.work / "parts.json"
    before = read_json(parts) if parts.is_file() else []
    smiles = read_smiles(given.table, 10**9)
    sample = smiles[:: max(1, len(smiles) // SAMPLE)][:SAMPLE]
    assert Chem.MolFromSmiles(sample[0]) is not None
    rdkit_one_by_one(sample[:100])  # warm: tables are loaded
    command = command_of(table, job, given.properties, given.processes)
    part = run_part(command, job, sample, given.seconds, given.work / "said.log")
    before.append(asdict(part))
    write_json(parts, before)
    done = rows_done(job)()
    print(f"{done:,} of {rows:,} rows after {len(before)} parts", flush=True)
    if done < rows:
        print("not finished: run the same command again", flush=True)
        return
    whole = given.properties == ",".join(NAMES)
    out = given.out or RESULT.with_name("scoring_job.json" if given.properties != "logp" else "scoring_memory.json")
    write_json(
        out,
        {
            "protocol": protocol(given, whole=whole),
            **summary(given, rows, before),
            "checked": check_order(table, job) if whole else {"rows": done},
            "table_sha256": sha256(given.table),
            "versions": describe()["versions"],
        },
    )
    print(f"written to {out}", flush=True)


if __name__ == "__main__":
    main()
