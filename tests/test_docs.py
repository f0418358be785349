"""What the documents promise: every command line in them parses, and every option is described."""

import json
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
PAGES = [page for page in PAGES if not page.startswith("docs/generated/")]


@pytest.fixture
def app(tmp_path, monkeypatch):
    from chemvae.cli.app import build

    monkeypatch.chdir(tmp_path)
    (tmp_path / "optimize.toml").write_text("[optimize]\n")

    return build()


def command_lines(text: str) -> list[list[str]]:
    """Return the arguments of every `chemvae` command in a text."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    parts = [part.strip() for line in lines for part in re.split(r" && | \| ", line)]
    wanted = [part.removeprefix("$ ") for part in parts]
    return [cut(shlex.split(part, comments=True)[1:]) for part in wanted if part.startswith("chemvae ")]


def cut(tokens: list[str]) -> list[str]:
    """Drop what the shell would take."""
    return tokens[: tokens.index(">")] if ">" in tokens else tokens


def parses(app, tokens: list[str]) -> None:
    from chemvae.cli.options import STANDARD

    app.parse_args([STANDARD if token == "-" else token for token in tokens], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_parses(app, page):
    fenced = "\n".join(re.findall(r"^```[a-z]*\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE))
    for tokens in command_lines(fenced):
        parses(app, tokens)


def test_every_worked_example_parses(app):
    from chemvae.cli.app import COMMANDS, DATA_COMMANDS, JOB_COMMANDS

    examples = [example for _, _, example in COMMANDS.values()]
    examples += [example for _, example in [*DATA_COMMANDS.values(), *JOB_COMMANDS.values()]]
    for example in examples:
        found = command_lines(example)
        assert found
        assert max(map(len, example.splitlines())) <= 80, "A longer line is broken, and what is copied does not run."
        for tokens in found:
            parses(app, tokens)


def test_every_option_is_described_under_its_command(app):
    page = (ROOT / "docs" / "cli.md").read_text()
    sections = dict(re.findall(r"^### chemvae ([a-z ]+)\n(.*?)(?=^##|\Z)", page, re.DOTALL | re.MULTILINE))
    commands = {name: app[name] for name in app if not name.startswith("-") and name not in ("data", "job")}
    for group in ("data", "job"):
        commands |= {f"{group} {name}": app[group][name] for name in app[group] if not name.startswith("-")}
    assert set(sections) == set(commands)
    for name, command in commands.items():
        options = {option for argument in command.assemble_argument_collection() for option in argument.names}
        options = {option for option in options if not option.startswith(("--no-", "--empty-"))}
        described = set(
            re.findall(r"(?<![\w-])--[a-z-]+|(?<![\w-])-[a-z](?![\w-])", sections[name].replace("/-", " -"))
        )
        told_once = {"--overwrite", "--print-config", "--model", "-m", "--help", "--quiet", "-q", "--verbose", "-v"}
        assert {option for option in options if option.startswith("-")} - described <= told_once, name
        assert described - options - {"--no-standardise", "--no-report"} <= told_once, name


def test_the_readme_tells_what_the_demo_was_measured_to_find():
    demo = json.loads((ROOT / "benchmarks/results/newcomer.json").read_text())["demo"]
    told = " ".join((ROOT / "README.md").read_text().split())
    assert demo["absent from the training molecules too"] == demo["candidates"]
    assert f"{demo['candidates']} new molecules in {demo['calls']} calls, none of them in the training set" in told
    assert f"the ten best have {demo['mean of the ten best']:.2f} on average" in told
    assert f"the best start molecule has {demo['best start molecule']:.2f}" in told


def test_the_two_commands_stand_at_the_top_of_the_readme():
    top = (ROOT / "README.md").read_text().splitlines()[:25]
    assert any(line.startswith("make demo") for line in top)
    assert any(line.startswith("make test") for line in top)
