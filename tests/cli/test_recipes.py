"""A recipe of `chemvae optimize`: above the defaults, below the environment and the command line."""

import tomllib
from pathlib import Path

import pytest

from chemvae.search.objective import Objective
from chemvae.searchable import COMPUTED

PIPELINES = sorted(Path(__file__).parents[2].glob("pipelines/*/run.toml"))
SEARCHES = [path for path in PIPELINES if "[optimize]" in path.read_text(encoding="utf-8")]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "optimize.toml"
    path.write_text('[optimize]\nbudget = 40\nmethod = "random"\nmaximize = ["qed"]\nconstraint = ["logp <= 4"]\n')
    return path


@pytest.fixture
def settings(main, capsys):
    def ask(*tokens: str) -> dict:
        assert main(["optimize", *tokens, "--print-config"]) == 0
        return tomllib.loads(capsys.readouterr().out)["optimize"]

    return ask


def test_recipe_beats_the_default(settings, recipe):
    asked = settings("--recipe", str(recipe))
    assert (asked["budget"], asked["method"], asked["constraint"]) == (40, "random", ["logp <= 4"])


def test_environment_beats_the_recipe(settings, recipe, monkeypatch):
    monkeypatch.setenv("CHEMVAE_BUDGET", "50")
    assert settings("--recipe", str(recipe))["budget"] == 50


def test_command_line_beats_all(settings, recipe, monkeypatch):
    monkeypatch.setenv("CHEMVAE_BUDGET", "50")
    assert settings("--recipe", str(recipe), "--budget", "60")["budget"] == 60


def test_what_is_printed_is_a_recipe(settings, main, capsys, recipe, tmp_path):
    first = settings("--recipe", str(recipe), "--seed", "7", "--maximize", "5*qed - sa")
    main(["optimize", "--recipe", str(recipe), "--seed", "7", "--maximize", "5*qed - sa", "--print-config"])
    again = tmp_path / "again.toml"
    again.write_text(capsys.readouterr().out)
    assert settings("--recipe", str(again)) == first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[optimize]\nbudgett = 3\n", 'Did you mean "budget"?'),
        ("[optimize\n", "Expected TOML"),
        ("budget = 3\n", "Expected one table [optimize]"),
        ("[optimize]\nbudget = {a = 1}\n", "Expected a plain value for --budget"),
        (None, "No such file"),
    ],
)
def test_a_bad_recipe_is_told_in_one_line(main, capsys, tmp_path, text, said):
    path = tmp_path / "r.toml"
    if text is not None:
        path.write_text(text)
    assert main(["optimize", "--recipe", str(path)]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("path", SEARCHES, ids=lambda path: path.parent.name)
def test_every_search_of_the_project_is_sound(settings, path):
    told = tomllib.loads(path.read_text(encoding="utf-8"))["optimize"]
    asked = settings("--recipe", str(path))
    assert {key: asked[key] for key in told} == told
    Objective(maximize=asked["maximize"], minimize=asked["minimize"]).check(COMPUTED)
