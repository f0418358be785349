"""Walk a newcomer's first ten minutes in an empty environment, as docs/install.md and docs/five_minutes.md tell them.

    python -m benchmarks.ten_minutes --work work/newcomer

Clones this repository into the folder, builds an environment there, types what the pages say, line by line, and keeps
what each step printed in `step-N.txt`. Needs git and a package index; the folder can be thrown away afterwards.
"""

import argparse
import os
import platform
import re
import resource
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

from benchmarks.markers import fill_between
from benchmarks.page import table
from chemvae.io.atomic import read_json, write_json, write_text

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "ten_minutes.json"
PAGE = ROOT / "docs" / "ten_minutes.md"
BLOCK = re.compile(r"^```(python)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r"\*\*\d+\. (.+?)\.\*\*")
PROTOCOL = (
    "An empty virtual environment in a fresh clone. Processor seconds of one core, of the step and all that it "
    "started, so that neither the network nor what else the machine did counts."
)
PROGRAM = "the program"
INTO = "[ ! -f .venv/bin/activate ] || . .venv/bin/activate; "
"""What brings each step into the environment that the first one builds."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to type."""

    title: str
    """what it is for"""
    text: str
    """a line of a shell, or a program of Python"""
    is_python: bool = False
    """which of the two"""

    @property
    def line(self) -> str:
        """The step as a line for bash."""
        return f"python -c {shlex.quote(self.text)}" if self.is_python else self.text

    @property
    def told(self) -> str:
        """The step in a cell of a table."""
        return PROGRAM if self.is_python else self.text


def steps(install: str, minutes: str) -> Iterator[Step]:
    """Yield what the two pages tell a newcomer to type, in their order."""
    names = iter(("make an environment", "install", "look whether everything is there"))
    for _, body in list(BLOCK.findall(install))[:2]:
        yield from (Step(next(names), line) for line in body.strip().splitlines())
    for part in re.split(r"(?=\*\*\d+\. )", minutes)[1:]:
        title, (kind, body) = TITLE.search(part), BLOCK.findall(part)[0]
        lines = [body.strip()] if kind else body.strip().splitlines()
        name = title[1][0].lower() + title[1][1:] if title else ""
        yield from (Step(name, line, bool(kind)) for line in lines)


def walk(work: Path) -> Iterator[dict[str, object]]:
    """Take the steps in a clone of this repository; yield what each cost and the last thing that it said.

    Raises:
        SystemExit: a step failed, which is what this program is for.
    """
    subprocess.run(["git", "clone", "-q", str(ROOT), str(work)], check=True)
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    docs = work / "docs"
    pages = ((docs / name).read_text("utf-8") for name in ("install.md", "five_minutes.md"))
    for at, step in enumerate(steps(*pages), start=1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        line = f"exec 2>&1; {INTO}{step.line}"
        done = subprocess.run(["bash", "-c", line], cwd=work, env=own, stdout=PIPE, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        write_text(work / f"step-{at}.txt", f"$ {step.text}\n{done.stdout}")
        if done.returncode:
            raise SystemExit(f"Expected step {at} to work, but got:\n$ {step.text}\n{done.stdout[-3000:]}")
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{at}  {seconds:6.1f} s  {step.text.splitlines()[0]}", flush=True)
        yield {"step": step.title, "typed": step.told, "processor seconds": round(seconds, 1)}


def told(result: dict[str, object]) -> str:
    """Return the table of the page."""
    rows = [
        (
            str(row["step"]),
            row["typed"] if row["typed"] == PROGRAM else f"`{row['typed']}`",
            f"{row['processor seconds']:.0f}",
        )
        for row in result["steps"]
    ]
    return "\n".join(table(("step", "what you type", "processor seconds"), rows)).rstrip()


def main() -> None:
    """Walk and write, or write the page again."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--work", type=Path, help="a folder that is not there yet; without it only the page is written")
    work = asked.parse_args().work
    if work is not None:
        taken = list(walk(work))
        size = sum(file.stat().st_size for file in (work / ".venv").rglob("*") if file.is_file())
        result = {"protocol": PROTOCOL, "environment, megabytes": round(size / 1e6), "steps": taken}
        write_json(RESULT, {**result, "versions": {"python": platform.python_version()}})
    fill_between(PAGE, "steps", told(read_json(RESULT)))


if __name__ == "__main__":
    main()
