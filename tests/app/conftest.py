"""What the tests of the studio share: its pages, run as a visitor would, without a browser and with a tiny model."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def open_page(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., "AppTest"]:  # noqa: F821
    """Open a page of the studio; nobody else's searches are there."""
    pytest.importorskip("streamlit_jsme", reason="the extra [app] is not installed")
    from streamlit.testing.v1 import AppTest

    from chemvae.app.desk import searches

    monkeypatch.setenv("CHEMVAE_MODEL", str(tiny_bundle))
    searches.clear()

    def script(name):
        import importlib

        importlib.import_module(f"chemvae.app.views.{name}").page()

    def run(name: str = "neighbors", **state: str) -> AppTest:
        at = AppTest.from_function(script, args=(name,), default_timeout=300)
        for key, value in state.items():
            at.session_state[key] = value
        return at.run()

    return run
