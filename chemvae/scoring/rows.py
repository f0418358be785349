"""Rows of a table with their new columns: the same work for a small file, a shard of a job and a task on a cluster."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from chemvae.chem.added import Added, joined
from chemvae.chem.guarded import Guard
from chemvae.chem.reference import Reference
from chemvae.errors import InputError
from chemvae.scoring.asked import LIMIT, Predictor, Scoring

Tag = TypeVar("Tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Everything that is needed to score rows."""

    scoring: Scoring
    """what to add"""
    column: str
    """where the SMILES are"""
    model: Predictor | None = None
    """for predictions and latent points"""
    reference: Reference | None = None
    """a set to compare with"""
    jobs: int = 1
    """processes that work with RDKit"""
    guarded: bool = True
    """work in processes of their own, so that a molecule that hangs or crashes RDKit costs itself alone"""

    def walk(self, frames: Iterable[tuple[Tag, pd.DataFrame]]) -> Iterator[tuple[Tag, pd.DataFrame]]:
        """Yield each frame with its new columns, in order; a few are in flight, never the whole table."""
        for (tag, frame), added in self._asked(frames):
            yield tag, score_rows(frame, self.column, self.scoring, added, self.model)

    def _asked(self, frames: Iterable[tuple[Tag, pd.DataFrame]]) -> Iterator[tuple[tuple[Tag, pd.DataFrame], Added]]:
        adding = self.scoring.adding(self.reference)
        tasks = ((pair, pair[1][self.column].tolist()) for pair in frames)
        if not self.guarded:
            yield from ((pair, adding(texts)) for pair, texts in tasks)
            return
        limit = LIMIT if self.scoring.timeout is None else self.scoring.timeout
        with Guard(adding, jobs=self.jobs, limit=limit) as guard:
            yield from ((pair, joined(parts)) for pair, parts in guard.each(tasks))


class Tally:
    """How many rows came in and went out, and what was wrong with them."""

    def __init__(self) -> None:
        self.rows = self.written = 0
        self.reasons = Counter[str]()
        self.columns: tuple[str, ...] = ()

    @property
    def invalid(self) -> int:
        """Rows with a reason."""
        return sum(self.reasons.values())

    def take(self, answer: pd.DataFrame, n_given: int, kept: int) -> None:
        """Count the rows of a frame.

        Args:
            answer: with its new columns.
            n_given: how many columns it came with.
            kept: how many of its rows go out.
        """
        self.columns = tuple(map(str, answer.columns[n_given:]))
        self.reasons.update(reason.split(":")[0] for reason in answer.iloc[:, -1] if reason)
        self.rows, self.written = self.rows + len(answer), self.written + kept


def score_rows(
    frame: pd.DataFrame, column: str, scoring: Scoring, added: Added, model: Predictor | None = None
) -> pd.DataFrame:
    """Return a piece of a table with its columns added, `reason` last.

    Args:
        frame: rows of the input; the index is the row number.
        column: where the SMILES are.
        scoring: what to add.
        added: what RDKit said of these rows.
        model: for predictions and latent points.
    """
    columns: dict[str, object] = {name: added.numbers[:, at] for at, name in enumerate(added.names)}
    columns |= added.texts
    reasons = added.reasons
    if model is not None and (scoring.predict or scoring.latent):
        texts = [text if ok else None for text, ok in zip(frame[column].tolist(), added.readable, strict=True)]
        encoded = model.posterior(texts)
        reasons = [why or molecule.reason for why, molecule in zip(reasons, encoded.molecules, strict=True)]
        if scoring.predict:
            predicted = model.predict_z(encoded.mean)
            columns |= {f"predicted_{name}": predicted[:, at] for at, name in enumerate(model.property_names)}
        if scoring.latent:
            columns |= {f"z_{at}": encoded.mean[:, at] for at in range(encoded.mean.shape[1])}
    new = pd.DataFrame({**columns, "reason": reasons}, index=frame.index)
    new.columns = fresh_names(list(new.columns), {str(name) for name in frame.columns})
    answer = pd.concat([frame, new], axis=1)
    answer.attrs = frame.attrs  # the types of its columns, which concat forgets
    return answer


def sift(scored: pd.DataFrame, column: str, on_invalid: str) -> pd.DataFrame:
    """Keep or leave out the rows that have a reason, or stop at the first.

    Raises:
        InputError: there is one, and `on_invalid` is `error`.
    """
    bad = (scored.iloc[:, -1] != "").to_numpy()
    if on_invalid == "error" and bad.any():
        row = scored[bad].iloc[0]
        raise InputError(
            f"Expected a molecule in column {column!r} of every row, but row {row.name} has {row[column]!r:.200}: "
            f"{row.iloc[-1]}. Mend it, or use --on-invalid keep or skip."
        )
    return scored[~bad] if on_invalid == "skip" else scored


def check_share(invalid: int, rows: int, most: float) -> None:
    """Raise if too many rows have a reason.

    Raises:
        InputError: they are more than that share.
    """
    if invalid > most * rows:
        raise InputError(
            f"Expected at most {most:.4g} of {rows:,} rows without a score, but already {invalid:,} have none. Look at "
            "the column of SMILES, or allow more with --max-invalid."
        )


def fresh_names(names: Sequence[str], taken: set[str]) -> list[str]:
    """Return names for new columns; one that the input has already gets `computed_` in front, and nothing is lost."""
    answer: list[str] = []
    for name in names:
        while name in taken or name in answer:
            name = f"computed_{name}"
        answer.append(name)
    return answer
