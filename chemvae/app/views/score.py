"""Score: properties of a pasted list or an uploaded file, every row in its place."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from chemvae.app.desk import model, model_name
from chemvae.app.downloads import again, offer
from chemvae.app.excuses import telling
from chemvae.app.molecules import show_cards
from chemvae.chem.oracles.names import ALERTS, PROPERTIES
from chemvae.errors import ChemvaeError, InputError
from chemvae.io.tables import ENDINGS, read_table
from chemvae.report.grid import Cell, cells
from chemvae.score import Scored, score

LIST = "CC(=O)Oc1ccccc1C(=O)O aspirin\nCn1c(=O)c2c(ncn2C)n(C)c1=O caffeine\nCC(=O)Nc1ccc(O)cc1 paracetamol"
DRAWN = 60  # molecules drawn on the page
LISTED = 10_000  # rows of the table on the page; the files have all
NARROW = 110  # pixels of a column of texts that were given, so that a phone shows values beside them
LINES = "pasted.smi"
"""The name of a list that was pasted."""
COLUMN = "Column of SMILES"
DEFAULTS = ("logp", "qed", "sa", "mw", "tpsa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A table that was scored."""

    table: pd.DataFrame
    """every row, in order"""
    done: Scored
    """how many, and why some could not be scored"""
    command: tuple[str, ...]
    """what does the same on the command line"""


def page() -> None:
    """Show the page."""
    st.title("Score a list")
    left, right = st.columns([1, 2.2], gap="large")
    with left, st.form("list", border=False):
        pasted = st.text_area("Molecules, one a line", LIST, height=180, help="SMILES, and a name behind if you like.")
        types = sorted({ending.removeprefix(".") for ending in ENDINGS} | {"gz"})
        upload = st.file_uploader("Or a file, which comes first", type=types)
        column = st.text_input(COLUMN, placeholder="Found by itself", help="Of a file; name it where it is not found.")
        properties = st.multiselect("Properties", PROPERTIES, default=DEFAULTS)
        predict = st.toggle("What the model predicts")
        alerts = st.multiselect("Structural alerts", ALERTS, placeholder="Lists")
        wanted = st.form_submit_button("Score", type="primary", icon=":material/table_chart:", width="stretch")
    with right, telling():
        if wanted:
            st.session_state["scored"] = None
            name, text = (upload.name, upload.getvalue()) if upload is not None else named(pasted)
            with st.spinner("Scoring"):
                st.session_state["scored"] = scored(
                    name, text, tuple(properties), predict, tuple(alerts), column=column.strip()
                )
        answer: Answer | None = st.session_state.get("scored")
        if answer is None:
            st.info("Paste molecules or choose a file, and score.", icon=":material/info:")
        else:
            show(answer)


def named(pasted: str) -> tuple[str, bytes]:
    """Return a pasted list as a file: a CSV if its first line has commas, which SMILES have not, and else lines.

    Raises:
        InputError: nothing was pasted.
    """
    if not pasted.strip():
        raise InputError("Expected molecules, but got an empty list. Paste one a line, or choose a file.")
    first = pasted.lstrip().partition("\n")[0]
    return "pasted.csv" if "," in first else LINES, (pasted.strip() + "\n").encode()


def scored(  # noqa: PLR0913 (a form: each is a field of it)
    name: str,
    text: bytes,
    properties: tuple[str, ...],
    predict: bool,
    alerts: tuple[str, ...],
    *,
    column: str = "",
) -> Answer:
    """Score a file by its ending, as the command does.

    Args:
        name: of the file; its ending tells the format, and nothing else of it is used.
        text: what is in it.
        properties: to compute.
        predict: add what the model predicts.
        alerts: lists of structural alerts.
        column: with the SMILES; empty looks for it.

    Raises:
        InputError: the file is not usable; the message says what to do on the page.
    """
    ending = "".join(Path(name).suffixes[-2:] if name.lower().endswith(".gz") else Path(name).suffixes[-1:])
    with tempfile.TemporaryDirectory() as folder:
        table, out = Path(folder) / f"molecules{ending}", Path(folder) / "scored.parquet"
        table.write_bytes(text)
        try:
            done = score(
                table,
                out,
                smiles_column=column or None,
                properties=properties,
                predict=predict,
                filters=alerts,
                model=model() if predict else None,
                progress=False,
            )
        except ChemvaeError as error:  # of the file by the name that its owner knows, and of a field for an option
            told = str(error).replace(str(table), Path(name).name)
            raise InputError(told.replace("with --smiles-column", f'under "{COLUMN}"')) from None
        asked = ["--properties", ",".join(properties), *(["--filters", ",".join(alerts)] if alerts else [])]
        asked += ["--smiles-column", column] if column else []
        asked += ["--predict", "-m", model_name()] if predict else []
        command = ("chemvae", "score", Path(name).name, *asked, "-o", "scored.csv")
        found = read_table(out)
        found.attrs.clear()  # types of the file, which a page could not tell a browser
        return Answer(table=found, done=done, command=command)


def show(answer: Answer) -> None:
    """Show a scored table and offer it as files."""
    done, column = answer.done, answer.done.smiles.column
    st.subheader(f"{done.rows:,} rows")
    where = f"SMILES in column `{column}` ({done.smiles.how})." if answer.command[2] != LINES else ""
    bad = f"{done.invalid:,} could not be scored: the reason stands in place of values." if done.invalid else ""
    if where or bad:
        st.caption(f"{where} {bad}".strip())
    structures, table = st.tabs(["Structures", "Table"])
    with structures:
        show_cards(legends(answer), "scored_cards")
        say_how_many(answer.table, DRAWN)
    with table:
        shown = answer.table.head(LISTED)
        texts = shown.drop(columns=["reason"], errors="ignore").select_dtypes(exclude="number").columns
        narrow = {str(name): st.column_config.Column(width=NARROW) for name in texts}
        st.dataframe(shown, hide_index=True, column_config=narrow)
        say_how_many(answer.table, LISTED)
    offer(answer.table, "scored", smiles=column)
    again(answer.command)


def say_how_many(table: pd.DataFrame, most: int) -> None:
    """Say that a page shows the beginning of a table only, if so."""
    if len(table) > most:
        st.caption(f"The first {most:,} of {len(table):,} rows; the files have all.")


def legends(answer: Answer) -> list[Cell]:
    """Return the first rows as cards: a name (the first column beside SMILES, else the row), values or a reason."""
    smiles, added = answer.done.smiles.column, [*answer.done.columns, "reason"]
    given = [str(name) for name in answer.table.columns if name not in (*added, smiles)][:1]
    shown = answer.table.head(DRAWN)
    if "reason" in shown:
        shown = shown.assign(reason=shown["reason"].where(shown["reason"] != "", None))
    values = cells(shown, list(dict.fromkeys(name for name in added if name in shown)), smiles)
    names = [str(value) if pd.notna(value) else "" for value in shown[given[0]]] if given else [""] * len(shown)
    return [
        Cell(one.smiles, (name or f"row {row:,}", *(line.removeprefix("reason ") for line in one.legend)))
        for row, (one, name) in enumerate(zip(values, names, strict=True), start=1)
    ]
