"""Results as files, a CSV with every column and an SDF with structures; and the command that does the same."""

import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from chemvae.io.tables import write_table
from chemvae.report.sdf import as_sdf


def offer(table: pd.DataFrame, name: str, *, smiles: str = "smiles", report: Callable[[], str] | None = None) -> None:
    """Offer a table for download.

    Args:
        table: a row per molecule.
        name: of the files, without their ending.
        smiles: the column with the structures.
        report: writes a page to go with it.
    """
    files: dict[str, tuple[Callable[[], bytes | str], str, str]] = {
        "CSV": (lambda: as_csv(table), f"{name}.csv", "text/csv"),
        "SDF": (lambda: as_sdf(table, smiles), f"{name}.sdf", "chemical/x-mdl-sdfile"),
    }
    if report is not None:
        files["Report"] = (report, "report.html", "text/html")
    with st.container(horizontal=True):
        for label, (written, file, kind) in files.items():  # each is written when somebody asks for it
            st.download_button(label, written, file, kind, icon=":material/download:", on_click="ignore")


def as_csv(table: pd.DataFrame) -> bytes:
    """Return a table as every command would write it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(table, path)
        return path.read_bytes()


def again(command: Sequence[str]) -> None:
    """Show what to type for the same result."""
    with st.expander("The same on the command line", icon=":material/terminal:"):
        st.code(shlex.join(command), language="bash", wrap_lines=True)
