"""Rows of a table with their new columns: the same work for a small file, a shard of a job and a task on a cluster."""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.added import Added, joined
from chemvae.chem.guarded import Guard
from chemvae.chem.judge import Text
from chemvae.chem.reference import Reference
from chemvae.errors import InputError
from chemvae.scoring.asked import LIMIT, PREDICTED, Numbered, Predictor, Scoring
from chemvae.scoring.filters import passed

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
        with one_thread() if self.model is not None else contextlib.nullcontext():
            for (tag, frame), added in self._asked(frames):
                yield tag, score_rows(frame, self.column, self.scoring, added, self.model)

    def _asked(self, frames: Iterable[tuple[Tag, pd.DataFrame]]) -> Iterator[tuple[tuple[Tag, pd.DataFrame], Added]]:
        adding = self.scoring.adding(self.reference, self.model)
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
    values = {name: added.numbers[:, at] for at, name in enumerate(added.names)}
    columns: dict[str, object] = {name: value for name, value in values.items() if name not in scoring.hidden}
    columns |= added.texts
    reasons, latent = added.reasons, dict[str, object]()
    if model is not None and (scoring.predict or scoring.latent):
        z, reasons = encoded(frame[column].tolist(), added, model)
        if scoring.predict:
            predicted = model.predict_z(z)
            expected = {f"{PREDICTED}{name}": predicted[:, at] for at, name in enumerate(model.property_names)}
            columns |= expected
            values |= expected
        if scoring.latent:
            latent = {f"z_{at}": z[:, at] for at in range(z.shape[1])}
    columns |= passed(scoring.comparisons, values)
    new = pd.DataFrame({**columns, **latent, "reason": reasons}, index=frame.index)
    new.columns = fresh_names(list(new.columns), {str(name) for name in frame.columns})
    answer = pd.concat([frame, new], axis=1)
    answer.attrs = frame.attrs  # the types of its columns, which concat forgets
    return answer


def encoded(texts: list[Text], added: Added, model: Predictor) -> tuple[Float[ndarray, "n latent"], list[str]]:
    """Return the centre of each row's posterior, NaN where there is none, and every row's reason."""
    if isinstance(model, Numbered):
        return model.posterior_of_ids(added.ids_of_rows())[0], added.reasons
    found = model.posterior([text if ok else None for text, ok in zip(texts, added.readable, strict=True)])
    return found.mean, [why or one.reason for why, one in zip(added.reasons, found.molecules, strict=True)]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let networks work on one thread while rows are scored.

    The other cores belong to the processes that parse, beside which threads that spin fall to a tenth of their speed;
    and what a network says must not depend on how many cores a host has.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    try:
        if torch:
            torch.set_num_threads(1)
        yield
    finally:
        if torch:
            torch.set_num_threads(before)


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
