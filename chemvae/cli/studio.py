"""`chemvae app`: the studio, on this machine, in a browser."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from chemvae.cli.options import Model, Options

EXAMPLE = """Example; needs pip install 'chemvae[app]', and then no network:
  chemvae app
  chemvae app -m runs/mine --port 9000"""


@dataclass(frozen=True, kw_only=True)
class StudioOptions(Options):
    """Where the studio listens, and what it accepts."""

    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    host: str = "127.0.0.1"
    """address to listen at; other machines reach only others than this"""
    port: int = 8501
    """port to listen at"""
    max_upload: Annotated[int, Parameter(metavar="MB")] = 50
    """how large an uploaded file may be, in megabytes"""
    headless: bool = False
    """open no browser"""


def app(*, options: StudioOptions = StudioOptions()) -> None:
    """Explore, interpolate, optimise and score in a browser, on this machine."""
    from chemvae.app.serve import serve

    serve(
        options.model,
        host=options.host,
        port=options.port,
        upload=options.max_upload,
        browser=not options.headless,
    )
