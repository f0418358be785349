"""The front door opens lightly: neither importing chemvae nor asking for help loads what is heavy."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "rdkit", "pandas", "numpy", "pyarrow", "pytorch_lightning", "botorch", "matplotlib")


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh Python; return which heavy packages it loaded."""
    ask = f"{code}\nimport sys; print('\\n' + ' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_probe_sees_what_is_loaded():
    assert "numpy" in loaded_after("import numpy")


@pytest.mark.parametrize(
    "code",
    [
        "import chemvae; chemvae.__version__; dir(chemvae)",
        "from chemvae.cli.app import main; main(['--help'])",
        "from chemvae.cli.app import main; main(['optimize', '--help'])",
        "from chemvae.cli.app import main; assert main(['nonsense']) == 2",
    ],
)
def test_loads_nothing_heavy(code: str):
    assert loaded_after(code) == set()


def test_every_name_of_the_front_door_opens():
    import chemvae

    for name in chemvae.HOMES:
        assert getattr(chemvae, name).__module__ == chemvae.HOMES[name]


def test_a_verb_stays_callable_when_its_module_was_imported():
    import chemvae
    from chemvae.prepare import prepare

    assert chemvae.prepare is prepare
    assert chemvae.prepare is prepare


def test_unknown_name_is_an_attribute_error():
    import chemvae

    with pytest.raises(AttributeError, match="nonsense"):
        _ = chemvae.nonsense


def test_version_is_written_once():
    import tomllib
    from pathlib import Path

    import chemvae

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert chemvae.__version__.count(".") == 2
