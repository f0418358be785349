"""Optimise: better molecules under a budget of oracle calls, in a folder that can be killed and go on."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chemvae.chem.filters import Filter, Structure, molecules, nearest
from chemvae.chem.guess import smiles_column
from chemvae.chem.judge import Text, canonical
from chemvae.chem.oracles.score import Oracle
from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.alone import alone_in
from chemvae.io.progress import tell
from chemvae.io.searches import CALLS, SearchFolder
from chemvae.io.tables import ENDINGS, read_table
from chemvae.plugins import resolved
from chemvae.report.searches import figures_of, write_search
from chemvae.search.answers import Function
from chemvae.search.calls import CallLog
from chemvae.search.found import (
    Ending,
    Found,
    candidate_rows,
    front_rows,
    history_table,
    named,
    ranked_candidates,
    ranked_rows,
    rejected_table,
    with_volume,
)
from chemvae.search.loop import Progress, run
from chemvae.search.methods import method_from
from chemvae.search.objective import Objective
from chemvae.search.optimizer import Optimizer
from chemvae.search.oracle import CountedOracle
from chemvae.search.spread import Spread
from chemvae.search.workers import Pool, Workers
from chemvae.searchable import (
    COMPUTED,
    PREDICTED,
    LatentModel,
    many_of,
    property_filters,
    resembling,
    space_of,
    table_of,
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A search as it was asked for, checked before anything is spent."""

    objective: Objective
    """what to make as large as possible"""
    start: list[str]
    """start molecules, canonical, each once"""
    filters: dict[str, Filter]
    """known constraints by the words for a broken one"""
    columns: tuple[str, ...]
    """properties that the constraints name"""
    lead: str | None
    """the molecule to stay similar to"""
    recipe: dict[str, Any] = field(default_factory=dict)
    """every setting that decides what is found"""


def as_objective(objective: str | Function | Objective) -> Objective:
    """Return an objective, from its text or function if it is none."""
    return objective if isinstance(objective, Objective) else Objective(objective)


