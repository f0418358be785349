import asyncio

import pytest

pytest.importorskip("starlette", reason="the extra [app] is not installed")


def ask(headers: dict[str, str], *, kind: str = "http", host: str = "127.0.0.1") -> tuple[bool, list[dict]]:
    """Return whether a request came through the guard, and what was answered."""
    from chemvae.app.guard import Guard

    through, sent = [], []

    async def app(scope, receive, send):
        through.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(Guard(app, host)(scope, receive, send))
    return bool(through), sent


OWN = {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "welcome"),
    [
        (OWN, True),
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        ({"host": "[::1]:8501"}, True),
        ({"host": "127.0.0.1:8501"}, True),  # no page asks: curl, a bookmark
        ({**OWN, "origin": "http://evil.example"}, False),  # a foreign page, by our address
        ({**OWN, "origin": "http://127.0.0.1:9999"}, False),  # another server on this machine
        ({**OWN, "origin": "null"}, False),  # a sandboxed frame or a file
        ({"host": "evil.example:8501", "origin": "http://evil.example:8501"}, False),  # a name rebound to this machine
        ({"host": "127.0.0.1.evil.example"}, False),
        ({"host": "[", "origin": "http://["}, False),
        ({}, False),
        ({**OWN, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, False),  # a picture or script elsewhere
        ({"host": OWN["host"], "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),  # a link to here
    ],
)
def test_only_own_pages_may_ask(headers, welcome, kind):
    through, sent = ask(headers, kind=kind)
    assert through is welcome
    if not welcome:
        assert sent[0] == {"type": "websocket.close", "code": 1008} if kind == "websocket" else sent[0]["status"] == 403


def test_an_open_address_takes_any_name_but_no_foreign_page():
    assert ask({"host": "lab.example:8501", "origin": "http://lab.example:8501"}, host="0.0.0.0")[0]
    assert not ask({"host": "lab.example:8501", "origin": "http://evil.example"}, host="0.0.0.0")[0]


def test_every_page_may_load_from_this_server_only():
    _, sent = ask(OWN)
    policy = dict(sent[0]["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "*" not in policy
