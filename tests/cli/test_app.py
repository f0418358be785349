"""The program: every command has its help, wrong usage ends with 2, errors end with 1 and in one line."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    "demo", "app", "doctor", "data list", "data fetch", "data prepare", "train", "image", "evaluate", "export",
    "encode", "decode", "sample", "neighbors", "interpolate", "map", "holes", "climb", "optimize", "score",
    "job status", "job merge",
]  # fmt: skip


@pytest.fixture
def broken(monkeypatch):
    """Let `chemvae data list` fail in a given way."""
    from chemvae.cli import app

    def fail_with(error: BaseException):
        def list_() -> None:
            raise error

        monkeypatch.setitem(app.DATA_COMMANDS, "list", (list_, ""))

    return fail_with


def told(capsys) -> str:
    """Return what stands on stderr, which must be one line."""
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert said.startswith("error: ")
    return said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_a_worked_example(main, capsys, command: str):
    assert main([*command.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert f"chemvae {command}" in said.partition("Example")[2]


@pytest.mark.parametrize("group", ["", "data", "job"])
def test_help_of_several_commands_shows_a_worked_example(main, capsys, group: str):
    from chemvae.cli.app import build

    assert main([*group.split(), "--help"]) == 0
    lines = capsys.readouterr().out.partition("Example")[2].splitlines()[1:]
    assert any(line.startswith(f"  chemvae {group}") for line in lines)
    for line in lines:
        build().parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_the_column_of_the_site(main, capsys, monkeypatch, command: str):
    conf = (Path(__file__).parents[2] / "docs" / "conf.py").read_text()
    columns = re.search(r'environ\["COLUMNS"\] = "(\d+)"', conf)[1]
    assert int(columns) <= 90  # what 46em of the theme hold in its small type
    monkeypatch.setenv("COLUMNS", columns)
    assert main([*command.split(), "--help"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 90


def test_every_command_is_tested():
    from chemvae.cli.app import COMMANDS as ALONE
    from chemvae.cli.app import DATA_COMMANDS, JOB_COMMANDS

    grouped = [*(f"data {name}" for name in DATA_COMMANDS), *(f"job {name}" for name in JOB_COMMANDS)]
    assert sorted(COMMANDS) == sorted([*ALONE, *grouped])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_less_or_more_and_shows_its_settings(main, capsys, command: str):
    assert main([*command.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert all(option in said for option in ("--print-config", "--quiet", "--verbose"))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_command(main, capsys, command: str):
    main([*command.split()[:-1], "--help"])
    assert f" {command.split()[-1]} " in capsys.readouterr().out


def test_version(main, capsys):
    import chemvae

    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == chemvae.__version__


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("optimise", 'Did you mean "optimize"?'),
        ("xyzzy", ", ... See"),
        ("data prepar x", 'Did you mean "prepare"?'),
        ("score x.csv --propertys qed -o y.csv", "Did you mean --properties? See"),
        ("score", "requires an argument"),
        ("sample -n many", "unable to convert"),
        ("optimize --method genetic", "Choose from"),
    ],
)
def test_wrong_usage_ends_with_2(main, capsys, line: str, hint: str):
    assert main(line.split()) == 2
    said = told(capsys)
    assert hint in said
    assert "--help`" in said


def test_an_error_ends_with_1_in_one_line(main, capsys, broken):
    from chemvae.errors import InputError

    broken(InputError("Expected this,\n  but got that. Do this."))
    assert main(["data", "list"]) == 1
    assert told(capsys) == "error: Expected this, but got that. Do this.\n"


def test_a_full_disk_is_told_in_one_line(main, capsys, broken):
    broken(OSError(28, "No space left on device", "x.csv"))
    assert main(["data", "list"]) == 1
    assert "x.csv, but got: No space left on device" in told(capsys)


def test_debugging_shows_where_it_came_from(main, monkeypatch, broken):
    from chemvae.errors import InputError

    broken(InputError("no"))
    monkeypatch.setenv("CHEMVAE_DEBUG", "1")
    with pytest.raises(InputError):
        main(["data", "list"])


def test_a_fault_of_ours_is_not_dressed_up(main, broken):
    broken(KeyError("oops"))
    with pytest.raises(KeyError):
        main(["data", "list"])


def test_an_interrupt_ends_with_130(main, capsys, broken):
    broken(KeyboardInterrupt())
    assert main(["data", "list"]) == 130
    told(capsys)


def test_a_reader_who_leaves_is_no_error():
    command = f"{sys.executable} -m chemvae data list | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_completion_is_installed_for_a_shell(main, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["--install-completion", "--shell", "bash"]) == 0
    (script,) = tmp_path.rglob("completions/chemvae")
    for word in ("neighbors", "interpolate", "--radius", "structure-bayes"):
        assert word in script.read_text()
    assert str(script) in capsys.readouterr().out


def test_a_closed_standard_output_is_no_trace():
    shell = [f'exec "{sys.executable}" -m chemvae data list >&-']
    done = subprocess.run(["sh", "-c", *shell], capture_output=True, text=True)
    assert done.returncode == 0 and "Traceback" not in done.stderr
