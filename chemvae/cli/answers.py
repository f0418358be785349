"""What a command says when it is done: on standard output, unless the result itself went there."""

from typing import Any

from chemvae.io.progress import tell


def answer(summary: Any, output: str | None = None) -> None:
    """Print a summary where it does not mix with a table on standard output."""
    if output == "-":
        tell(str(summary))
    else:
        print(summary)
