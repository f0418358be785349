"""`chemvae encode`, `decode` and `sample`: SMILES to z, z to SMILES, molecules from the prior."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Count, Input, Model, Output, Writing

ENCODE_EXAMPLE = """Example, the columns of the table and z_0, z_1 ... and a reason for each gap:
  chemvae encode -i molecules.csv -o z.parquet"""

DECODE_EXAMPLE = """Example, from what encode wrote, back to molecules:
  chemvae decode -i z.parquet --beam 5 -o back.csv"""

SAMPLE_EXAMPLE = """Example, a row for each draw, valid or not, and nothing filtered:
  chemvae sample -n 1000 --seed 0 -o new.csv

Beside a plain autoencoder, which is a model trained without the KL term (beta
0), with every token allowed to both; pictures in beside.png and beside.html:
  chemvae train pipelines/quickstart/run.toml -o runs/vae
  chemvae train pipelines/quickstart/run.toml --set objective.beta=0 \\
    --set name=autoencoder -o runs/autoencoder
  chemvae sample -m runs/vae --beside runs/autoencoder --free -o beside.csv"""


@dataclass(frozen=True, kw_only=True)
class EncodeOptions(Writing):
    """What to encode."""

    input: Input
    """table with a column of SMILES; - is standard input"""
    output: Output
    """table to write, by its ending; - is standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""


@dataclass(frozen=True, kw_only=True)
class DecodeOptions(Writing):
    """What to decode, and how."""

    input: Input
    """table with columns z_0, z_1 ...; - is standard input"""
    output: Output
    """table to write, by its ending; - is standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    temperature: float = 0.0
    """0 takes the likeliest token at each step, 1 draws from the decoder"""
    beam: int = 1
    """width of a beam search, with temperature 0"""
    free: bool = False
    """allow every token at every step, also where no valid SMILES could go on with it"""
    seed: int = 0
    """of the draws"""


@dataclass(frozen=True, kw_only=True)
class SampleOptions(Writing):
    """How many, and how."""

    number: Count = 100
    """how many molecules"""
    output: Output = "-"
    """table to write, by its ending; - is standard output"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    temperature: float = 1.0
    """0 takes the likeliest token at each step, 1 draws from the decoder"""
    free: bool = False
    """allow every token at every step, also where no valid SMILES could go on with it"""
    seed: int = 0
    """of the draws"""
    beside: Annotated[str | None, Parameter(metavar="MODEL")] = None
    """draw as many from another model too, and put pictures and a page of both beside the table"""


def encode(*, options: EncodeOptions) -> None:
    """Write the latent point of every molecule of a table."""
    from chemvae.explore import encode as run
    from chemvae.model import load

    model, source, output = load(options.model), options.input, options.output
    answer(run(model, source, output, **options.but("model", "input", "output")), output)


def decode(*, options: DecodeOptions) -> None:
    """Write the molecule of every latent point of a table."""
    from chemvae.explore import decode as run
    from chemvae.model import load

    model, source, output = load(options.model), options.input, options.output
    answer(run(model, source, output, **options.but("model", "input", "output")), output)


def sample(*, options: SampleOptions = SampleOptions()) -> None:
    """Write molecules drawn from the prior."""
    from chemvae.explore import sample as run
    from chemvae.model import load

    model, n, output = load(options.model), options.number, options.output
    beside = None if options.beside is None else load(options.beside)
    found = run(model, n, output, beside=beside, **options.but("model", "number", "output", "beside"))
    answer(found, output)
