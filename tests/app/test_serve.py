import importlib.util
import socket

import pytest

from chemvae.errors import ChemvaeError

pytest.importorskip("streamlit_jsme", reason="the extra [app] is not installed")


def test_streamlit_knows_every_setting_and_tells_nobody():
    from streamlit import config

    from chemvae.app.serve import settings

    told = settings("127.0.0.1", 8501, 50, False)
    assert set(told) <= set(config.get_config_options())
    assert told["server.address"] == "127.0.0.1"
    assert told["server.maxUploadSize"] == 50
    assert told["browser.gatherUsageStats"] is False
    assert told["client.showErrorDetails"] == "none"
    assert told["server.enableXsrfProtection"] is True
    assert told["server.enableCORS"] is True  # what Streamlit calls the refusal of foreign origins


def test_the_editor_is_installed_whole():
    from chemvae.app.editor import folder
    from chemvae.app.serve import HERE

    assert (folder() / "jsme.nocache.js").is_file()
    page = (HERE / "static" / "index.html").read_text()
    assert "//" not in page.replace("// ", "")  # nothing is loaded from elsewhere


def test_a_missing_extra_is_told(monkeypatch):
    from chemvae.app.serve import serve

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "streamlit" in name else find(name))
    with pytest.raises(ChemvaeError, match=r"streamlit and streamlit-jsme is not installed.*chemvae\[app\]"):
        serve()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"model": "nobody"}, "model folder or a bundled name"),
        ({"port": 0}, "port from 1 to 65535"),
        ({"upload": 0}, "at least 1 MB"),
        ({"host": "192.0.2.1"}, "Expected to listen at 192.0.2.1"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_loaded(asked, message):
    from chemvae.app.serve import serve

    with pytest.raises(ChemvaeError, match=message):
        serve(**asked)


def test_a_port_that_is_taken_is_told():
    from chemvae.app.serve import serve

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ChemvaeError, match=f"port {port}"):
            serve(port=port)
