"""The demo: the main job on what the package carries; load, start, optimise, decode, validate, draw."""

import shlex
import time
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

import chemvae
from chemvae.io.atomic import refuse_existing
from chemvae.io.carried import druglike_path
from chemvae.io.tables import read_table, write_table
from chemvae.model import DEFAULT, load
from chemvae.optimize import optimize
from chemvae.report.design import design_page
from chemvae.report.page import write_page
from chemvae.report.searches import design_of, figures_of
from chemvae.report.tables import text_table
from chemvae.search.found import Found
from chemvae.search.showing import showing

OBJECTIVE = "5*qed - sa"  # the objective of the 2018 paper: drug-like, and easy to make
METHOD = "bayes"
BUDGET = 300
START = 20
BEST = 10
REPORT, CANDIDATES = "report.html", "candidates.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo found, and where to look."""

    report: Path
    """the page to open"""
    table: Path
    """every candidate, best first"""
    candidates: pd.DataFrame = field(repr=False)
    """valid, distinct, new molecules, best first: `smiles objective qed sa`, predictions, `similarity`, `call`"""
    start: pd.DataFrame = field(repr=False)
    """the start molecules with their values"""
    calls: int
    """oracle calls made, the start molecules included"""
    seconds: float
    """how long it took"""

    @property
    def best(self) -> pd.DataFrame:
        """The ten best candidates."""
        return self.candidates.head(BEST)

    @property
    def lead(self) -> str:
        """Say in a sentence what came out."""
        return (
            f"{len(self.candidates):,} new molecules in {self.calls:,} oracle calls and {self.seconds:.0f} s: the "
            f"{len(self.best)} best have {OBJECTIVE} = {self.best['objective'].mean():.2f} on average, the best of the "
            f"{len(self.start)} start molecules {self.start['objective'].max():.2f}."
        )

    def __str__(self) -> str:
        shown = text_table(self.best, ["objective", "qed", "sa", "smiles"])
        return f"{self.lead}\n\n{shown}\n\nLook at {self.report}\nAll candidates: {self.table}"


def demo(
    out: Path | str = "runs/demo",
    *,
    model: Path | str = DEFAULT,
    budget: int = BUDGET,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Demo:
    """Find better molecules than some of the bundled ones with the bundled model, and write a report.

    Args:
        out: folder for `report.html` and `candidates.csv`.
        model: name of a bundled model, or a run or bundle folder.
        budget: how many different molecules may be measured, the 20 start molecules included.
        seed: of the start molecules and of the search.
        overwrite: replace these two files.
        progress: tell on standard error how far it is.

    Raises:
        InputError: the budget leaves nothing to search with.
        ExistsError: `out` has something in it.
    """
    began, folder = time.monotonic(), Path(out)
    refuse_existing(folder, overwrite=overwrite)
    # 1. what the package carries
    carried = molecules()
    start = np.random.default_rng(seed).choice(carried, START, replace=False).tolist()
    # 2. optimise, decode, validate
    with showing() as show:
        found = optimize(
            load(model),
            OBJECTIVE,
            start=start,
            method=METHOD,
            budget=budget,
            seed=seed,
            progress=show if progress else None,
        )
    found = only_new(found, set(carried))
    # 3. the table and the page
    done = Demo(
        report=folder / REPORT,
        table=folder / CANDIDATES,
        candidates=found.candidates,
        start=found.start,
        calls=len(found.history),
        seconds=time.monotonic() - began,
    )
    write_table(done.candidates, done.table, overwrite=True)
    again = f"chemvae demo -o {shlex.quote(str(out))} -m {shlex.quote(str(model))} --budget {budget} --seed {seed}"
    design = replace(
        design_of(found, figures_of(found), title="chemvae demo: better molecules", command=again),
        lead=done.lead,
        foot=f"chemvae {chemvae.__version__}, RDKit {version('rdkit')}; model {model}, seed {seed}; molecules to start "
        f"from: {START} drawn at random from the {len(carried):,} that the package carries.",
    )
    write_page(done.report, design_page(design), overwrite=True)
    return done


def molecules() -> list[str]:
    """Return the bundled molecules.

    Raises:
        InputError: the installed package lacks them.
    """
    return read_table(druglike_path(), ["smiles"])["smiles"].tolist()


def only_new(found: Found, carried: set[str]) -> Found:
    """Move the candidates that the package carries already from what was found to what was turned away."""
    known = found.candidates["smiles"].isin(carried)
    if not known.any():
        return found
    smiles = found.candidates.loc[known, "smiles"]
    reason = "measured, but the package carries it already"
    away = pd.DataFrame({"text": smiles, "smiles": smiles, "reason": reason, "round": 0})
    return replace(
        found,
        candidates=found.candidates[~known].reset_index(drop=True),
        rejected=pd.concat([found.rejected, away], ignore_index=True),
    )
