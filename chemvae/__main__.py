"""`python -m chemvae` and the program `chemvae`."""

import sys

from chemvae.cli.app import main as run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run())


if __name__ == "__main__":
    main()
