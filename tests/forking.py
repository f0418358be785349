"""Runs `chemvae` again and again in forks of a process that has imported everything: a start then costs nothing.

A line of standard input is a command as JSON: its words, and `limit`, the most bytes that a file may have, or null. For
each, the number of the process that runs it is printed, then how it ended and the last line that it said.
"""

import importlib
import json
import os
import resource
import signal
import sys
import tempfile


def run(words: list[str], limit: int | None, said: int) -> None:
    """Be the program."""
    os.setpgid(0, 0)
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(said, 2)
    sys.argv = ["chemvae", *words]
    code = 1
    try:
        from chemvae.__main__ import main

        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name)
    say("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if not child:
                run(asked["words"], asked["limit"], said.fileno())
            say(str(child))
            _, status = os.waitpid(child, 0)
            said.seek(0)
            last = (said.read().decode(errors="replace").strip().splitlines() or [""])[-1]
            say(json.dumps([os.waitstatus_to_exitcode(status), last]))


main()
