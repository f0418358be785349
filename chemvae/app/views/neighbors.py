"""Neighbors: what the model decodes around a molecule, as far as a slider reaches."""

import pandas as pd
import streamlit as st

from chemvae.app.desk import model, model_name
from chemvae.app.downloads import again, offer
from chemvae.app.excuses import telling
from chemvae.app.molecules import ASPIRIN, HAND, ask, folded, show_cards
from chemvae.explore import neighbors

LEGEND = ("distance",), ("similarity", "logp"), ("qed", "sa")
ORDERS = {"nearest": ("distance", True), "most similar": ("similarity", False), "highest QED": ("qed", False)}
MORE = "Only {} of {} were found: a larger radius reaches more molecules."


def page() -> None:
    """Show the page."""
    st.title("What lies around a molecule")
    left, right = st.columns([1, 2.2], gap="large")
    with left:
        smiles = ask("Molecule in the middle", HAND, ASPIRIN)
        radius = st.slider(
            "Radius",
            *(0.1, 3.0, 1.0, 0.1),
            help="How far to draw, in standard deviations of latent space: close analogues first, then other series.",
        )
        with st.expander("More", icon=":material/tune:"):
            n = st.slider("Neighbors", 6, 60, 24, 6)
            seed = int(st.number_input("Seed", 0, value=0, help="Another seed draws others; the same, the same."))
    with right, telling():
        if not smiles:
            st.info("Type or draw a molecule to see what lies around it.", icon=":material/draw:")
            return
        found = around(model_name(), smiles, n, radius, seed)
        order = st.segmented_control("Order", list(ORDERS), default="nearest", label_visibility="collapsed")
        show(found, n, order or "nearest")
        again(command(smiles, n, radius, seed))


def show(found: pd.DataFrame, n: int, order: str) -> None:
    """Show neighbors and offer them as files."""
    by, ascending = ORDERS[order]
    shown = found.sort_values([by, "smiles"], ascending=[ascending, True], ignore_index=True)
    if len(shown):
        show_cards(folded(shown, *LEGEND), "around", here=True)
        st.caption("A click on a molecule puts it in the middle.")
        offer(shown, "neighbors")
    if len(shown) < n:
        st.info(MORE.format(len(shown), n), icon=":material/info:")


def command(smiles: str, n: int, radius: float, seed: int) -> list[str]:
    """Return what to type for the same neighbors."""
    asked = ["-m", model_name(), "-n", str(n), "--radius", str(radius), "--seed", str(seed)]
    return ["chemvae", "neighbors", smiles, *asked, "-o", "neighbors.csv"]


@st.cache_data(show_spinner="Decoding", max_entries=200)
def around(model_name: str, smiles: str, n: int, radius: float, seed: int) -> pd.DataFrame:  # noqa: ARG001 - of the cache
    """Return the neighbors of a molecule, nearest first."""
    found = neighbors(model(), smiles, n=n, radius=radius, seed=seed).table
    return pd.DataFrame() if found is None else found
