"""What a page says when something goes wrong: a sentence, never a trace."""

import contextlib
import sys
import traceback
from collections.abc import Iterator

import streamlit as st

from chemvae.errors import ChemvaeError

FAULT = "chemvae itself failed here; the terminal that started it shows where. What you typed is still there."
EXPECTED = (ChemvaeError, OSError)
"""What a person can mend."""


def said(error: Exception) -> str:
    """Return what to tell of an error."""
    return " ".join(str(error).split()) if isinstance(error, EXPECTED) else FAULT


def excuse(error: Exception) -> bool:
    """Show a sentence in place of a trace, which goes to the terminal if the fault is ours."""
    if not isinstance(error, EXPECTED):
        traceback.print_exception(error, file=sys.stderr)
    st.error(said(error), icon=":material/error:")
    return True


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """Show in place what a person can mend of what is done inside."""
    try:
        yield
    except EXPECTED as error:
        excuse(error)
