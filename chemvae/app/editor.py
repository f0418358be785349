"""The structure editor JSME: its files, out of the package that carries them, served from this machine."""

import base64
import importlib.util
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

CARRIER = "streamlit_jsme"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def routes() -> list[BaseRoute]:
    """Return where the page with the editor and the editor's own files are found."""
    return [
        Mount("/draw", StaticFiles(directory=Path(__file__).parent / "static", html=True)),
        Route("/jsme/clear.cache.gif", pixel),  # the package leaves out what the editor can do without, and asks for
        Route("/jsme/{name:path}.css", no_style),
        Mount("/jsme", StaticFiles(directory=folder())),
    ]


def folder() -> Path:
    """Return the folder of the editor's files; its package is looked for, and not imported."""
    found = importlib.util.find_spec(CARRIER)
    return Path(found.origin if found and found.origin else "").parent / "jsme"


def pixel(_: Request) -> Response:
    """Answer with a picture of one clear pixel."""
    return Response(PIXEL, media_type="image/gif")


def no_style(_: Request) -> Response:
    """Answer with an empty style sheet."""
    return Response("", media_type="text/css")
