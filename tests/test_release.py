"""A release: one version everywhere, no file of the house forgotten, a wheel that works where nothing else is."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import chemvae

ROOT = Path(__file__).parents[1]
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def test_the_version_is_the_same_everywhere() -> None:
    assert re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1] == chemvae.__version__
    newest = re.search(r"^## ([0-9.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]
    assert newest == chemvae.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["version"]["path"] == "chemvae/__init__.py"


def test_the_house_is_drawn_with_every_room() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    drawn = re.search(r"## The house.*?```\n(.*?)```", page, re.DOTALL)[1].split()
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    assert {room.strip() for layer in layers for room in layer.split("|")} <= set(drawn)


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    pytest.importorskip("build")

    def run(*words: str | Path) -> str:
        done = subprocess.run([str(word) for word in words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"chemvae/bundles/{name}/model.safetensors" for name in ("zinc250k", "cep")} <= set(names)
    assert "chemvae/data/druglike.csv.gz" in names
    assert not [
        name for name in names if not name.startswith(("chemvae/", f"chemvae-{chemvae.__version__}.dist-info/"))
    ]
    run(sys.executable, "-m", "venv", tmp_path / "empty")
    program = tmp_path / "empty" / "bin"
    pins = ROOT / "constraints.txt"
    run(program / "python", "-m", "pip", "install", "-q", "torch==2.13.0", "-c", pins)  # first, so that its build stays
    run(program / "python", "-m", "pip", "install", "-q", wheel, "-c", pins)
    assert str(tmp_path / "empty") in run(program / "python", "-c", "import chemvae; print(chemvae.__file__)")
    assert run(program / "chemvae", "--version").strip() == chemvae.__version__
    run(program / "chemvae", "doctor")
    run(program / "chemvae", "demo", "--budget", "30", "-o", "demo")
    assert (tmp_path / "demo" / "report.html").is_file()
    run(program / "chemvae", "neighbors", ASPIRIN, "-n", "3", "-o", "near.csv")
    run(program / "chemvae", "score", "near.csv", "--predict", "-o", "scored.csv")
    assert (tmp_path / "scored.csv").read_text().count("\n") == 4
