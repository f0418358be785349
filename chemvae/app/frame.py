"""The frame of every page: its name, its looks, and the way to the others."""

from collections.abc import Callable

import streamlit as st

from chemvae.app.molecules import STATIC
from chemvae.app.views import improve, interpolate, neighbors, score

PAGES: tuple[tuple[Callable[[], None], str, str], ...] = (
    (neighbors.page, "Neighbors", ":material/hub:"),
    (interpolate.page, "Interpolate", ":material/linear_scale:"),
    (improve.page, "Optimize", ":material/trending_up:"),
    (score.page, "Score", ":material/table_chart:"),
)


def show() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="chemvae", page_icon=str(STATIC / "icon.svg"), layout="wide")
    st.html(f"<style>{(STATIC / 'frame.css').read_text(encoding='utf-8')}</style>")
    pages = [
        st.Page(page, title=title, icon=icon, url_path=title.lower(), default=not at)
        for at, (page, title, icon) in enumerate(PAGES)
    ]
    st.navigation(pages, position="top").run()
