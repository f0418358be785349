"""What the package carries: bundled models and the molecules sampled from them; nothing is ever downloaded."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
BUNDLES = PACKAGE / "bundles"


def bundle_names() -> list[str]:
    """List the bundled models."""
    return (
        sorted(path.name for path in BUNDLES.iterdir() if (path / "config.json").is_file()) if BUNDLES.is_dir() else []
    )


def druglike_path() -> Path:
    """Return the table of 10,000 molecules that demo, tests and the quick start use: `smiles,logp,qed,sa`."""
    installed = PACKAGE / "data" / "druglike.csv.gz"
    return installed if installed.is_file() else PACKAGE.parent / "data" / "druglike.csv.gz"
