"""`chemvae map`: where the molecules of a table lie in latent space."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Count, Jobs, Model, Output, Table, Writing

EXAMPLE = """Example, coloured by drug-likeness (map.png, with .svg, .html and .csv):
  chemvae map molecules.csv --color-by qed -o map.png"""


@dataclass(frozen=True, kw_only=True)
class MapOptions(Writing):
    """Which colours, which plane."""

    color_by: Annotated[str | None, Parameter(metavar="NAME")] = None
    """column of numbers, computed property or predicted_NAME [default: the first that the model predicts]"""
    method: Literal["pca", "umap"] = "pca"
    """plane of the largest variance, or one that keeps neighbours together (needs chemvae[umap])"""
    number: Count = 10_000
    """how many molecules at most, chosen at random"""
    output: Output = "-"
    """picture, page or table to write, the others beside it; - is the table on standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""
    jobs: Jobs = None
    """processes [default: every core]"""
    seed: int = 0
    """of the choice, of the prior's points and of UMAP"""


def map(table: Table, /, *, options: MapOptions = MapOptions()) -> None:
    """Draw where the molecules of a table lie in latent space, coloured by a property, over the prior.

    Args:
        table: molecules as a table; - is standard input
    """
    from chemvae.map import draw_map
    from chemvae.model import load

    model, output = load(options.model), options.output
    found = draw_map(model, table, output, n=options.number, **options.but("model", "output", "number"))
    answer(found, output)
