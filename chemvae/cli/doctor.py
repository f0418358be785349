"""`chemvae doctor`: what is installed, which device, which models, and what would fail."""

import functools
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chemvae import __version__
from chemvae.cli.options import Options
from chemvae.errors import ChemvaeError, ConfigError
from chemvae.settings import n_jobs

EXAMPLE = """Example, to paste below a bug report:
  chemvae doctor"""

CORE = (
    "torch", "pytorch-lightning", "botorch", "gpytorch", "rdkit", "selfies", "numpy", "scipy", "pandas", "pyarrow",
    "scikit-learn", "safetensors", "pydantic", "cyclopts", "matplotlib",
)  # fmt: skip
EXTRAS = {
    "ray": "ray",
    "app": "streamlit",
    "browser": "playwright",
    "notebook": "nbclient",
    "umap": "umap-learn",
    "track": "tensorboard",
    "fcd": "fcd-torch",
    "onnx": "onnxruntime",
}
"""The distribution whose presence tells that an extra is installed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    """what"""
    said: str
    """what was found"""
    failed: bool = False
    """whether chemvae cannot do its work with it"""


def doctor(*, options: Options = Options()) -> None:  # noqa: ARG001 - what every command has
    """Show versions, device, models and extras, and say what would fail."""
    failed = []
    for look in (system, libraries, device, models, writing, extras, objectives):
        for finding in look():
            print(f"{'FAIL' if finding.failed else 'ok':<5} {finding.name:<20} {finding.said}")
            failed += [finding.name] if finding.failed else []
    if failed:
        raise ConfigError(f"Expected a healthy installation, but {', '.join(failed)} failed. See the lines above.")


def version(distribution: str) -> str | None:
    """Return the installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def system() -> Iterator[Finding]:
    """Look at chemvae, Python and the machine."""
    yield Finding("chemvae", f"{__version__} in {Path(__file__).parents[1]}")
    yield Finding("python", f"{platform.python_version()} at {sys.executable}")
    yield Finding("machine", f"{platform.platform()}, {n_jobs()} cores to use of {os.cpu_count()}")


def libraries() -> Iterator[Finding]:
    """Look at what chemvae cannot do without."""
    for distribution in CORE:
        found = version(distribution)
        yield Finding(distribution, found or "missing: pip install chemvae brings it", failed=found is None)


def device() -> Iterator[Finding]:
    """Look at what torch can compute on."""
    yield attempt("device", _device)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
    mps = " (an Apple GPU is there, and not used)" if torch.backends.mps.is_available() else ""
    return f"cpu, {torch.get_num_threads()} threads{mps}"


def models() -> Iterator[Finding]:
    """Load each bundled model, and let it write a molecule and read what it wrote."""
    from chemvae.io.carried import bundle_names

    names = bundle_names()
    if not names:
        yield Finding("models", "none are bundled: commands need -m FOLDER", failed=True)
    for name in names:
        yield attempt(f"model {name}", functools.partial(_model, name))


def _model(name: str) -> str:
    from chemvae.model import load

    model = load(name)
    drawn = model.sample(1, seed=0)[0].text
    model.predict([drawn])
    known = ", ".join(model.property_names) or "nothing"
    return f"latent {model.latent}, predicts {known}; its first sample: {drawn}"


def writing() -> Iterator[Finding]:
    """Look whether this folder and the temporary one can be written to."""
    for name, folder in {"this folder": Path.cwd(), "temporary folder": Path(tempfile.gettempdir())}.items():
        able = os.access(folder, os.W_OK)
        yield Finding(name, f"{folder}" if able else f"{folder} cannot be written to", failed=not able)


def extras() -> Iterator[Finding]:
    """Look at what is optional."""
    for extra, distribution in EXTRAS.items():
        found = version(distribution)
        yield Finding(f"extra [{extra}]", f"{distribution} {found}" if found else "not installed, optional")


def objectives() -> Iterator[Finding]:
    """Import each objective that an installed package announces."""
    from chemvae.plugins import announced

    for name, entry in announced().items():
        yield attempt(f"objective {name}", functools.partial(_objective, name, entry.value))


def _objective(name: str, source: str) -> str:
    from chemvae.plugins import plugin

    plugin(name)
    return source


def attempt(name: str, look: Callable[[], str]) -> Finding:
    """Turn what went wrong into a finding."""
    try:
        return Finding(name, look())
    except (ChemvaeError, ImportError, OSError, RuntimeError) as error:
        return Finding(name, " ".join(str(error).split()), failed=True)
