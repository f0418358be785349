"""What a page says when something goes wrong: a sentence, never a trace."""

import contextlib
import re
import sys
import traceback
from collections.abc import Iterator

import streamlit as st

from chemvae.errors import ChemvaeError

FAULT = "chemvae itself failed here; the terminal that started it shows where. What you typed is still there."
EXPECTED = (ChemvaeError, OSError)
"""What a person can mend."""
MARKS = re.compile(r"([\\`*_~{}\[\]<>#|$^])")
"""What Markdown takes for a mark of its own unless a backslash stands before it."""
SIGNS = re.compile(r"(?<!\S)(<->|->|<-|--|>=|<=|~=)(?!\S)|(:[\w+/-]+:)")
"""What Streamlit makes an arrow, another sign or a little picture of, unless it is code."""


def said(error: Exception) -> str:
    """Return what to tell of an error."""
    return " ".join(str(error).split()) if isinstance(error, EXPECTED) else FAULT


def literal(text: str) -> str:
    """Return text as Markdown that shows every character of it."""
    parts = SIGNS.split(text)  # text, sign or None, picture or None, and again
    return "".join(f"`{part}`" if at % 3 else MARKS.sub(r"\\\1", part) for at, part in enumerate(parts) if part)


def excuse(error: Exception) -> bool:
    """Show a sentence in place of a trace, which goes to the terminal if the fault is ours."""
    if not isinstance(error, EXPECTED):
        traceback.print_exception(error, file=sys.stderr)
    st.error(literal(said(error)), icon=":material/error:")
    return True


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """Show in place what a person can mend of what is done inside."""
    try:
        yield
    except EXPECTED as error:
        excuse(error)
