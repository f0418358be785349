"""One process at a time in a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chemvae.errors import ExistsError
from chemvae.io.alone import alone_in, refuse_busy

HOLDS = """
import sys, time
from chemvae.io.alone import alone_in
with alone_in(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_told_until_the_first_is_gone_however_it_went(tmp_path: Path):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as first:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        with pytest.raises(ExistsError, match="another process works there"), alone_in(tmp_path):
            pass
        with pytest.raises(ExistsError, match="Wait for its end"):
            refuse_busy(tmp_path)
        first.send_signal(signal.SIGKILL)
    with alone_in(tmp_path):
        refuse_busy(tmp_path / "not there")
    with alone_in(tmp_path):
        pass
