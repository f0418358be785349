"""The project's own files: what `make` installs, in which order, and that the second time it installs nothing."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINS = dict(
    line.split("==")
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def make(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, even if make runs these tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True, env=own)


def planned(target: str, folder: Path) -> list[str]:
    """Return the commands that make would run."""
    done = make("-n", target, folder=folder)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if "pip install" in line or "chemvae" in line or "pytest" in line]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    made = re.search(r"'\.\[(dev,[a-z,]+)\]'", (ROOT / "Makefile").read_text())[1].split(",")
    wanted = [*project["dependencies"], *(need for extra in made for need in extras[extra])]
    pinned = {normal(name) for name in PINS}
    for requirement in wanted:
        assert normal(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) in pinned


def test_what_notebooks_bring_is_what_runs_or_is_imported_by_them():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["notebook"]
    brought = {normal(re.match(r"[A-Za-z0-9._-]+", need)[0]) for need in extra} - {"ipykernel", "nbclient", "nbformat"}
    written = "".join(path.read_text().lower() for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert not [name for name in brought if f"import {name}" not in written]


def test_pins_fit_any_build_of_a_version():
    assert not [name for name, version in PINS.items() if "+" in version]


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_first_time_installs_torch_then_the_rest(checkout: Path, target: str):
    torch, rest, work = planned(target, checkout)
    assert f"torch=={PINS['torch']}" in torch
    assert "-e '.[dev]'" in rest
    assert "pip" not in work
    assert "-c constraints.txt" in torch
    assert "-c constraints.txt" in rest


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_second_time_installs_nothing(checkout: Path, target: str):
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / ".installed").touch()
    assert len(planned(target, checkout)) == 1


def test_ci_runs_check_and_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert "make check" in lines
    assert "make test" in lines


def test_without_python_make_says_what_to_do(checkout: Path):
    done = make("test", "PYTHON=", folder=checkout)
    assert done.returncode != 0
    assert "error: expected Python 3.11 or newer" in done.stdout
