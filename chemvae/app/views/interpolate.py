"""Interpolate: the molecules on the way from one to another, or between four."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from chemvae.app.desk import model, model_name
from chemvae.app.downloads import again, offer
from chemvae.app.excuses import telling
from chemvae.app.molecules import ASPIRIN, CAFFEINE, ask, folded, show_cards
from chemvae.explore import interpolate

PARACETAMOL, IBUPROFEN = "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(cc1)C(C)C(=O)O"
LINE = (("From", ASPIRIN), ("To", CAFFEINE))
SQUARE = (
    ("Top left", ASPIRIN),
    ("Top right", CAFFEINE),
    ("Bottom left", PARACETAMOL),
    ("Bottom right", IBUPROFEN),
)
TWO = "two molecules"
BETWEEN = {TWO: LINE, "four molecules": SQUARE}
WAYS = {"slerp": "arc", "linear": "straight line"}
HELP = "An arc keeps the distance from the origin that molecules have; a straight line cuts through."
WIDE = "On a narrow screen, push the square sideways to see all of it."
NOTE = (
    "Similarity is to the first molecule. The ends are what the model writes back for the molecules given, which may "
    "differ from them. A click takes a molecule up for the page Neighbors."
)


def page() -> None:
    """Show the page."""
    st.title("From one molecule to another")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        between = st.segmented_control("Between", list(BETWEEN), default=TWO) or TWO
        most = 20 if between == TWO else 8
        label = "Molecules on the way, both ends included" if between == TWO else "Molecules along a side"
        steps = int(st.slider(label, 3, most, 6, key=f"steps_{most}", width=320))
        way = st.segmented_control(
            "Way", list(WAYS), default="slerp", format_func=WAYS.__getitem__, disabled=between != TWO, help=HELP
        )
    corners, columns = [], st.columns(2, gap="large")
    for at, (label, default) in enumerate(BETWEEN[between]):
        with columns[at % 2]:
            corners.append(ask(label, f"corner_{at}", default))
    if not all(corners):
        st.info("Type or draw every molecule to see what lies between.", icon=":material/draw:")
        return
    with telling():
        show(line(model_name(), tuple(corners), steps, way or "slerp"), None if between == TWO else steps)
        again(command(corners, steps, way or "slerp"))


def show(found: pd.DataFrame, columns: int | None) -> None:
    """Show what lies between, as a square of so many columns or as a line, and offer it as files."""
    show_cards(folded(found, ("similarity",), ("qed", "sa")), f"line_{columns}", columns=columns)
    st.caption(NOTE if columns is None else f"{WIDE} {NOTE}")
    offer(found, "interpolation")


def command(corners: Sequence[str], steps: int, way: str) -> list[str]:
    """Return what to type for the same molecules."""
    asked = ["-m", model_name(), "--steps", str(steps), "--method", way]
    return ["chemvae", "interpolate", *corners, *asked, "-o", "interpolation.csv"]


@st.cache_data(show_spinner="Decoding", max_entries=200)
def line(model_name: str, corners: tuple[str, ...], steps: int, way: str) -> pd.DataFrame:  # noqa: ARG001 - of the cache
    """Return the molecules between, a row per point, valid or not."""
    found = interpolate(model(), corners, steps=steps, method=way).table
    return pd.DataFrame() if found is None else found
