"""`chemvae optimize`: better molecules under a budget of oracle calls."""

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from chemvae.chem.oracles.names import ALERTS, NAMES, PROPERTIES
from chemvae.cli.answers import answer
from chemvae.cli.options import Model, Output, Writing
from chemvae.errors import ConfigError

if TYPE_CHECKING:
    from chemvae.search.found import Found

EXAMPLE = f"""Example, from aspirin, with a benzene ring kept:
  chemvae optimize --maximize "5*qed - sa" --start "CC(=O)Oc1ccccc1C(=O)O" \\
    --keep c1ccccc1 --constraint "logp <= 4" --budget 300 -o runs/better

Two objectives kept apart, and a limit on something that costs a call to know:
  chemvae optimize --maximize qed --minimize sa --pareto \\
    --reference "qed=0.3,sa=6" --measured "predicted_logp <= 4" -o runs/front

The settings as a recipe, which the command line can still change:
  chemvae optimize --maximize qed --print-config > optimize.toml
  chemvae optimize --recipe optimize.toml --seed 1 -o runs/again

Your own objective, e.g. a docking run, on four processes; a molecule that
takes over ten minutes is given up. Lower is better, so it is minimised:
  chemvae optimize --objective mypackage:dock --minimize "dock + sa" \\
    --workers 4 --timeout 600 --retries 1 --alerts PAINS \\
    --constraint "heavy_atoms <= 40" --budget 200 -o runs/dock

Formulas and constraints know these properties, predicted_NAME for what the
model expects of one, and the names of your own objectives:
{textwrap.fill(", ".join(PROPERTIES), 78, initial_indent="  ", subsequent_indent="  ")}

The tasks of the PMO and GuacaMol benchmarks are properties too:
  chemvae optimize --maximize zaleplon_mpo --budget 1000 -o runs/zaleplon
{textwrap.fill(", ".join(NAMES), 78, initial_indent="  ", subsequent_indent="  ")}

Lists of structural alerts:
{textwrap.fill(", ".join(ALERTS), 78, initial_indent="  ", subsequent_indent="  ")}"""

Terms = Annotated[tuple[str, ...], Parameter(metavar="FORMULA")]


@dataclass(frozen=True, kw_only=True)
class OptimizeOptions(Writing):
    """What to look for, from where, and how."""

    maximize: Terms = ()
    """property, task (below) or formula of them to make large, e.g. "5*qed - sa"; may be given several times"""
    minimize: Terms = ()
    """property or formula to make small"""
    objective: Annotated[tuple[str, ...], Parameter(metavar="MODULE:FUNCTION|FILE|NAME")] = ()
    """your own: a function of a list of SMILES, importable from this folder; a classifier.safetensors; or an entry
point. Its name can be used in formulas; maximised unless a formula names it; NAME=... renames it"""
    constraint: Annotated[tuple[str, ...], Parameter(metavar="COMPARISON")] = ()
    """what a candidate must meet, e.g. "logp <= 4"; costs no call"""
    measured: Annotated[tuple[str, ...], Parameter(metavar="COMPARISON")] = ()
    """the same for what is only known once it is measured, in the same call as the objective"""
    pareto: bool = False
    """seek the Pareto front of two to four objectives instead of adding them up"""
    reference: Annotated[tuple[str, ...], Parameter(metavar="NAME=NUMBER,...")] = ()
    """what each of them must surpass to count [default: inferred from the first 50 molecules]"""
    start: Annotated[tuple[str, ...], Parameter(metavar="SMILES|FILE")] = ()
    """molecules to begin from, or one table of them"""
    similar_to: Annotated[str | None, Parameter(metavar="SMILES")] = None
    """molecule that candidates must resemble"""
    min_similarity: float | None = None
    """how much, as Tanimoto similarity [default: 0.4]"""
    keep: Annotated[tuple[str, ...], Parameter(metavar="SMARTS")] = ()
    """part that candidates must have"""
    avoid: Annotated[tuple[str, ...], Parameter(metavar="SMARTS")] = ()
    """part that candidates must not have"""
    alerts: Annotated[tuple[str, ...], Parameter(metavar="LIST")] = ()
    """list of structural alerts that candidates must not match: PAINS, BRENK, NIH ... (below)"""
    method: Literal["bayes", "cmaes", "gradient", "graph-ga", "random", "structure-bayes"] = "structure-bayes"
    """how to search"""
    set_: Annotated[tuple[str, ...], Parameter(name="--set", metavar="KEY=NUMBER")] = ()
    """setting of the method"""
    budget: int = 500
    """how many different molecules may be measured, the start included"""
    batch: int = 25
    """how many are chosen at a time"""
    seed: int = 0
    """of everything drawn"""
    workers: Annotated[int, Parameter(metavar="N")] = 0
    """processes that call your objective; 0 calls it in this one"""
    timeout: Annotated[float | None, Parameter(metavar="SECONDS")] = None
    """how long it may take for a molecule; then its worker is killed and the value is missing"""
    retries: Annotated[int, Parameter(metavar="N")] = 0
    """how often a molecule is tried again after an error, a time-out or a crash"""
    model: Model = "zinc250k"
    """run folder, bundle folder or name of a bundled model"""
    output: Output = "runs/optimize"
    """folder for candidates.csv, history.parquet, the trace and report.html"""
    resume: bool = False
    """go on with what a killed run left in the output; its finished calls are not made again"""
    recipe: Annotated[str | None, Parameter(metavar="FILE.toml")] = None
    """read options from the table [optimize] of this file"""


