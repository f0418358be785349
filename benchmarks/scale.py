"""Write docs/scale.md: what was measured of long jobs, and the arithmetic beyond it with its assumptions."""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.page import PROGRAMS, RESULTS, ROOT, rendered, table
from chemvae.io.atomic import read_json, write_text

PAGE = ROOT / "docs" / "scale.md"
BILLION = 10**9
CORES = (2, 16, 96, 960)
HOUR, DAY = 3600.0, 86400.0
FP32 = 4  # bytes
LINKS = {"10 Gbit/s Ethernet": 1.25e9, "100 Gbit/s InfiniBand": 12.5e9, "NVLink, 300 GB/s": 300e9}
"""Bytes a second each way between two of the devices: what such links are sold as, not measured here."""
GPUS = 8
SHORT = 0.01  # seconds

MEASURED = {
    "scoring_job": ("A million rows, one in a hundred malformed", "--table zinc250k.csv.gz --work work/million"),
    "scoring_memory": (
        "Two million rows: memory and open files",
        "--table zinc250k.csv.gz --work work/two_million --times 8 --properties logp",
    ),
    "scoring_prediction": ("With a model", "--table zinc250k.csv.gz"),
}

TEXT = """# Scale

What was measured of long jobs, and what follows from it by arithmetic for jobs that were not run. This page is
written by `python -m benchmarks.scale` from `benchmarks/results/`; every figure of the first part is measured,
none of the other two.

## Measured

{measured}
## By arithmetic: 10^9 rows

{rows}
Assumed: molecules like those that were measured; every core as fast, and no slower beside the others; a file system
that hands out the input as fast as it is scored. Not in it: the walk that makes the plan, which reads the input once
in one process, and the merge, which reads and writes the shards once.

What grows with the table, and what does not:

- The memory of a process does not: a worker holds eight slices of 200 rows, the main process a few frames of 1,000
  rows and the shards under way.
- Shards do: 10^9 rows are 100,000 shards of 10,000, two files each. `--shard-rows 100000` makes 10,000 of them; a
  kill then costs up to 100,000 rows of each process that was killed, and a shard under way ten times the memory.
- `plan.csv` does: a line of about 100 bytes a shard, which every process of the job reads once.
- Leases do not: one for each shard under way.

Hosts share a job by starting the same command with `--resume` on each; there is no server, and nothing to divide
beforehand. See [chemvae score](cli.md#chemvae-score).

## By arithmetic: eight devices

`train.devices = 8` starts a process for each device of a host; with `train.nodes` a launcher starts them on several.
They share every batch of `train.batch_size` molecules: the schedule, the learning rate and the order of the molecules
stay those of one device, and the gradient is that of the whole batch.

Two hosts of four devices, the same line on each, with `nodes = 2` and `devices = 4` under `[train]`:

```text
torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29500 -m chemvae train run.toml -o big
```

{devices}
Assumed: no bandwidth is lost, and latency is nothing. A batch of 128 molecules is 16 for each of eight devices; a
larger `train.batch_size` gives them more, and changes the schedule. Only training itself is shared: every process
looks at all validation molecules, and the first one fits the prior and `[validity]`. Two processes on a CPU are tested
to train to what one does, and to the same bits when killed and resumed (`tests/training/test_ranks.py`); GPUs were
not at hand.
"""


def time_of(seconds: float) -> str:
    """Write a time as a person would say it."""
    return f"{seconds / DAY:.1f} days" if seconds >= 2 * DAY else f"{seconds / HOUR:.1f} hours"


def measured(results: Path) -> list[str]:
    """Return what the results say, each with its command; one that is not there is said to be missing."""
    lines = []
    for name, (title, command) in MEASURED.items():
        lines += [
            f"### {title}\n",
            f"`python -m benchmarks.{PROGRAMS.get(name, name)} {command}` → `benchmarks/results/{name}.json`\n",
        ]
        path = results / f"{name}.json"
        lines += rendered(read_json(path), 4) if path.is_file() else ["Not measured yet.\n"]
    return lines


def of_rows(results: Path) -> str:
    """Return the arithmetic for 10^9 rows, from the measured rate."""
    path = results / "scoring_job.json"
    if not path.is_file():
        return "The rate that this needs is not measured yet.\n"
    found: dict[str, Any] = read_json(path)
    rate = float(found["rows_per_core_second"])
    hours = BILLION / rate / HOUR
    rows = [[f"{cores:,}", time_of(BILLION / rate / cores)] for cores in CORES]
    return "\n".join(
        [
            f"At the measured {rate:,.0f} rows a core-second ({found['properties'].replace(',', ', ')}; all processes",
            f"of the job counted), 10^9 rows are {hours:,.0f} core-hours:\n",
            *table(["cores", "time"], rows),
        ]
    )


def parameters() -> int:
    """Count the parameters of the bundled model from the head of its weights file."""
    path = ROOT / "chemvae" / "bundles" / "zinc250k" / "model.safetensors"
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118 - no mapping
    total = 0
    for shape in shapes:
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def of_devices() -> str:
    """Return the arithmetic for eight devices: what they must tell each other at each step."""
    n = parameters()
    sent = 2 * (GPUS - 1) / GPUS * n * FP32
    rows = [[name, in_ms(sent / speed), in_ms(10 * sent / speed)] for name, speed in LINKS.items()]
    return "\n".join(
        [
            f"The reference model has {n:,} parameters. A ring all-reduce sends and receives 2 (g - 1) / g times",
            f"the gradients on each of g devices: for {GPUS}, {sent / 1e6:.1f} MB a step in 32 bits. What that takes",
            "on a link, and how long a step must be for it to cost less than a tenth of it, even if nothing is hidden",
            "behind the backward pass:\n",
            *table(["link", "all-reduce", "step of which it is a tenth"], rows),
        ]
    )


def in_ms(seconds: float) -> str:
    """Write a short time."""
    return f"{seconds * 1000:,.0f} ms" if seconds >= SHORT else f"{seconds * 1000:.2g} ms"


def page(results: Path = RESULTS) -> str:
    """Return the whole page."""
    text = TEXT.format(measured="\n".join(measured(results)), rows=of_rows(results), devices=of_devices())
    return text.rstrip() + "\n"


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    write_text(PAGE, page())


if __name__ == "__main__":
    main()
