"""Chunks over processes: in order, all of them, from a script without ceremony."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import chemvae
from chemvae.chem.workers import in_chunks
from chemvae.errors import ChemvaeError


@pytest.mark.parametrize(("n", "jobs"), [(0, 1), (1, 4), (10, 1), (25, 2)])
def test_answers_come_in_order(n, jobs):
    chunks = in_chunks(list, list(range(n)), jobs=jobs, size=10)
    assert [item for chunk in chunks for item in chunk] == list(range(n))


def test_a_script_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from chemvae.chem.properties import compute\n"
        "print('once', compute(['CCO'] * 1200, ['mw'], jobs=2)['mw'].sum() > 0)\n"
    )
    around = os.environ | {"PYTHONPATH": str(Path(chemvae.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, env=around, check=False
    )
    assert (done.stdout, done.returncode) == ("once True\n", 0), done.stderr


def test_a_killed_process_is_told_in_one_line():
    with pytest.raises(ChemvaeError, match="one was killed"):
        list(in_chunks(lambda chunk: os._exit(chunk[0]), [1, 2], jobs=2, size=1))


def test_an_error_of_the_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        list(in_chunks(divide, [1, 0], jobs=1, size=1))


def divide(items):
    return 1 / items[0]
