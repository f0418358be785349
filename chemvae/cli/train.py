"""`chemvae train`: a recipe and a table become a run folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from chemvae.cli.answers import answer
from chemvae.cli.options import OptionalOutput, Writing
from chemvae.errors import ConfigError, MissingFileError

if TYPE_CHECKING:
    from chemvae.config import Recipe
    from chemvae.sentences import PreparedSentences
    from chemvae.train import Trained

BUNDLED = "druglike"
"""What a recipe calls the table that the package carries."""
MEASURED = 500
"""Molecules reconstructed and sampled at the end of a training: seconds; `chemvae evaluate` takes more."""

EXAMPLE = """Example, minutes on two cores, on molecules that the package carries:
  chemvae train pipelines/quickstart/run.toml -o runs/quickstart
  chemvae train pipelines/quickstart/run.toml --set train.epochs=3 -o runs/short
  chemvae train --resume runs/quickstart

A key of the recipe can also come from the environment: train.epochs from
CHEMVAE_TRAIN__EPOCHS."""


@dataclass(frozen=True, kw_only=True)
class RunOptions(Writing):
    """What changes a recipe, and where its run goes."""

    output: OptionalOutput = None
    """run folder to write [default: runs/NAME, NAME from the recipe]"""
    set_: Annotated[tuple[str, ...], Parameter(name="--set", metavar="KEY=VALUE")] = ()
    """change a key of the recipe, e.g. train.epochs=3; may be given several times"""
    seed: int | None = None
    """short for --set seed=N"""
    resume: Annotated[str | None, Parameter(metavar="RUN")] = None
    """go on with the run in this folder, to the bit, instead of starting one"""

    def changes(self) -> tuple[str, ...]:
        """List the changes to the recipe, later ones win."""
        return (*([] if self.seed is None else [f"seed={self.seed}"]), *self.set_)

    def source(self, recipe: str | None) -> Path:
        """Return where the recipe lies: as given, or in the run to resume."""
        if recipe is not None and self.resume is not None:
            raise ConfigError(f"Expected a recipe or --resume, but got both {recipe} and {self.resume}. Drop one.")
        if recipe is None and self.resume is None:
            raise ConfigError("Expected a recipe or --resume RUN, but got neither. Give the path of a run.toml.")
        source = Path(recipe) if recipe is not None else Path(str(self.resume), "run.toml")
        if recipe is None and not source.is_file():
            raise MissingFileError(
                f"Expected a run to resume at {self.resume}, but it has no run.toml. Give its folder."
            )
        return source


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """What changes the recipe, and where the run goes."""

    def as_toml(self, _: str, given: Mapping[str, Any], /) -> str:
        """Write the recipe that would be trained."""
        from chemvae.io.recipes import to_toml

        return to_toml(self.read(given["recipe"])).rstrip()

    def read(self, recipe: str | None) -> "Recipe":
        """Read the recipe, or that of the run to resume, with what the environment and the command line change."""
        from chemvae.io.recipes import read_recipe

        return read_recipe(self.source(recipe), self.changes(), os.environ)


def train(recipe: str | None = None, /, *, options: TrainOptions = TrainOptions()) -> None:
    """Train a model as a recipe says; Ctrl-C saves, --resume goes on.

    Args:
        recipe: a run.toml; not needed with --resume
    """
    from chemvae.io.progress import tell
    from chemvae.train import train as run
    from chemvae.training.keeping import InterruptedRunError
    from chemvae.training.ranks import leads

    asked = options.read(recipe)
    out = options.resume or options.output or f"runs/{asked.name}"
    prepared = prepare_table(asked, out, options)
    try:
        trained = run(
            asked, out, prepared=prepared, resume=options.resume is not None, overwrite=options.overwrite, say=tell
        )
    except InterruptedRunError as error:
        raise KeyboardInterrupt(str(error)) from None
    if not leads():
        return
    answer(told(trained))
    if sentences := told_sentences(trained):
        answer(sentences)
        return
    answer(measured(trained, Path(prepared or str(asked.data.prepared)), asked))


def prepare_table(recipe: "Recipe", out: str, options: TrainOptions) -> "Path | None":
    """Make the recipe's table ready beside the run, if it names one; a resumed run finds it there."""
    from chemvae.io.atomic import refuse_existing
    from chemvae.io.carried import druglike_path
    from chemvae.prepare import prepare
    from chemvae.training.ranks import launched

    data = recipe.data
    if data.table is None:
        return None
    if launched():
        raise ConfigError("Expected data.prepared under a launcher, but got data.table. Prepare it once, beforehand.")
    folder = Path(f"{out.rstrip('/')}-prepared")
    if options.resume and folder.is_dir():
        return folder
    refuse_existing(out, overwrite=options.overwrite)
    if data.tokens == "words":
        print(prepare_text(recipe, folder, overwrite=options.overwrite))
        return folder
    settings = data.model_dump(exclude={"prepared", "table"})
    table = druglike_path() if data.table == BUNDLED else data.table
    print(prepare(table, folder, **settings, seed=recipe.seed, overwrite=options.overwrite))
    return folder


