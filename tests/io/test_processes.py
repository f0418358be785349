"""Processes: alive, dead, or a number that is used again."""

import os
import subprocess
import sys

from chemvae.io.processes import host, runs, started


def test_this_process_runs_and_another_that_had_its_number_does_not():
    assert runs(os.getpid(), started(os.getpid()))
    assert not runs(os.getpid(), "long ago")
    assert host()


def test_a_process_that_ended_does_not_run():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    since = started(child.pid)
    assert runs(child.pid, since)
    child.communicate(b"")
    assert not runs(child.pid, since)
