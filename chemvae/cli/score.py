"""`chemvae score`: properties for every row of a table, into a file or a job of shards."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Filters, Jobs, Model, Names, Output, Table, Writing

EXAMPLE = """Example, a column more for each property, rows in their order:
  chemvae score molecules.csv --properties logp,qed,sa --predict -o scored.csv

A library of many millions as a job: kill it, go on with it, share it between
hosts that see the folder, and have the table in the end:
  chemvae score library.csv.gz --filters PAINS,BRENK -o job/
  chemvae score library.csv.gz --filters PAINS,BRENK -o job/ --resume
  chemvae job status job/
  chemvae job merge job/ -o scored.parquet

Which rows pass; every row stays, with 1 or 0 for each filter:
  chemvae score molecules.csv --filters "qed>=0.6,mw<500,pains" -o scored.csv

New to a training set, and what is most similar in it:
  chemvae score molecules.csv --reference train.csv --nearest -o scored.csv"""


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(Writing):
    """What to add to a table."""

    output: Output
    """table to write, by its ending; - is standard output; a name without an ending is the folder of a job"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""
    properties: Names = ("logp", "qed", "sa")
    """properties to compute"""
    predict: bool = False
    """add what the model predicts"""
    latent: bool = False
    """add each molecule's point in latent space"""
    filters: Filters = ()
    """structural alerts (PAINS, BRENK, NIH ...), MOSES, or comparisons such as "qed>=0.6,mw<500", as in `chemvae
optimize --constraint`: passes_NAME is 1 for a molecule that passes"""
    oracles: Names = ()
    """tasks of the PMO and GuacaMol benchmarks, as `chemvae optimize --help` lists them"""
    reference: Annotated[str | None, Parameter(metavar="FILE")] = None
    """table of molecules or prepared folder: novel is 1 for a molecule that it does not hold"""
    nearest: bool = False
    """add the most similar molecule of the reference and its Tanimoto similarity"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    jobs: Jobs = None
    """processes [default: every core]"""
    engine: Literal["local", "ray"] = "local"
    """where they run: on this host, or as tasks of a Ray cluster"""
    address: Annotated[str | None, Parameter(metavar="HOST:PORT")] = None
    """the cluster [default: one of this host's own]"""
    shard_rows: Annotated[int | None, Parameter(metavar="N")] = None
    """rows of a shard of a job [default: 10000]"""
    timeout: Annotated[float | None, Parameter(metavar="SECONDS")] = None
    """processor time that a molecule may take [default: 60; none for a table of up to 1,000 rows]"""
    on_invalid: Literal["keep", "skip", "error"] = "keep"
    """what to do with a row that is no molecule: keep it with its reason, skip it, or stop"""
    max_invalid: Annotated[float, Parameter(metavar="SHARE")] = 1.0
    """stop with an error if a larger share of rows could not be scored"""
    resume: bool = False
    """go on with the job that is there, or share it with those who work on it"""
    report: Annotated[bool, Parameter(negative="--no-report")] = True
    """also write a page to look at: FILE.html beside the table, or report.html in the folder of the job"""


def score(table: Table, /, *, options: ScoreOptions) -> None:
    """Add computed and predicted properties to every row of a table.

    Args:
        table: file with a column of SMILES; - is standard input
    """
    from chemvae.errors import ChemvaeError
    from chemvae.io.atomic import refuse_existing
    from chemvae.score import is_table
    from chemvae.score import score as run
    from chemvae.scoring.report import report_of, write_report

    place = report_of(options.output, table=is_table(options.output)) if options.report else None
    if place is not None:
        refuse_existing(place, overwrite=options.overwrite or options.resume or not is_table(options.output))
    model = None
    if options.predict or options.latent:
        from chemvae.codec import refuse_sentences
        from chemvae.model import load

        model = load(options.model)
        refuse_sentences(model, "score with")
    try:
        scored = run(table, options.output, model=model, **options.but("output", "model", "report"))
    except KeyboardInterrupt:
        kept = "Interrupted; finished shards are kept, if this was a job. Go on with --resume."
        raise KeyboardInterrupt(kept) from None
    if place is not None:
        counts = scored.rows, scored.written, scored.reasons
        smiles, added = scored.smiles.column, scored.columns
        try:
            write_report(place, options.output, source=table, smiles=smiles, added=added, counts=counts)
        except OSError as error:
            raise ChemvaeError(
                f"Expected to write the page {place}, but got: {error.strerror}. {options.output} is whole, and needs "
                "no other run."
            ) from None
    answer(f"{scored}{f'; look at {place}' if place else ''}", options.output)
