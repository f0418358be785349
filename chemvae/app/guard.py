"""Guard: only pages of this server may ask it for anything, and they may load nothing from elsewhere."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # addresses to listen at that stand for every address of the machine

# Streamlit's pages and the editor write styles and scripts in place, and compile charts; all of it is served from here.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
REFUSAL = b"Expected a request from a page of this studio, but got one from elsewhere. Open the address it printed.\n"
POLICY_VIOLATION = 1008  # why a WebSocket is closed


class Guard:
    """Refuses what does not come from this server's own pages, and tells browsers to load from nowhere else."""

    def __init__(self, app: ASGIApp, host: str):
        """Store what is guarded.

        Args:
            app: what answers.
            host: the address that it listens at.
        """
        self.app, self.host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse or pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not welcome(headers, self.host):
            await refuse(scope, send)
            return

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *ours]}
            await send(message)

        await self.app(scope, receive, with_policy)


def welcome(headers: Mapping[str, str], host: str) -> bool:
    """Whether a request comes from a page of this server, or from no page at all.

    A foreign page can name this machine in two ways: by its address, and then its own `Origin` betrays it; or by a name
    of its own that was made to point here, and then the `Host` is none of ours.
    """
    asked = headers.get("host", "")
    names = () if host in EVERYWHERE else (*LOOPBACK, host.lower())
    if names and hostname(f"//{asked}") not in names:
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != asked.lower():
        return False
    return headers.get("sec-fetch-site") != "cross-site" or headers.get("sec-fetch-mode") == "navigate"


def hostname(address: str) -> str:
    """Return the name in an address, without the port; nothing if it is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


async def refuse(scope: Scope, send: Send) -> None:
    """Say no."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(REFUSAL)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": plain})
    await send({"type": "http.response.body", "body": REFUSAL})
