"""What a command says when it is done: on standard output, unless the result itself went there."""

import sys
from typing import Any


def answer(summary: Any, output: str | None = None) -> None:
    """Print a summary where it does not mix with a table on standard output."""
    print(summary, file=sys.stderr if output == "-" else sys.stdout)
