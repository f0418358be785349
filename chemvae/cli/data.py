"""`chemvae data`: named public sets, and tables made ready to train on."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import Column, Jobs, Names, Numbers, OptionalOutput, Options, Output, Table, Writing
from chemvae.errors import InputError

EXAMPLE = """Example, a table of yours, or a public one that is fetched first:
  chemvae data prepare molecules.csv --properties logp,qed -o runs/p
  chemvae data fetch zinc250k -o data/zinc250k"""

HELP = "Named public data sets, and tables made ready to train on."

LIST_EXAMPLE = """Example:
  chemvae data list"""

FETCH_EXAMPLE = """Example, from its public address, or from a copy that you have:
  chemvae data fetch esol -o data/esol
  chemvae data fetch zinc250k --from /path/to/copies -o data/zinc250k"""

PREPARE_EXAMPLE = """Example:
  chemvae data prepare molecules.csv -s smiles --properties logp,qed -o runs/p"""


@dataclass(frozen=True, kw_only=True)
class FetchOptions(Writing):
    """Where a set comes from and goes to."""

    output: OptionalOutput = None
    """folder to write to [default: data/NAME]"""
    from_: Annotated[str | None, Parameter(name="--from", metavar="PATH")] = None
    """take it from this local folder instead of its public address"""


@dataclass(frozen=True, kw_only=True)
class PrepareOptions(Writing):
    """How a table is made ready."""

    output: Output
    """folder to write"""
    smiles_column: Column = None
    """column that holds SMILES [default: guessed and echoed]"""
    target_columns: Names = ()
    """columns to learn beside the computed properties"""
    properties: Names = ("logp", "qed", "sa")
    """properties to compute and learn"""
    tokens: Literal["atoms", "kekule", "characters", "selfies", "pairs", "kekule-pairs", "selfies-pairs", "words"] = (
        "atoms"
    )
    """what a token is; pairs merges frequent pairs of atoms; words is for a text of sentences, one a line"""
    merges: int | None = None
    """how many pairs to merge, with pairs [default: 500]"""
    tokenizer: str | None = None
    """use this tokenizer.json, or that of a model (name or folder), instead of a vocabulary of its own"""
    standardise: Annotated[bool, Parameter(negative="--no-standardise")] = True
    """keep the largest fragment, neutral"""
    split: str = "random"
    """random, scaffold, column:NAME or jtvae"""
    split_sizes: Numbers = (0.9, 0.05, 0.05)
    """shares of train, valid and test"""
    split_files: str | None = None
    """folder with train.txt, valid.txt and test.txt, for --split jtvae"""
    max_length: int = 120
    """longest molecule, in tokens before any merge"""
    jobs: Jobs = None
    """processes [default: every core]"""
    seed: int = 0
    """of the split"""

    def of_text(self) -> dict[str, Any]:
        """Return what sentences are made ready with.

        Raises:
            InputError: something is asked for that only molecules have.
        """
        for name in ("smiles_column", "target_columns", "merges", "tokenizer", "split", "split_files"):
            if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                raise InputError(
                    f"Expected sentences to need no --{name.replace('_', '-')}, but got it. Leave it out: --tokens "
                    "words takes a text, or a folder or .zip of train.txt, valid.txt and test.txt."
                )
        return {name: getattr(self, name) for name in ("split_sizes", "max_length", "seed", "overwrite")}


def list_(*, options: Options = Options()) -> None:  # noqa: ARG001 - what every command has
    """List the named public data sets: size, licence, address."""
    from chemvae.io.datasets import list_sets

    print(list_sets())


def fetch(name: str, /, *, options: FetchOptions = FetchOptions()) -> None:
    """Fetch a named data set and check it.

    Args:
        name: one of the names that `chemvae data list` shows
    """
    from chemvae.io.datasets import fetch as run

    paths = run(name, options.output or f"data/{name}", source=options.from_, overwrite=options.overwrite)
    answer("\n".join(f"checked and written: {path}" for path in paths))


def prepare(table: Table, /, *, options: PrepareOptions) -> None:
    """Make a table of SMILES ready to train on.

    Args:
        table: file with a column of SMILES
    """
    if options.tokens == "words":
        from chemvae.sentences import prepare_sentences

        of_text = options.of_text()
        answer(prepare_sentences(table, options.output, **of_text))
        return
    from chemvae.prepare import prepare as run

    answer(run(table, options.output, **options.but("output")))
