"""Tiny objectives, well and ill behaved, as a user's own module would hold them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

NUMBER = 5.0


class Scale:
    """A class, which is no function of molecules."""


def length(smiles):
    return [len(one) for one in smiles]


def process(smiles):
    """Return which process answers."""
    return [os.getpid()] * len(smiles)


def two_at_once(smiles):
    """Return which process answers, once another one has been asked as well."""
    marks = Path(os.environ["TINY_MARKS"])
    (marks / f"process-{os.getpid()}").touch()
    while len(list(marks.glob("process-*"))) < 2:
        time.sleep(0.01)
    return [os.getpid()] * len(smiles)


def handed(smiles):
    """Return how many molecules were handed over together."""
    return [len(smiles)] * len(smiles)


def together(smiles):
    return [len(smiles)] * len(smiles)


together.whole_batches = True


def moody(smiles):
    """Do what a molecule says: hang, die, be killed, raise, leave; else its length."""
    for one in smiles:
        print("a line on standard output is no result")  # noqa: T201
        if one == "hang":
            time.sleep(600)
        elif one == "die":
            os._exit(7)
        elif one == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif one == "raise":
            raise RuntimeError("no\nlicence")
        elif one == "leave":
            sys.exit("goodbye")
    return length(smiles)


def second_time(smiles):
    """Fail the first time that a molecule comes; the folder remembers."""
    for one in smiles:
        mark = Path(os.environ["TINY_MARKS"]) / one
        if not mark.exists():
            mark.touch()
            os._exit(3)
    return length(smiles)


def nursing(smiles):
    """Start a process that outlives its patience, and say who it is."""
    with (Path(os.environ["TINY_MARKS"]) / "child").open("w") as file:
        file.write(str(subprocess.Popen(["sleep", "600"]).pid))
    time.sleep(600)
    return length(smiles)


def short(smiles):
    return [1.0] * (len(smiles) - 1)


def words(smiles):
    return ["good"] * len(smiles)


def noticed(smiles):
    """Return lengths and keep a line for each molecule that was really asked about."""
    with (Path(os.environ["TINY_MARKS"]) / "asked").open("a") as file:
        file.writelines(f"{one}\n" for one in smiles)
    return length(smiles)


def killing(smiles):
    """As `noticed`, but kill the whole search with -9 while its thirty-fifth molecule is measured."""
    asked = Path(os.environ["TINY_MARKS"]) / "asked"
    if asked.exists() and len(asked.read_text().split()) >= 35 and "TINY_KILL" in os.environ:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    return noticed(smiles)
