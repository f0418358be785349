"""`chemvae evaluate`: what a model can do, in figures with their protocol and sample size."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Count, Jobs, Model, Names, Output, Writing

EXAMPLE = """Example, on held-out molecules, novelty against the training set:
  chemvae evaluate -m runs/mine --data test.csv --reference train.csv \\
    -o runs/mine-figures
Faster, to see where it stands:
  chemvae evaluate -m runs/mine --data test.csv -n 1000 -o runs/mine-rough"""

TableOption = Annotated[str | None, Parameter(metavar="TABLE")]
Some = Annotated[int, Parameter(metavar="N")]


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Writing):
    """Which model, on what, how many."""

    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    data: TableOption = None
    """molecules to reconstruct and predict, best held out [default: those that the package carries]"""
    reference: TableOption = None
    """molecules that a novel one is absent from, best the training set [default: the data]"""
    filters: TableOption = None
    """MOSES' mcf.csv: more patterns (column smarts) that a clean molecule lacks"""
    smiles_column: Column = None
    """column that holds SMILES in both [default: guessed and echoed]"""
    target_columns: Names = ()
    """columns of the data that hold true values; other properties are computed"""
    number: Count = 10_000
    """how many samples, and how many molecules of the data at most"""
    samples: Annotated[int | None, Parameter(metavar="N")] = None
    """how many samples, if not as many"""
    jtvae_protocol: Some = 0
    """also encode so many molecules 10 times and decode each point 100 times; 0 is none"""
    beam: int = 1
    """also reconstruct with a beam search of this width; 1 is none"""
    output: Output = "runs/evaluate"
    """folder for metrics.json, report.html, pictures and the molecules behind them"""
    jobs: Jobs = None
    """processes [default: every core]"""
    seed: int = 0
    """of the choice of molecules and of the samples"""


def evaluate(*, options: EvaluateOptions = EvaluateOptions()) -> None:
    """Measure what a model reconstructs, samples and predicts, each figure with its protocol."""
    from chemvae.evaluate import evaluate as run
    from chemvae.io.carried import druglike_path
    from chemvae.model import load

    evaluation = run(
        load(options.model),
        options.data or druglike_path(),
        options.output,
        n_reconstruct=options.number,
        n_sample=options.number if options.samples is None else options.samples,
        n_repeat=options.jtvae_protocol,
        **options.but("model", "data", "output", "number", "samples", "jtvae_protocol"),
    )
    answer(f"{evaluation}\nwritten to {options.output}: report.html, metrics.json, reconstructed.csv, samples.csv")
