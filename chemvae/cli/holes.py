"""`chemvae holes`: how far from its data a model still writes molecules."""

from dataclasses import dataclass

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Count, Model, Output, Table, Writing

EXAMPLE = """Example, validity against the distance from a library, in holes.png:
  chemvae holes molecules.csv -n 500 -o holes.png"""


@dataclass(frozen=True, kw_only=True)
class HolesOptions(Writing):
    """How many points, how far."""

    number: Count = 500
    """molecules at most, chosen at random; as many points at each radius"""
    radius: float = 3.0
    """farthest draw, in standard deviations of the prior"""
    steps: int = 12
    """radii, from 0 to that"""
    output: Output = "-"
    """picture, page or table to write, the others beside it; - is the table on standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""
    seed: int = 0
    """of the choice and of the draws"""


def holes(table: Table, /, *, options: HolesOptions = HolesOptions()) -> None:
    """Decode points at growing distance from the molecules of a table, every token allowed, and count molecules.

    Args:
        table: molecules as a table; - is standard input
    """
    from chemvae.holes import probe
    from chemvae.model import load

    model, output = load(options.model), options.output
    answer(probe(model, table, output, n=options.number, **options.but("model", "output", "number")), output)
