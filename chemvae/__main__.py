"""`python -m chemvae` and the program `chemvae`."""

import os
import sys
import warnings

from chemvae.cli.app import main as run


def main() -> None:
    """Run the command line and leave with its exit code; libraries' warnings to developers are not for its users."""
    if not os.environ.get("CHEMVAE_DEBUG"):
        warnings.simplefilter("ignore")
    sys.exit(run())


if __name__ == "__main__":
    main()
