"""Every command and every example of Python in README and docs runs, as a reader would run it, page by page.

A comment before a block says when: `run: quick` with every test, `run: slow` with the slow ones, `not run: REASON`; a
page may say it once for all its blocks with `all blocks: ...`. Blocks run in the order of the page, in one folder,
with the tables that the commands name. Budgets, samples and epochs are cut down, so that what runs is the command
and not the afternoon.
"""

import gzip
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in PAGES if "generated" not in page.parts]
HOW = re.compile(r"<!-- (run: quick|run: slow|not run: .+?) -->\s*\Z")
PAGE_HOW = re.compile(r"<!-- all blocks: (run: quick|run: slow|not run: .+?) -->")
FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
MOST = {"--budget": 24, "-n": 12, "--number": 12, "--steps": 4}
"""What a number in a command is cut down to."""
SMALLER = {
    "chemvae train": ["--set", "train.epochs=1", "--set", "validity.steps=0", "--set", "model.prior.steps=5"],
    "chemvae image": ["--set", "train.epochs=1"],
    "chemvae evaluate": ["-n", "60"],
}
"""What is added to a command."""
ENVIRONMENT = {"CHEMVAE_BUDGET": "24", "CHEMVAE_BATCH": "12"}


@dataclass(frozen=True)
class Block:
    """A fenced block that is meant to be run."""

    page: str
    line: int
    kind: str
    text: str
    how: str


def blocks_of(text: str, name: str) -> list[Block]:
    """Return the blocks of a page that hold Python or commands of a shell."""
    general = PAGE_HOW.search(text)
    found = []
    for fence in FENCE.finditer(text):
        kind, body = fence.groups()
        if kind not in ("", "python", "bash") or (kind == "" and not commands(body)):
            continue
        own = HOW.search(text[: fence.start()])
        how = own[1] if own else general[1] if general else ""
        found.append(Block(name, text[: fence.start()].count("\n") + 1, kind or "bash", body, how))
    return found


def commands(text: str) -> list[str]:
    """Return the commands of a block; prose, trees and tables have none."""
    lines = [line.strip() for line in re.sub(r"\\\n\s*", "", text).splitlines()]
    return [line for line in lines if re.match(r"(chemvae|make|pip|python3?(\.\d+)?) ", line)]


def cut_down(words: list[str]) -> list[str]:
    """Return a command with smaller numbers."""
    small = list(words)
    for at, word in enumerate(words[:-1]):
        if word in MOST and words[at + 1].isdigit():
            small[at + 1] = str(min(int(words[at + 1]), MOST[word]))
    if "--resume" in words:
        return [re.sub(r"(train\.epochs)=\d+", r"\1=2", word) for word in small]
    added = SMALLER.get(" ".join(words[:2]), [])
    return small if added[:1] == ["-n"] and "-n" in words else [*small, *added]


ALL = [block for page in PAGES for block in blocks_of(page.read_text("utf-8"), str(page.relative_to(ROOT)))]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tables that commands of the docs name, and the recipes."""
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "pipelines").symlink_to(ROOT / "pipelines")
    (tmp_path / "data").symlink_to(ROOT / "data")
    with gzip.open(ROOT / "data" / "druglike.csv.gz", "rt", encoding="utf-8") as file:
        header = next(file).strip().split(",")
        at = header.index("smiles")
        smiles = [line.strip().split(",")[at] for line in (next(file) for _ in range(160))]
    rows = [f"{text},{len(text) % 7}" for text in smiles]
    for name in ("molecules.csv", "held-out.csv", "test.csv", "train.csv", "start.csv"):
        (tmp_path / name).write_text("\n".join(["smiles,yield", *(rows[:6] if name == "start.csv" else rows), ""]))
    (tmp_path / "cep.csv").write_text("\n".join(["smiles,PCE", *rows, ""]))
    for name in ("library.csv.gz", "molecules.csv.gz"):
        with gzip.open(tmp_path / name, "wt") as file:
            file.write("\n".join(["smiles,yield", *rows, ""]))
    (tmp_path / "mypackage.py").write_text("def dock(smiles):\n    return [float(len(text)) for text in smiles]\n")
    return tmp_path


def start(*words: str, fed: str = "") -> str:
    """Run Python as a reader's shell does, apart from the checks that tests put into the package; return its output."""
    own = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(Path.cwd())])}
    done = subprocess.run([sys.executable, *words], input=fed, capture_output=True, text=True, env=own)
    assert done.returncode == 0, f"{words[-1][:300]}\n{done.stderr[-2000:]}"
    return done.stdout