def prepare_text(recipe: "Recipe", folder: Path, *, overwrite: bool) -> "PreparedSentences":
    """Make the sentences of a recipe ready."""
    from chemvae.sentences import prepare_sentences

    data = recipe.data
    return prepare_sentences(
        str(data.table), folder,
        split_sizes=data.split_sizes, max_length=data.max_length, seed=recipe.seed, overwrite=overwrite,
    )  # fmt: skip


def told_sentences(trained: "Trained") -> str:
    """Tell the figures of the test sentences; nothing if the run has none."""
    from chemvae.io.atomic import read_json

    kept = read_json(trained.folder / "metrics.json")
    if "figures" not in kept:
        return ""
    protocol = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in kept["protocol"].items())
    width = max(map(len, kept["figures"]))
    lines = [f"  {name:<{width}}  {value:.4g}" for name, value in kept["figures"].items()]
    return "\n".join([f"test sentences, nats a sentence ({protocol}):", *lines])


def told(trained: "Trained") -> str:
    """Tell what a training left, one figure a line."""
    width = max(map(len, trained.figures))
    figures = [f"  {name:<{width}}  {value:.4g}" for name, value in trained.figures.items()]
    return "\n".join(
        [
            "best epoch, on validation molecules:",
            *figures,
            f"written to {trained.folder}: model/, report.html, metrics.csv",
        ]
    )


def measured(trained: "Trained", prepared: Path, recipe: "Recipe") -> str:
    """Measure the model on the table's test molecules, where there are molecules and a toolkit to read them."""
    if find_spec("rdkit") is None or not (prepared / "molecules.parquet").is_file():
        return "held-out figures: not measured here; run `chemvae evaluate`"
    from chemvae.evaluate import evaluate
    from chemvae.io.tables import read_table
    from chemvae.model import load
    from chemvae.named import named_molecules

    table = read_table(prepared / "molecules.parquet", ["smiles", "split"])
    smiles = {split: table.loc[table["split"] == split, "smiles"].tolist() for split in ("train", "test")}
    if not smiles["test"]:
        return "held-out figures: not measured, the table has no test molecules"
    learnt, held = (
        replace(named_molecules(smiles[split]), name=f"the {what} molecules")
        for split, what in (("train", "training"), ("test", "test"))
    )
    figures = evaluate(
        load(trained.folder),
        held,
        trained.folder / "evaluation",
        n_reconstruct=MEASURED,
        n_sample=MEASURED,
        reference=learnt,
        seed=recipe.seed,
        overwrite=True,
    )
    return f"on held-out molecules (protocols in {trained.folder / 'evaluation' / 'metrics.json'}):\n{figures}"
