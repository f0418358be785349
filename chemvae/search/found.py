"""Found: what a search leaves, as tables: candidates best first, every call in its order, and what was turned away."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from chemvae.search.calls import Call
from chemvae.search.history import History
from chemvae.search.optimizer import PATIENCE, Rejected

START = "start"
"""The move that led to a start molecule: none."""


class Ending(StrEnum):
    """Why a search ended."""

    BUDGET = "the budget is spent"
    EXHAUSTED = f"the last {PATIENCE:,} points decoded to nothing new that may be measured"


@dataclass(frozen=True)
class Found:
    """What a search found."""

    objective: str
    """the formula that was made as large as possible"""
    candidates: pd.DataFrame
    """new feasible molecules, best first: `smiles objective`, properties, `predicted_*`, `similarity`, `call`"""
    history: pd.DataFrame
    """every call: `call round how smiles objective`, its parts, `feasible best reason`; `how` is `start` for a start"""
    rejected: pd.DataFrame
    """proposals that were never measured: `text smiles reason round`"""
    ending: Ending
    """why it ended"""
    unplaced: tuple[str, ...] = ()
    """start molecules that were measured but have no place in latent space, so that nothing was sought around them"""

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


def history_table(history: History, calls: Sequence[Call], parts: Sequence[str]) -> pd.DataFrame:
    """Return every call in its order with its round, move, parts, and the best so far.

    Args:
        history: what the optimizer was told.
        calls: what the oracle answered.
        parts: the properties that the objective is made of.
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
            "reason": [call.reason for call in calls],
        }
    )


def candidate_rows(table: pd.DataFrame, parts: Sequence[str]) -> pd.DataFrame:
    """Return the new, feasible, measured molecules of a history table, best first; ties in the order of the calls."""
    kept = table[(table["how"] != START) & table["feasible"] & table["objective"].notna()]
    kept = kept.sort_values(["objective", "call"], ascending=[False, True], ignore_index=True)
    return kept[["smiles", "objective", *parts, "call"]]


def rejected_table(rejected: Sequence[Rejected]) -> pd.DataFrame:
    """Return what was turned away, in its order."""
    columns = [field.name for field in dataclasses.fields(Rejected)]
    return pd.DataFrame([[getattr(one, name) for name in columns] for one in rejected], columns=columns)
