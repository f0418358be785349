"""Ask for a molecule, typed or drawn, and show molecules as cards that can be picked."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd
import streamlit as st

from chemvae.chem.judge import judge_one
from chemvae.chem.properties import compute
from chemvae.model import COMPUTED
from chemvae.report.cards import cards
from chemvae.report.draw import structure
from chemvae.report.grid import Cell, cells
from chemvae.report.numbers import number

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
HAND = "hand"
"""The key of the molecule that a click on a card takes up."""


STATIC = Path(__file__).parent / "static"
EDITOR = st.components.v2.component(
    "chemvae_editor",
    html='<iframe title="Structure editor" style="width:100%;height:26rem;border:0;border-radius:.5rem"></iframe>',
    js=(STATIC / "editor.js").read_text(encoding="utf-8"),
)
CARDS = st.components.v2.component(
    "chemvae_cards",
    html='<div class="place"></div>',
    css=(STATIC / "cards.css").read_text(encoding="utf-8"),
    js=(STATIC / "cards.js").read_text(encoding="utf-8"),
)


def ask(label: str, key: str, default: str = "", *, hint: str | None = None) -> str:
    """Ask for a molecule; return its canonical SMILES, or nothing while there is none that RDKit can read.

    Args:
        label: what is asked for.
        key: under which the pages remember it.
        default: what stands there at first.
        hint: what it is for.
    """
    typed = f"{key}_typed"
    if typed not in st.session_state:
        st.session_state[typed] = st.session_state.get(key, default)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(label, key=typed, placeholder="SMILES", help=hint).strip()
        if st.button("Draw", key=f"{key}_draw", icon=":material/draw:"):
            draw(key)
    st.session_state[key] = text
    if not text:
        return ""
    molecule = judge_one(text)
    if molecule.smiles is None:
        st.error(f"Expected a molecule in SMILES, but got {plain(text)}: {plain(molecule.reason)}. Correct or draw it.")
        return ""
    found = compute([molecule.smiles], COMPUTED)
    show_one(
        molecule.smiles, " · ".join(f"{name} {number(float(found[name][0]))}" for name in COMPUTED), key=f"{key}_one"
    )
    return molecule.smiles


def show_one(smiles: str, told: str, *, key: str) -> None:
    """Show one molecule, and a line of text under it."""
    picture = f'<div class="one">{structure(smiles, 320, 190)}<p>{escape(told)}</p></div>'
    CARDS(data={"html": picture, "columns": None}, key=key)


@st.dialog("Draw a molecule", width="large")
def draw(key: str) -> None:
    """Show the structure editor; what is drawn becomes the molecule of a key."""
    begun = str(st.session_state.get(key, ""))
    begun = judge_one(begun).smiles or ""
    drawn = EDITOR(
        data={"smiles": begun}, default={"smiles": begun}, on_smiles_change=lambda: None, key=f"{key}_editor"
    )
    smiles = judge_one(drawn.smiles or "").smiles or ""
    st.code(smiles or "Nothing is drawn yet", language=None, wrap_lines=True)
    if st.button("Use this molecule", type="primary", disabled=not smiles, on_click=take_up, args=(key, smiles)):
        st.rerun()


def take_up(key: str, smiles: str) -> None:
    """Make a molecule that of a key."""
    st.session_state[key] = st.session_state[f"{key}_typed"] = smiles


def folded(table: pd.DataFrame, *lines: Sequence[str]) -> list[Cell]:
    """Return a card per row of a table with a column `smiles`; the columns of a line stand beside each other on it."""
    parts = [cells(table, line) for line in lines]
    return [
        Cell(row[0].smiles, tuple(" · ".join(part.legend) for part in row if part.legend))
        for row in zip(*parts, strict=True)
    ]


def show_cards(cells: Sequence[Cell], key: str, *, columns: int | None = None, here: bool = False) -> None:
    """Show molecules with their legends; a click takes one up as the molecule whose neighbours are sought.

    Args:
        cells: what is shown.
        key: of these cards on their page.
        columns: how many in a row, for a grid whose shape means something; None takes as many as fit.
        here: whether this page seeks neighbours itself.
    """

    def picked() -> None:
        smiles = st.session_state[key].get("picked")
        if smiles:
            take_up(HAND, smiles)
            st.toast("Taken up." if here else "Taken up: the page Neighbors shows what lies around it.")

    CARDS(data={"html": str(cards(cells)), "columns": columns}, key=key, on_picked_change=picked)


def plain(text: str) -> str:
    """Return text from outside as a piece of code that Markdown leaves alone."""
    shown = " ".join(text.split())[:120].replace("`", "'")
    return f"`{shown}`"