def optimize(  # noqa: PLR0913 - the options of the command
    model: LatentModel,
    objective: str | Function | Objective,
    *,
    start: Text | Path | Iterable[Text] = (),
    method: str = "structure-bayes",
    budget: int = 500,
    batch: int = 25,
    seed: int = 0,
    similar_to: Text = None,
    min_similarity: float | None = None,
    keep: str | Sequence[str] = (),
    avoid: str | Sequence[str] = (),
    alerts: str | Sequence[str] = (),
    constraints: str | Sequence[str] = (),
    settings: Mapping[str, float] | None = None,
    workers: int = 0,
    timeout: float | None = None,
    retries: int = 0,
    out: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Found:
    """Search for molecules with a higher objective, in latent space or by editing graphs.

    Every start molecule and every candidate is one call of the budget, each at most once. The same arguments give the
    same candidates.

    Args:
        model: encodes and decodes.
        objective: `"5*qed - sa"`, a function of a list of SMILES, or an `Objective`, such as
            `Objective(maximize="zaleplon_mpo")` for a benchmark's task or
            `Objective(maximize="qed", minimize="sa", pareto=True)` for a front; higher is better.
        start: molecules to begin from: SMILES, molecules of RDKit, or a table of them; measured first.
        method: `bayes`, `cmaes`, `gradient`, `graph-ga`, `random` or `structure-bayes`.
        budget: how many different molecules may be measured.
        batch: how many are chosen at a time.
        seed: of everything drawn.
        similar_to: a molecule that candidates must resemble; begun from if there is no start.
        min_similarity: how much, as Tanimoto similarity of Morgan fingerprints of radius 2; 0.4 unless said.
        keep: SMARTS of parts that candidates must have.
        avoid: SMARTS of parts that candidates must not have.
        alerts: lists of structural alerts of which candidates must match none, e.g. `"BRENK"`; `filters.ALERTS`.
        constraints: comparisons such as `"logp<=4"` that candidates must meet; checked before the oracle, free.
        settings: of the method, e.g. `{"radius": 0.4}`.
        workers: processes that call the objective's functions; 0 calls them in this one.
        timeout: seconds that a molecule may take before its worker is killed and its value missing; implies a worker.
        retries: how often a molecule is tried again for which a function raised, hung or crashed.
        out: folder for `candidates.csv`, `history.parquet`, `rejected.parquet`, `trace.png`, `report.html`.
        resume: go on with what a killed run left in `out`; its finished calls are not made again.
        overwrite: replace what is in `out`.
        progress: called after each batch.
        stop: asked after each batch; once it says yes, the search ends with what was found so far.

    Raises:
        InputError: an argument cannot be.
        OracleError: the objective has no direction or fails at every call, or no proposal meets the constraints.
        ExistsError: `out` exists.
    """
    # 1. everything checked before anything is spent
    refuse_sentences(model, "optimise")
    how, goal = Workers(workers=workers, timeout=timeout, retries=retries), as_objective(objective)
    others = {name for name, function in goal.functions.items() if isinstance(function, Oracle)}  # of another version
    predicted = (PREDICTED + name for name in model.property_names)
    goal = resolved(goal, {*COMPUTED, *model.property_names, *predicted} - others)
    search = method_from(method, settings, goal)
    lead = molecules(similar_to, "molecule to stay similar to")[0] if similar_to is not None else None
    known = property_filters(model, constraints)
    wanted = Structure(
        lead=lead, min_similarity=min_similarity, keep=many_of(keep), avoid=many_of(avoid), alerts=many_of(alerts)
    )
    plan = Plan(
        objective=goal,
        start=_start(start, lead),
        filters={**wanted.filters(), **known[0]},
        columns=known[1],
        lead=lead,
    )
    _check_numbers(budget, batch, seed, len(plan.start))
    plan.recipe.update(
        _recipe(model, plan)
        | {"method": method, "settings": dict(settings or {}), "budget": budget, "batch": batch, "seed": seed}
    )
    # 2. a folder that remembers each finished call
    folder = _folder(out, plan, resume=resume, overwrite=overwrite)
    with alone_in(folder.path) if folder else contextlib.nullcontext():
        log = CallLog(folder.path / CALLS, goal.question) if folder else None
        table = table_of(model, [name for name in goal.names if name not in goal.functions])
        retrainings: list[str] = []
        optimizer = Optimizer(
            search,
            space_of(model, goal, resembling(lead, min_similarity), lambda words: said(words, retrainings)),
            filters=plan.filters,
            seed=seed,
            reference=goal.reference,
        )
        with Pool(goal.needed, how) if how.apart and goal.needed else contextlib.nullcontext() as pool:
            oracle = CountedOracle(
                lambda smiles: goal.score(smiles, table),
                budget,
                canonical=canonical,
                log=log,
                stream=Spread(goal, table, pool) if pool else None,
                retries=retries,
            )
            # 3. ask, measure, tell, until the budget is spent
            outcomes = goal.outcomes_of
            ending = run(optimizer, oracle, plan.start, batch=batch, outcomes=outcomes, progress=progress, stop=stop)
        # 4. tables
        found = _found(model, plan, optimizer, oracle, ending)
        if folder:
            figures = figures_of(found) | {"retrainings": retrainings}
            write_search(folder.path, found, figures)
            folder.write(_tables(found), figures)
    return found


def said(words: str, kept: list[str]) -> None:
    """Tell on standard error, and keep."""
    kept.append(words)
    tell(words)


def _folder(out: Path | str | None, plan: Plan, *, resume: bool, overwrite: bool) -> SearchFolder | None:
    """Return the folder of a search, begun or gone on with; None for one that is kept nowhere."""
    if out is None:
        if resume:
            raise InputError("Expected a folder to resume, but got none. Name it with out (--output).")
        return None
    folder = SearchFolder(out, plan.recipe)
    folder.begin(resume=resume, overwrite=overwrite)
    return folder


def _start(start: Text | Path | Iterable[Text], lead: str | None) -> list[str]:
    """Return start molecules from one of them, a list or a table; the lead if there are none."""
    if isinstance(start, Path) or (isinstance(start, str) and start.lower().removesuffix(".gz").endswith(ENDINGS)):
        cells = read_table(start)
        column = smiles_column({str(name): cells[name].tolist() for name in cells.columns}).column
        return molecules(cells[column].tolist(), f"start molecule in {start}")
    return molecules(start, "start molecule") or ([lead] if lead else [])


def _check_numbers(budget: int, batch: int, seed: int, n_start: int) -> None:
    for name, value, least in (("budget", budget, 1), ("batch", batch, 1), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"Expected a {name} of at least {least}, but got {value}. Set --{name}.")
    if n_start >= budget:
        raise InputError(
            f"Expected a budget above the {n_start:,} start molecules, which are measured first and count, but got "
            f"{budget:,}. Raise --budget or begin from fewer."
        )


def _recipe(model: LatentModel, plan: Plan) -> dict[str, Any]:
    """Return what decides the result, as plain values: a resume must have the same."""
    oracles = [one.source for one in plan.objective.functions.values() if isinstance(one, Oracle) and one.source]
    reference = dict(zip((aim.text for aim in plan.objective.aims), plan.objective.reference, strict=False))
    named = {"oracles": oracles, "functions": plan.objective.sources, "reference": reference}
    return {name: value for name, value in named.items() if value} | {
        "model": [model.name, model.latent, list(model.property_names), model.fingerprint],
        "objective": plan.objective.question,
        "start": f"{len(plan.start)} molecules, sha256 {_sha256(plan.start)}",
        "similar_to": plan.lead,
        "filters": list(plan.filters),
    }


def _tables(found: Found) -> dict[str, pd.DataFrame]:
    """Return what goes to files."""
    tables = {"candidates": found.candidates, "history": found.history, "rejected": found.rejected}
    return tables if found.front is None else tables | {"front": found.front}


def _sha256(texts: Sequence[str]) -> str:
    """Return what tells a list of texts from another."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _found(model: LatentModel, plan: Plan, optimizer: Optimizer, oracle: CountedOracle, ending: Ending) -> Found:
    """Put the tables together; what a constraint named or the head predicts is computed for the candidates alone."""
    goal, told = plan.objective, optimizer.history
    history = history_table(told, oracle.calls, goal.names, goal.limits)
    front, reference = None, {}
    if goal.aims:
        history = with_volume(history, told, goal)
        ranked = ranked_rows(history, told)
        parts = tuple(dict.fromkeys([*(aim.text for aim in goal.aims), *goal.names]))
        table, front = ranked_candidates(ranked, parts), front_rows(ranked, parts)
        reference = {name: float(value) for name, value in named(goal, told.reference).items()}
    else:
        table = candidate_rows(history, goal.names)
    smiles = table["smiles"].tolist()
    predicted = [PREDICTED + name for name in model.property_names]
    wanted = [name for name in dict.fromkeys([*plan.columns, *predicted]) if name not in table.columns]
    more = table_of(model, wanted)(smiles)
    for name in wanted:
        table.insert(len(table.columns) - 1, name, more[name])
    others = [plan.lead] if plan.lead else plan.start
    table.insert(len(table.columns) - 1, "similarity", nearest(smiles, others))
    places = model.encode(plan.start) if plan.start and optimizer.method.places else np.zeros((len(plan.start), 0))
    unplaced = tuple(smiles for smiles, z in zip(plan.start, places, strict=True) if not np.isfinite(z).all())
    rejected = rejected_table(optimizer.rejected)
    return Found(goal.text, table, history, rejected, ending, unplaced, front, reference)
