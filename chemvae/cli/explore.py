"""`chemvae neighbors` and `interpolate`: what lies around a molecule, and between some."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Count, Model, Output, Writing

NEIGHBORS_EXAMPLE = """Example, a table with pictures beside it (n.svg, n.png, and n.html to open):
  chemvae neighbors "CC(=O)Oc1ccccc1C(=O)O" -n 30 -o n.csv
  chemvae neighbors "CC(=O)Oc1ccccc1C(=O)O" --rings 3 -o rings.csv"""

INTERPOLATE_EXAMPLE = """Example, from aspirin to caffeine:
  chemvae interpolate "CC(=O)Oc1ccccc1C(=O)O" "Cn1c(=O)c2c(ncn2C)n(C)c1=O" \\
    --steps 12 -o line.csv

A grid between four drugs: aspirin, caffeine, paracetamol, ibuprofen:
  chemvae interpolate "CC(=O)Oc1ccccc1C(=O)O" "Cn1c(=O)c2c(ncn2C)n(C)c1=O" \\
    "CC(=O)Nc1ccc(O)cc1" "CC(C)Cc1ccc(C(C)C(=O)O)cc1" --steps 6 -o grid.csv"""

Corner = Annotated[str, Parameter(metavar="SMILES")]


@dataclass(frozen=True, kw_only=True)
class NeighborsOptions(Writing):
    """How many, and how far."""

    number: Count = 50
    """how many distinct valid molecules"""
    radius: float = 1.0
    """how far to draw, in standard deviations of latent space"""
    rings: int = 0
    """draw the nearest in so many rings of growing distance, of 6, 12, 18 ... molecules; 0 is a grid"""
    output: Output = "-"
    """table to write, with pictures and a page beside it; - is standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    seed: int = 0
    """of the draws"""


@dataclass(frozen=True, kw_only=True)
class InterpolateOptions(Writing):
    """How many steps, and along which way."""

    steps: int = 10
    """points along a side, both ends included"""
    method: Literal["slerp", "linear"] = "slerp"
    """along an arc or a straight line; a grid is bilinear"""
    temperature: float = 0.0
    """0 takes the likeliest token at each step, 1 draws from the decoder"""
    output: Output = "-"
    """table to write, with pictures and a page beside it; - is standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    seed: int = 0
    """of the draws"""


def neighbors(smiles: str, /, *, options: NeighborsOptions = NeighborsOptions()) -> None:
    """Decode molecules around one molecule, nearest first.

    Args:
        smiles: the molecule in the middle
    """
    from chemvae.explore import neighbors as run
    from chemvae.model import load

    model, output = load(options.model), options.output
    found = run(model, smiles, output, n=options.number, **options.but("model", "output", "number"))
    answer(found, output)


def interpolate(
    a: Corner,
    b: Corner,
    c: Corner | None = None,
    d: Corner | None = None,
    /,
    *,
    options: InterpolateOptions = InterpolateOptions(),
) -> None:
    """Decode a line between two molecules, or a grid between four.

    Args:
        a: where the line begins, or the top left corner
        b: where the line ends, or the top right corner
        c: the bottom left corner
        d: the bottom right corner
    """
    from chemvae.explore import interpolate as run
    from chemvae.model import load

    model, output = load(options.model), options.output
    corners = [corner for corner in (a, b, c, d) if corner is not None]
    answer(run(model, corners, output, **options.but("model", "output")), output)
