import socket

import pytest


@pytest.fixture
def studio():
    pytest.importorskip("streamlit_jsme", reason="the extra [app] is not installed")


def test_what_cannot_be_is_one_line(refused, studio):
    assert "port from 1 to 65535" in refused("app", "--port", "0")
    assert "nobody" in refused("app", "-m", "nobody")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port}" in refused("app", "--port", port)


def test_options_reach_the_studio(main, monkeypatch, studio):
    import chemvae.app.serve

    told = []
    monkeypatch.setattr(chemvae.app.serve, "serve", lambda model, **how: told.append((model, how)))
    assert main(["app", "-m", "cep", "--port", "9000", "--max-upload", "5", "--headless"]) == 0
    assert told == [("cep", {"host": "127.0.0.1", "port": 9000, "upload": 5, "browser": False})]
