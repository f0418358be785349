"""`chemvae score`: properties for every row of a table, in chunks and on all cores."""

from dataclasses import dataclass
from typing import Literal

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Jobs, Model, Names, Output, Table, Writing

EXAMPLE = """Example, a column more for each property, rows in their order:
  chemvae score molecules.csv --properties logp,qed,sa --predict -o scored.csv"""


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(Writing):
    """What to add to a table."""

    output: Output
    """table to write, by its ending; - is standard output"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""
    properties: Names = ("logp", "qed", "sa")
    """properties to compute"""
    predict: bool = False
    """add what the model predicts"""
    latent: bool = False
    """add each molecule's point in latent space"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    jobs: Jobs = None
    """processes [default: every core]"""
    on_invalid: Literal["keep", "skip", "error"] = "keep"
    """what to do with a row that is no molecule: keep it with its reason, skip it, or stop"""


def score(table: Table, /, *, options: ScoreOptions) -> None:
    """Add computed and predicted properties to every row of a table.

    Args:
        table: file with a column of SMILES; - is standard input
    """
    from chemvae.score import score as run

    model = None
    if options.predict or options.latent:
        from chemvae.model import load

        model = load(options.model)
    scored = run(table, options.output, model=model, **options.but("output", "model"))
    answer(scored, options.output)
