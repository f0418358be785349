"""The end of a page: the command that does it again, and what it was made with."""

import shlex
import sys
from importlib.metadata import version
from pathlib import Path

from chemvae import __version__

PROGRAM = {"chemvae": ("chemvae",), "__main__": ("chemvae",)}
"""What a person typed, by the name of the file that runs; anything else is a script."""
ONCE = ("--resume", "--overwrite")
"""What concerns the folder that was there, and not what is done."""


def asked() -> str:
    """Return the command line of this process, as a person would type it to do the same anew."""
    given = [text for text in sys.argv[1:] if text not in ONCE]
    return shlex.join([*PROGRAM.get(Path(sys.argv[0]).stem, ("python", sys.argv[0])), *given])


def made_with(*packages: str) -> str:
    """Return the versions of chemvae and of packages, by their names as people write them."""
    return ", ".join([f"chemvae {__version__}", *(f"{name} {version(name)}" for name in packages)])
