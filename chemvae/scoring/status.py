"""What a job says when it is asked: shards, rows, who works on it, and what could not be scored."""

from pathlib import Path

from chemvae.io.jobs import JobFolder


def told(folder: Path | str, *, check: bool = False) -> str:
    """Tell how far a job is, in a few lines.

    Args:
        folder: of the job.
        check: compare every finished shard with its checksum first.

    Raises:
        InputError: there is no job.
    """
    job = JobFolder(folder)
    stored = job.manifest()
    damaged = job.damaged() if check else []
    totals, done, n = job.totals(), len(job.finished()), int(stored["shards"])
    held = job.leases().held()
    invalid = sum(totals.reasons.values())
    lines = [
        f"{done:,} of {n:,} shards done, {totals.rows:,} of {stored['rows']:,} rows; {invalid:,} could not be scored",
        *(f"  {count:,} {reason}" for reason, count in totals.reasons.items()),
        f"input {stored['input']['path']}, begun {stored['created']}",
        *(f"damaged, to be done again with --resume: shard {at}" for at in damaged),
        *(f"{worker} works on {', '.join(map(what, names))}" for worker, names in sorted(held.items())),
    ]
    if done < n and not held:
        lines.append("nobody works on it; go on with the command that began it and --resume")
    if done == n:
        lines.append(f"finished; have the table with `chemvae job merge {folder} -o FILE`")
    return "\n".join(lines)


def what(lease: str) -> str:
    """Say what a lease is for."""
    return f"shard {int(lease)}" if lease.isdecimal() else f"the {lease}"