def run_shell(text: str) -> None:
    """Run the commands of a block; `&&`, `|` and `>` as a shell takes them."""
    for part in (part for line in commands(text) for part in line.split(" && ")):
        fed = ""
        for piece in part.split(" | "):
            words = shlex.split(piece, comments=True)
            into = words[words.index(">") + 1] if ">" in words else None
            words = cut_down(words[: words.index(">")] if into else words)
            assert words[0] == "chemvae", f"Expected a command of chemvae, but got {piece!r}. Say `not run: WHY`."
            fed = start("-m", "chemvae", *words[1:], fed=fed)
            if into:
                Path(into).write_text(fed)


PRELUDE = """
import chemvae
from chemvae.chem.fingerprints import morgan
from sklearn.ensemble import RandomForestClassifier

model = chemvae.load()
smiles = known = ["CCO", "CCN", "c1ccccc1", "CC(=O)O"]
potencies, measured = [1.0, 2.0, 3.0, 4.0], [float(n) for n in range(8)]
forest = RandomForestClassifier(3, random_state=0).fit(morgan(smiles), [0, 0, 1, 1])


def my_function(many):
    return [float(len(one)) for one in many]
"""
"""What examples of Python take as there."""


def run_page(name: str, how: str) -> None:
    """Run those blocks of a page, each Python block by itself."""
    for block in (one for one in ALL if one.page == name and one.how == how):
        if block.kind == "python":
            start("-c", "\n".join([PRELUDE, re.sub(r"budget=\d+", "budget=24", block.text)]))
        else:
            run_shell(block.text)


def pages(how: str) -> list[str]:
    return sorted({block.page for block in ALL if block.how == how})


@pytest.mark.parametrize("block", ALL, ids=lambda block: f"{block.page}:{block.line}")
def test_every_block_says_how_it_is_run(block: Block) -> None:
    assert block.how, f"{block.page}, line {block.line}: put <!-- run: quick -->, run: slow or not run: WHY before it."


@pytest.mark.parametrize("page", pages("run: quick"))
def test_quick_blocks_run(desk: Path, page: str) -> None:
    run_page(page, "run: quick")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("page", pages("run: slow"))
def test_slow_blocks_run(desk: Path, page: str) -> None:
    for package in ("onnx", "tensorboard", "mlflow"):
        if f"{package}" in (ROOT / page).read_text() and page.endswith("libraries.md"):
            pytest.importorskip(package)
    run_page(page, "run: slow")


def test_a_block_that_does_not_say_is_noticed() -> None:
    text = (
        "# x\n```\nchemvae doctor\n```\n<!-- run: slow -->\n```\nchemvae demo\n```\n```\ntree/\n```\n```toml\na\n```\n"
    )
    assert [(block.line, block.how) for block in blocks_of(text, "none.md")] == [(2, ""), (6, "run: slow")]


def test_numbers_are_cut_down() -> None:
    words = ["chemvae", "optimize", "--budget", "1000", "-n", "5", "-o", "900"]
    assert cut_down(words) == ["chemvae", "optimize", "--budget", "24", "-n", "5", "-o", "900"]
    assert cut_down(["chemvae", "evaluate", "-n", "200"]) == ["chemvae", "evaluate", "-n", "12"]
    assert cut_down(["chemvae", "evaluate"]) == ["chemvae", "evaluate", "-n", "60"]
