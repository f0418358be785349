"""The script that Streamlit runs whenever somebody looks: one page of the studio."""

from chemvae.app.frame import show

show()
