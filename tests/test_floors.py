"""The floors of the house hold: imports point downward, and import-linter would notice if one did not."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder that holds pyproject.toml and chemvae."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)


def test_floors_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("nn/bad.py", "from rdkit import Chem", "networks and their training know no chemistry toolkit"),
        ("chem/bad.py", "import torch", "chemistry knows no tensor library"),
        ("search/bad.py", "def f():\n    import botorch", "one file imports BoTorch"),
        ("errors.py", "from chemvae.cli import app", "floors: import downward only"),
        ("stray.py", "", "floors: import downward only"),
    ],
)
def test_a_wrong_import_is_noticed(tmp_path: Path, file: str, line: str, contract: str):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(
        ROOT / "chemvae", tmp_path / "chemvae", ignore=shutil.ignore_patterns("__pycache__", "bundles", "data")
    )
    (tmp_path / "chemvae" / file).write_text(f'"""A file that breaks a rule."""\n\n{line}\n')
    done = lint(tmp_path)
    assert done.returncode != 0
    broken = done.stdout.partition("Broken contracts")[2] or done.stdout
    assert contract in broken


def test_the_design_page_shows_the_floors_as_they_are():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    page = (ROOT / "docs" / "design.md").read_text()
    shown = re.findall(r"^ ?[0-9]+  (.*?)(?:  |$)", page, re.MULTILINE)
    assert shown == settings["contracts"][0]["layers"]
