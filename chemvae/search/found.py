"""Found: what a search leaves, as tables: candidates best first, every call in its order, and what was turned away."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from chemvae.search.calls import Call
from chemvae.search.front import contributions, ranks, volume_trace
from chemvae.search.history import History
from chemvae.search.objective import Objective
from chemvae.search.optimizer import PATIENCE, Rejected

START = "start"
"""The move that led to a start molecule: none."""


class Ending(StrEnum):
    """Why a search ended."""

    BUDGET = "the budget is spent"
    EXHAUSTED = f"the last {PATIENCE:,} points decoded to nothing new that may be measured"
    STOPPED = "it was stopped"


@dataclass(frozen=True)
class Found:
    """What a search found."""

    objective: str
    """the formula that was made as large as possible, or the objectives that were kept apart"""
    candidates: pd.DataFrame
    """new feasible molecules, best first: `smiles objective`, properties, `predicted_*`, `similarity`, `call`

    With several objectives `front rank contribution` stand in place of `objective`: whether no measured molecule
    surpasses it, which front it is on, counted from the best, and how much of the volume that its front dominates is
    owed to it alone.
    """
    history: pd.DataFrame
    """every call: `call round how smiles objective`, its parts, `feasible best reason`; `how` is `start` for a start

    With several objectives `hypervolume` stands in place of `best`, and there is no `objective`.
    """
    rejected: pd.DataFrame
    """proposals that were never measured: `text smiles reason round`"""
    ending: Ending
    """why it ended"""
    unplaced: tuple[str, ...] = ()
    """start molecules that were measured but have no place in latent space, so that nothing was sought around them"""
    front: pd.DataFrame | None = None
    """with several objectives the Pareto front of all feasible molecules, those of the start among them; else None"""
    reference: Mapping[str, float] = field(default_factory=dict)
    """with several objectives what each had to surpass to count, in its own direction"""

    @property
    def hypervolume(self) -> float:
        """The volume between the reference point and the front; NaN with one objective."""
        return float(self.history["hypervolume"].max()) if self.front is not None else float("nan")

    @property
    def start(self) -> pd.DataFrame:
        """The start molecules with their values."""
        return self.history[self.history["how"] == START].reset_index(drop=True)

    @property
    def reasons(self) -> dict[str, int]:
        """How often proposals were turned away, by reason."""
        kinds = (reason.split(":", 1)[0] for reason in self.rejected["reason"])
        return dict(Counter(kinds).most_common())

    def best(self, n: int = 10) -> pd.DataFrame:
        """Return the n best candidates."""
        return self.candidates.head(n)


def history_table(
    history: History, calls: Sequence[Call], parts: Sequence[str], limits: Sequence[str] = ()
) -> pd.DataFrame:
    """Return every call in its order with its round, move, parts, and the best so far.

    Args:
        history: what the optimizer was told.
        calls: what the oracle answered.
        parts: the properties that the objective is made of.
        limits: measured constraints in words, one for each column of slack.
    """
    row_of = {smiles: row for row, smiles in enumerate(history.smiles)}
    rows = [row_of[call.smiles] for call in calls]
    value = np.array([call.value for call in calls], dtype=np.float64)
    feasible = history.feasible[rows]
    return pd.DataFrame(
        {
            "call": np.array([call.number for call in calls], dtype=np.int64),
            "round": history.round[rows],
            "how": [history.how[row] for row in rows],
            "smiles": [call.smiles for call in calls],
            "objective": value,
            **{name: np.array([call.parts.get(name, np.nan) for call in calls]) for name in parts},
            "feasible": feasible,
            "best": np.fmax.accumulate(np.where(feasible, value, np.nan)) if len(value) else value,
            "reason": [call.reason or broken(history, row, limits) for call, row in zip(calls, rows, strict=True)],
        }
    )


def broken(history: History, row: int, limits: Sequence[str]) -> str:
    """Say which measured constraints a molecule breaks."""
    texts = [text for text, slack in zip(limits, history.slack[row], strict=True) if slack < 0.0] if limits else []
    return f"breaks {', '.join(dict.fromkeys(texts))}" if texts else ""


def with_volume(table: pd.DataFrame, history: History, objective: Objective) -> pd.DataFrame:
    """Return a history table for several objectives: each by its name, and the hypervolume so far."""
    rows = {smiles: row for row, smiles in enumerate(history.smiles)}
    order = [rows[smiles] for smiles in table["smiles"]]
    good = history.feasible & np.isfinite(history.value)
    trace = (
        volume_trace(history.outcomes[order], good[order], history.reference) if good.any() else np.zeros(len(order))
    )
    more = {name: column for name, column in named(objective, history.outcomes[order]).items() if name not in table}
    last = ["feasible", "hypervolume", "reason"]
    kept = table.drop(columns=["objective", "best"]).assign(hypervolume=trace)
    kept = pd.concat([kept, pd.DataFrame(more, index=kept.index)], axis=1)
    return kept[[*(name for name in kept.columns if name not in last), *last]]


def named(objective: Objective, values: np.ndarray) -> dict[str, Any]:
    """Return outcomes by the names of the objectives, each in its own direction."""
    return {aim.text: aim.sign * values[..., at] for at, aim in enumerate(objective.aims)}


def ranked_rows(table: pd.DataFrame, history: History) -> pd.DataFrame:
    """Return the feasible measured molecules of a history table with `front rank contribution`, in their best order.

    By front, then by what the front's volume would lose without a molecule; ties in the order of the calls.
    """
    rows = {smiles: row for row, smiles in enumerate(history.smiles)}
    order = np.array([rows[smiles] for smiles in table["smiles"]], dtype=np.int64)
    good = (history.feasible & np.isfinite(history.value))[order] if len(order) else np.empty(0, dtype=bool)
    values, kept = history.outcomes[order[good]], table[good].drop(columns=["feasible", "reason", "hypervolume"])
    rank, own = ranks(values) if len(values) else np.empty(0, dtype=np.int64), np.zeros(len(values))
    for at in np.unique(rank):
        own[rank == at] = contributions(values[rank == at], history.reference)
    kept.insert(1, "front", np.where(rank == 1, "yes", "no"))
    kept.insert(2, "rank", rank)
    kept.insert(3, "contribution", own)
    return kept.sort_values(["rank", "contribution", "call"], ascending=[True, False, True], ignore_index=True)


def front_rows(ranked: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return the front out of ranked rows, start molecules included."""
    kept = ranked[ranked["rank"] == 1].reset_index(drop=True)
    return kept[["smiles", *parts, "contribution", "how", "call"]]


def ranked_candidates(ranked: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return the new molecules out of ranked rows."""
    kept = ranked[ranked["how"] != START].reset_index(drop=True)
    return kept[["smiles", "front", "rank", "contribution", *parts, "call"]]


def candidate_rows(table: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return the new, feasible, measured molecules of a history table, best first; ties in the order of the calls."""
    kept = table[(table["how"] != START) & table["feasible"] & table["objective"].notna()]
    kept = kept.sort_values(["objective", "call"], ascending=[False, True], ignore_index=True)
    return kept[["smiles", "objective", *parts, "call"]]


def rejected_table(rejected: Sequence[Rejected]) -> pd.DataFrame:
    """Return what was turned away, in its order."""
    columns = [field.name for field in dataclasses.fields(Rejected)]
    return pd.DataFrame([[getattr(one, name) for name in columns] for one in rejected], columns=columns)