def optimize(*, options: OptimizeOptions = OptimizeOptions()) -> None:
    """Search the latent space for better molecules under a budget of oracle calls."""
    from chemvae.io.progress import tell
    from chemvae.model import load
    from chemvae.optimize import optimize as run
    from chemvae.plugins import objective_from
    from chemvae.search.showing import showing

    if not (options.maximize or options.minimize or options.objective):
        raise ConfigError('Expected something to optimise, but got nothing. Say e.g. --maximize "5*qed - sa".')
    objective = objective_from(
        options.objective,
        maximize=options.maximize,
        minimize=options.minimize,
        constraints=options.constraint,
        pareto=options.pareto,
        reference=referred(options.reference),
        measured=options.measured,
    )
    tell(f"seeking {objective.question}" if objective.aims else f"maximising {objective.question}")
    try:
        with showing() as show:
            found = run(
                load(options.model),
                objective,
                start=options.start[0] if len(options.start) == 1 else options.start,
                method=options.method,
                budget=options.budget,
                batch=options.batch,
                seed=options.seed,
                similar_to=options.similar_to,
                min_similarity=options.min_similarity,
                keep=options.keep,
                avoid=options.avoid,
                alerts=options.alerts,
                constraints=options.constraint,
                settings=numbered(options.set_),
                workers=options.workers,
                timeout=options.timeout,
                retries=options.retries,
                out=options.output,
                resume=options.resume,
                overwrite=options.overwrite,
                progress=show,
            )
    except KeyboardInterrupt:
        kept = f"Interrupted; finished calls are kept in {options.output}. Go on with --resume."
        raise KeyboardInterrupt(kept) from None
    answer(told(found, options.output))


def numbered(settings: tuple[str, ...]) -> dict[str, float]:
    """Read settings of a method."""
    found = {}
    for setting in settings:
        key, _, text = setting.partition("=")
        try:
            found[key.strip()] = float(text)
        except ValueError:
            raise ConfigError(f"Expected --set KEY=NUMBER, but got {setting!r}. Write e.g. --set radius=0.5.") from None
    return found


def referred(texts: tuple[str, ...]) -> dict[str, float]:
    """Read a reference point: names and numbers, in one text or in several."""
    found: dict[str, float] = {}
    for text in texts:
        pairs = re.findall(r"\s*(.+?)\s*=\s*([^=,]+?)\s*(?:,|$)", text)
        try:
            found |= {name: float(value) for name, value in pairs}
        except ValueError:
            pairs = []
        if not pairs:
            raise ConfigError(f'Expected --reference NAME=NUMBER, but got {text!r}. Write e.g. "qed=0.3,sa=6".')
    return found


def told(found: "Found", folder: str) -> str:
    """Tell what was found: the ten best, and what was turned away."""
    away = ", ".join(f"{n:,} {reason}" for reason, n in found.reasons.items()) or "nothing"
    written = ["candidates.csv", *(["front.csv"] if found.front is not None else []), "history.parquet", "report.html"]
    return "\n".join(
        [
            f"{len(found.candidates):,} candidates in {len(found.history):,} calls; {found.ending.value}",
            *(f"  measured, but the model has no place for it: {smiles}" for smiles in found.unplaced),
            *(told_front(found) if found.front is not None else told_best(found)),
            f"turned away unmeasured: {away}",
            f"written to {folder}: {', '.join(written)}",
        ]
    )


def told_best(found: "Found") -> list[str]:
    """Tell the best of the start and the ten best candidates."""
    start = found.start["objective"].max()
    best = found.best(10)[["objective", "smiles"]]
    return [
        f"best of {len(found.start):,} start molecules: {start:.4f}" if len(found.start) else "no start molecules",
        *(f"  {objective:9.4f}  {smiles}" for objective, smiles in best.itertuples(index=False)),
    ]


def told_front(found: "Found") -> list[str]:
    """Tell the hypervolume, and the ten molecules of the front that add most to it."""
    front = found.front
    if front is None:
        return []
    names = list(found.reference)
    point = ", ".join(f"{name} {value:.4g}" for name, value in found.reference.items())
    return [
        f"{len(front):,} molecules on the front; hypervolume {found.hypervolume:.4g} from the reference point {point}",
        f"  {'  '.join(f'{name:>9}' for name in names)}  smiles",
        *(
            f"  {'  '.join(f'{value:9.4f}' for value in row[1:])}  {row[0]}"
            for row in front[["smiles", *names]].head(10).itertuples(index=False)
        ),
    ]
