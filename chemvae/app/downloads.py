"""Results as files, a CSV with every column and an SDF with structures; and the command that does the same."""

import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from chemvae.io.tables import write_table
from chemvae.report.sdf import as_sdf

DRAWN = 10_000  # molecules in an SDF, which needs coordinates of each


def offer(table: pd.DataFrame, name: str, *, smiles: str = "smiles", report: str = "") -> None:
    """Offer a table for download.

    Args:
        table: a row per molecule.
        name: of the files, without their ending.
        smiles: the column with the structures.
        report: a page to go with it.
    """
    files: dict[str, tuple[bytes | str, str, str]] = {"CSV": (as_csv(table), f"{name}.csv", "text/csv")}
    if len(table) <= DRAWN:
        files["SDF"] = (sdf(table, smiles), f"{name}.sdf", "chemical/x-mdl-sdfile")
    if report:
        files["Report"] = (report, "report.html", "text/html")
    with st.container(horizontal=True):
        for label, (written, file, kind) in files.items():
            st.download_button(label, written, file, kind, icon=":material/download:", on_click="ignore")
    if "SDF" in files and (n := str(files["SDF"][0]).count("$$$$\n")) < len(table):
        st.caption(f"The SDF holds the {n:,} molecules, the CSV all {len(table):,} rows.")
    if len(table) > DRAWN:
        st.caption(f"An SDF is offered for up to {DRAWN:,} molecules.")


@st.cache_data(show_spinner="Writing", max_entries=20)
def sdf(table: pd.DataFrame, smiles: str) -> str:
    """Return a table as an SDF, written once."""
    return as_sdf(table, smiles)


@st.cache_data(show_spinner="Writing", max_entries=20)
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
