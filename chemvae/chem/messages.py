"""RDKit's messages about molecules: counted by kind, never printed."""

import logging
import re
from collections import Counter

from rdkit import rdBase

NUMBERS = re.compile(r"\[[\d:]+\]\s*|#?\b\d+\b")
"""When it was said, and of which atom: two messages that differ only in these are of one kind."""
LONGEST = 80


class Messages(logging.Handler):
    """Takes what RDKit says and counts it."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = Counter[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one message."""
        lines = record.getMessage().strip().splitlines()
        if lines:
            self.counted[" ".join(NUMBERS.sub("", lines[0]).split())[:LONGEST]] += 1

    def __str__(self) -> str:
        kinds = "; ".join(f"{n:,} {kind}" for kind, n in self.counted.most_common(5))
        return f"RDKit said {self.counted.total():,} things of molecules: {kinds}"


def count_messages() -> Messages:
    """Let RDKit say what it says to a counter, in this process, and return that."""
    rdBase.LogToPythonLogger()
    logger, messages = logging.getLogger("rdkit"), Messages()
    logger.handlers, logger.propagate = [messages], False
    return messages
