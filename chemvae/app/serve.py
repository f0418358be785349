"""Serve the studio on this machine: where it listens, what it accepts and how it looks."""

import importlib.util
import os
import socket
from pathlib import Path
from typing import Any

from chemvae.errors import ConfigError, InputError
from chemvae.io.carried import find_bundle
from chemvae.io.progress import tell
from chemvae.model import DEFAULT

HERE = Path(__file__).parent
MODEL = "CHEMVAE_MODEL"
"""The environment variable that tells the pages, as every command, which model to use."""
HOST, PORT, UPLOAD = "127.0.0.1", 8501, 50
PACKAGES = ("streamlit", "streamlit_jsme")
"""What the extra brings; the second carries the structure editor JSME."""

LOOKS: dict[str, Any] = {
    "theme.baseRadius": "0.5rem",
    "theme.headingFontSizes": ["1.75rem", "1.25rem", "1.05rem"],
    "theme.light.primaryColor": "#2457b3",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f6f7f9",
    "theme.light.textColor": "#1c2026",
    "theme.light.borderColor": "#dfe3e8",
    "theme.dark.primaryColor": "#8ab4f8",
    "theme.dark.backgroundColor": "#14171b",
    "theme.dark.secondaryBackgroundColor": "#1d2127",
    "theme.dark.textColor": "#e6e9ed",
    "theme.dark.borderColor": "#343b44",
}
"""The colours of the reports; a browser that prefers dark gets dark."""


def serve(
    model: str | Path = DEFAULT, *, host: str = HOST, port: int = PORT, upload: int = UPLOAD, browser: bool = True
) -> None:
    """Serve the pages until interrupted.

    Args:
        model: a run folder, a bundle folder or the name of a bundled model.
        host: the address to listen at; other machines reach only others than 127.0.0.1.
        port: where.
        upload: how large an uploaded file may be, in megabytes.
        browser: open the first page in a browser.

    Raises:
        ConfigError: the extra is not installed.
        InputError: the address is taken or none of this machine's, or a limit cannot be.
        MissingFileError: there is no such model.
    """
    # 1. everything that can be wrong, before anything is loaded
    find_bundle(model)
    check_installed()
    check_numbers(port, upload)
    check_free(host, port)
    if host not in ("127.0.0.1", "localhost", "::1"):
        tell(f"Everybody who can reach {host} can use this studio and this machine's processors. Ctrl-C ends it.")
    # 2. the pages, the editor beside them, and who may ask
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from chemvae.app.editor import routes
    from chemvae.app.excuses import excuse
    from chemvae.app.guard import Guard

    os.environ[MODEL] = str(model)
    app = App(
        HERE / "main.py",
        routes=routes(),
        middleware=[Middleware(Guard, host=host)],
        on_script_error=excuse,
    )
    app.run(config=settings(host, port, upload, browser))


def settings(host: str, port: int, upload: int, browser: bool) -> dict[str, Any]:
    """Return what Streamlit is told: nothing leaves this machine, and no page shows a trace."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": not browser,
        "server.showEmailPrompt": False,
        "server.maxUploadSize": upload,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.xsrfCookieSameSite": "strict",
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableStaticServing": False,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "runner.magicEnabled": False,
        "global.developmentMode": False,
        **LOOKS,
    }


def check_installed() -> None:
    """Raise unless the extra is installed.

    Raises:
        ConfigError: it is not.
    """
    missing = [name.replace("_", "-") for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"Expected the packages of the studio, but {' and '.join(missing)} is not installed. "
            "Run pip install 'chemvae[app]'."
        )


def check_numbers(port: int, upload: int) -> None:
    """Raise for a port or a limit that cannot be.

    Raises:
        InputError: it cannot.
    """
    if not 1 <= port <= 65_535:  # noqa: PLR2004 - what ports there are
        raise InputError(f"Expected a port from 1 to 65535, but got {port}. Try --port {PORT}.")
    if upload < 1:
        raise InputError(f"Expected uploads of at least 1 MB, but got {upload}. Set --max-upload.")


def check_free(host: str, port: int) -> None:
    """Raise unless one can listen there.

    Raises:
        InputError: somebody listens there already, or the address is none of this machine's.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
    except OSError as error:
        raise InputError(
            f"Expected to listen at {host}, port {port}, but got: {error.strerror or error}. "
            f"Is a studio running there? Take another: --port {port % 65_535 + 1}."
        ) from None
