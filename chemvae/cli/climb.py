"""`chemvae climb`: a gradient ascent on what the model predicts, and the landscape around it."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Model, Output, Writing
from chemvae.errors import ConfigError

EXAMPLE = """Example, uphill from aspirin (climb.png, with .svg, .html, .csv):
  chemvae climb "CC(=O)Oc1ccccc1C(=O)O" --maximize "5*qed - sa" -o climb.png"""

Terms = Annotated[tuple[str, ...], Parameter(metavar="FORMULA")]


@dataclass(frozen=True, kw_only=True)
class ClimbOptions(Writing):
    """What to climb, and how far."""

    maximize: Terms = ()
    """property that the model predicts, or formula of such, to make large, e.g. "5*qed - sa" """
    minimize: Terms = ()
    """the same, to make small"""
    steps: int = 40
    """of the ascent"""
    rate: float = 0.05
    """length of a step, in standard deviations of the prior"""
    output: Output = "-"
    """picture, page or table to write, the others beside it; - is the table on standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""


def climb(smiles: str, /, *, options: ClimbOptions = ClimbOptions()) -> None:
    """Walk uphill from a molecule on what the model predicts, and draw the landscape, the way and its molecules.

    Args:
        smiles: where the way begins
    """
    from chemvae.climb import climb as run
    from chemvae.model import load

    if not (options.maximize or options.minimize):
        raise ConfigError('Expected something to climb, but got nothing. Say e.g. --maximize "5*qed - sa".')
    answer(run(load(options.model), smiles, options.output, **options.but("model", "output")), options.output)
