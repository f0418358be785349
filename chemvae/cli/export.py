"""`chemvae export`: a model as ONNX, for programs without torch."""

from dataclasses import dataclass

from chemvae.cli.answers import answer
from chemvae.cli.options import Model, Output, Writing

EXAMPLE = """Example, encoder, head and step of the decoder, each compared with torch:
  chemvae export -m zinc250k -o runs/onnx"""


@dataclass(frozen=True, kw_only=True)
class ExportOptions(Writing):
    """Which model, and where to."""

    output: Output
    """folder to write"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""


def export(*, options: ExportOptions) -> None:
    """Write a model as ONNX graphs, checked against torch."""
    from chemvae.export import export as run
    from chemvae.model import load

    answer(str(run(load(options.model), options.output, overwrite=options.overwrite)))
