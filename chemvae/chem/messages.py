"""RDKit's messages about molecules: counted by kind if somebody wants to know, never printed."""

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterator

from rdkit import rdBase

WHEN = re.compile(r"^\[[\d:]+\]\s*")
"""The time at which it was said."""
NUMBERS = re.compile(r"\s*(?:#\s*)?\b\d+\b,?")
"""Of which atom: two messages that differ only in this are of one kind."""
QUOTED = re.compile(r" (?:while parsing|for input): .*")
"""The string that it was said of."""
AGAIN = ("SMILES Parse Error: check for mistakes", "SMILES Parse Error: Failed parsing")
"""How messages begin that repeat the one before."""
LONGEST = 80


class Messages(logging.Handler):
    """Takes what RDKit says and counts it; a context in which one molecule is worked on."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = Counter[str]()
        self._latest = ""

    def __enter__(self) -> "Messages":
        self._latest = ""
        return self

    def __exit__(self, *_: object) -> None:
        """Keep on counting."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one message, if it says something new of its molecule."""
        said = WHEN.sub("", record.getMessage().strip().partition("\n")[0])
        if " " in said and not said.startswith(AGAIN) and said != self._latest:  # without a space it is a quoted SMILES
            self.counted[" ".join(NUMBERS.sub("", QUOTED.sub("", said)).split())[:LONGEST]] += 1
        self._latest = said

    def __str__(self) -> str:
        kinds = "; ".join(f"{n:,} {kind}" for kind, n in self.counted.most_common(5))
        n = self.counted.total()
        return f"RDKit said {n:,} {'thing' if n == 1 else 'things'} of molecules: {kinds}"


LISTENING: list[Messages] = []
"""Who wants to know what RDKit says of each molecule, the latest last."""


def quiet() -> contextlib.AbstractContextManager[object]:
    """Return a context in which RDKit prints nothing: it tells whoever listens, or else does not say it at all."""
    return LISTENING[-1] if LISTENING else rdBase.BlockLogs()


def count_messages() -> Messages:
    """Let RDKit say what it says to a counter, in this process, and return that."""
    rdBase.LogToPythonLogger()
    logger, messages = logging.getLogger("rdkit"), Messages()
    logger.handlers, logger.propagate = [messages], False
    return messages


@contextlib.contextmanager
def listening() -> Iterator[Messages]:
    """Count also what RDKit says where it is `quiet`, until the context ends; to write each message takes time."""
    messages = count_messages()
    LISTENING.append(messages)
    try:
        yield messages
    finally:
        LISTENING.remove(messages)
