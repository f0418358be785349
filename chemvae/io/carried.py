"""What the package carries: bundled models and the molecules sampled from them; nothing is ever downloaded."""

from pathlib import Path

from chemvae.errors import BundleError, MissingFileError
from chemvae.io.runs import BUNDLE, is_run
from chemvae.settings import did_you_mean

PACKAGE = Path(__file__).resolve().parent.parent
BUNDLES = PACKAGE / "bundles"


def bundle_names() -> list[str]:
    """List the bundled models."""
    return (
        sorted(path.name for path in BUNDLES.iterdir() if (path / "config.json").is_file()) if BUNDLES.is_dir() else []
    )


def find_bundle(name_or_folder: str | Path) -> Path:
    """Return the folder of a bundle: a folder comes before a bundled name.

    Raises:
        MissingFileError: neither a bundled name nor a folder.
        BundleError: a run that is not finished.
    """
    folder = Path(name_or_folder)
    if folder.is_dir():
        inside = folder / BUNDLE
        if is_run(folder) and not inside.is_dir():
            raise BundleError(f"Expected a finished run at {folder}, but it has no model yet. Finish it with --resume.")
        return inside if is_run(folder) else folder
    if str(name_or_folder) in bundle_names():
        return BUNDLES / str(name_or_folder)
    names = ", ".join(bundle_names()) or "none"
    raise MissingFileError(
        f"Expected a model folder or a bundled name, but got {str(name_or_folder)!r}. Bundled: {names}."
        f"{did_you_mean(str(name_or_folder), bundle_names())}"
    )


def druglike_path() -> Path:
    """Return the table of 10,000 molecules that demo, tests and the quick start use: `smiles,logp,qed,sa`."""
    installed = PACKAGE / "data" / "druglike.csv.gz"
    return installed if installed.is_file() else PACKAGE.parent / "data" / "druglike.csv.gz"
