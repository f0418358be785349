"""What every test of the command line shares: the program in this process, and its one line about an error."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def main() -> Callable[[list[str]], int]:
    """The program: arguments in, exit code out."""
    from chemvae.cli.app import main

    return main


@pytest.fixture
def refused(main, capsys, tmp_path: Path, monkeypatch) -> Callable[..., str]:
    """Run a command that must fail: exit code 1, one line on stderr that begins with `error:`, nothing written."""
    monkeypatch.chdir(tmp_path)

    def run(*tokens: str, code: int = 1) -> str:
        before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file())
        assert main(list(tokens)) == code
        said = capsys.readouterr().err.splitlines()
        assert said[-1].startswith("error: "), said
        assert sum(line.startswith("error: ") for line in said) == 1
        after = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file())
        assert after == before
        return said[-1]

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with a molecule, a row of junk, and a molecule whose name looks like a missing value."""
    path = tmp_path / "in.csv"
    path.write_text("name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\njunk,C(\nNA,CCO\n")
    return path
