"""What all visitors of a studio share: the model, and the searches that were begun."""

import os

import streamlit as st

from chemvae.app.searches import Search
from chemvae.app.serve import MODEL
from chemvae.codec import refuse_sentences
from chemvae.model import DEFAULT, MoleculeModel, load


def model_name() -> str:
    """Return the name or folder of the model that was asked for."""
    return os.environ.get(MODEL, DEFAULT)


def model() -> MoleculeModel:
    """Return the model, loaded once.

    Raises:
        InputError: it writes sentences.
    """
    return _loaded(model_name())


@st.cache_resource(show_spinner="Loading the model")
def _loaded(name: str) -> MoleculeModel:
    found = load(name)
    refuse_sentences(found, "use in the studio")
    return found


@st.cache_resource(show_spinner=False)
def searches() -> list[Search]:
    """Return the searches of this process, the latest last: a page that is loaded again finds its search there."""
    return []
