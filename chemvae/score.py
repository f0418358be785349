"""Score a table: computed and predicted properties and z for every row, in order, in chunks and on all cores."""

import itertools
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.guess import Guess
from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import Text
from chemvae.chem.measure import Measured, measure
from chemvae.chem.properties import check_properties
from chemvae.errors import ChemvaeError, InputError
from chemvae.io.progress import tell, watch
from chemvae.io.tables import TableWriter, read_chunks
from chemvae.latent import Encoded
from chemvae.settings import did_you_mean, n_jobs

ON_INVALID = ("keep", "skip", "error")

CHUNK = 1000  # rows a task: seconds of work, and a good batch for a model
AHEAD = 3  # tasks in flight per process: none waits, and memory does not grow with the table


@runtime_checkable
class Predictor(Protocol):
    """What scoring needs of a model."""

    @property
    def property_names(self) -> tuple[str, ...]:
        """What its head predicts."""

    def posterior(self, smiles: Sequence[Text]) -> Encoded:
        """Encode strings, row for row."""

    def predict_z(self, z: Float[ndarray, "n latent"]) -> Float[ndarray, "n p"]:
        """Predict properties of points, NaN for NaN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """What to add to each row, and what to do with a row that is no molecule."""

    properties: tuple[str, ...] = ("logp", "qed", "sa")
    """computed, by name"""
    predict: bool = False
    """add what the model's property head expects"""
    latent: bool = False
    """add the point in latent space, a column per dimension"""
    on_invalid: str = "keep"
    """`keep` the row with its reason, `skip` it, or stop with an `error`"""

    def check(self, model: Predictor | None) -> None:
        """Raise for what cannot be, before any work is done.

        Raises:
            InputError: an unknown property or way, a model that is missing or has no property head, nothing to do.
        """
        check_properties(self.properties)
        if self.on_invalid not in ON_INVALID:
            raise InputError(
                f"Expected one of {', '.join(ON_INVALID)} for invalid rows, but got {self.on_invalid!r}."
                f"{did_you_mean(self.on_invalid, ON_INVALID)}"
            )
        if (self.predict or self.latent) and model is None:
            raise InputError("Expected a model to predict or encode with, but got none. Name one with --model.")
        if self.predict and model is not None and not model.property_names:
            raise InputError(
                "Expected a model that predicts properties, but it was trained without any. Choose another."
            )
        if not (self.properties or self.predict or self.latent):
            raise InputError("Expected something to compute, but got no property. Say e.g. --properties logp,qed,sa.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What `score` did."""

    path: str
    """where the table is"""
    rows: int
    """how many rows came in"""
    written: int
    """how many went out"""
    reasons: dict[str, int]
    """how many rows have a reason, by its kind"""
    smiles: Guess
    """the column that was read, and why"""
    columns: tuple[str, ...]
    """what was added"""

    @property
    def invalid(self) -> int:
        """Count the rows with a reason."""
        return sum(self.reasons.values())

    def __str__(self) -> str:
        lines = [
            f"{self.rows:,} rows in, {self.written:,} out; {self.invalid:,} could not be scored",
            *(f"  {n:,} {reason}" for reason, n in self.reasons.items()),
            f"added {', '.join(self.columns[:8])}{' ...' if len(self.columns) > 8 else ''}",  # noqa: PLR2004
            f"written to {self.path}",
        ]
        return "\n".join(lines)


def score(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    table: Path | str,
    out: Path | str,
    *,
    smiles_column: str | None = None,
    properties: Sequence[str] = ("logp", "qed", "sa"),
    predict: bool = False,
    latent: bool = False,
    model: Predictor | None = None,
    jobs: int | None = None,
    chunk: int = CHUNK,
    on_invalid: str = "keep",
    overwrite: bool = False,
    progress: bool = True,
) -> Scored:
    """Add properties to every row of a table and write it, in the order of the input and in constant memory.

    All columns of the input are kept. A row that is no molecule keeps its place, with empty values and a `reason`.

    Args:
        table: .csv .tsv .smi .txt (also .gz) .parquet, or - for standard input.
        out: the table to write, by its ending, or - for standard output.
        smiles_column: its name; None looks for it and says what was found.
        properties: names out of `chemvae.chem.properties.PROPERTIES`.
        predict: add `predicted_NAME` for each property of the model.
        latent: add `z_0 ...`, the centre of each posterior.
        model: from `chemvae.load`, for the two above; nothing else needs one.
        jobs: processes; None takes every core, and a small table stays in this one.
        chunk: rows a task.
        on_invalid: `keep`, `skip` or `error`.
        overwrite: replace what stands at `out`.
        progress: tell on standard error how far it is.

    Raises:
        InputError: the table or a setting is not usable; the message says what to do.
        ExistsError: something stands at `out`.
    """
    # 1. what was asked for
    scoring = Scoring(
        properties=tuple(dict.fromkeys(properties)), predict=predict, latent=latent, on_invalid=on_invalid
    )
    scoring.check(model)
    to_file = TableWriter(out, overwrite=overwrite)
    # 2. the table, a frame at a time                    chunk rows
    source = open_table(table, smiles_column, chunk)
    if progress:
        tell(f"SMILES in column {source.column.column!r} ({source.column.how})")
    # 3. RDKit in the workers                            chunk rows, in order
    measured = spread(source, scoring.properties, 1 if source.small else n_jobs(jobs))
    shown = watch(measured, None, "molecules", size=lambda pair: len(pair[0]), quiet=not progress)
    # 4. the model here, and the whole row to the file
    counted, rows, written, added = Counter[str](), 0, 0, tuple[str, ...]()
    with to_file as writer:
        for frame, known in shown:
            answer = score_rows(frame, source.column.column, scoring, model, known)
            added = tuple(answer.columns[len(frame.columns) :])
            counted.update(reason.split(":")[0] for reason in answer[added[-1]] if reason)
            kept = sift(answer, source.column.column, on_invalid)
            rows, written = rows + len(answer), written + len(kept)
            writer.write(kept)
    reasons = dict(counted.most_common())
    return Scored(path=str(out), rows=rows, written=written, reasons=reasons, smiles=source.column, columns=added)


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose SMILES column is known."""

    frames: Iterator[pd.DataFrame]
    """its rows, a frame at a time"""
    column: Guess
    """where the SMILES are"""
    small: bool
    """whether one frame holds it all"""


def open_table(table: Path | str, smiles_column: str | None, chunk: int) -> Source:
    """Open a table and find its SMILES column in the first frame.

    Raises:
        InputError: it cannot be read, has no rows, or no such column.
    """
    frames = read_chunks(table, max(1, chunk))
    first, second = next(frames), next(frames, None)
    if first.empty:
        raise InputError(f"Expected rows in {table}, but got column names only. Check how it was written.")
    column = find_column({str(name): first[name].tolist() for name in first.columns}, smiles_column)
    return Source(itertools.chain([first], [] if second is None else [second], frames), column, second is None)


def score_rows(
    frame: pd.DataFrame, column: str, scoring: Scoring, model: Predictor | None = None, known: Measured | None = None
) -> pd.DataFrame:
    """Return a piece of a table with its columns added, `reason` last: one shard of the work.

    Args:
        frame: rows of the input; the index is the row number.
        column: where the SMILES are.
        scoring: what to add.
        model: for predictions and latent points.
        known: what RDKit said of these rows, if a worker has asked already.
    """
    texts = frame[column].tolist()
    known = known or measure(texts, scoring.properties)
    columns = {name: known.values[:, at] for at, name in enumerate(scoring.properties)}
    reasons = known.reasons
    if model is not None and (scoring.predict or scoring.latent):
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
            f"Expected a molecule in column {column!r} of every row, but row {row.name} has {row[column]!r}: "
            f"{row.iloc[-1]}. Mend it, or use --on-invalid keep or skip."
        )
    return scored[~bad] if on_invalid == "skip" else scored


def fresh_names(names: Sequence[str], taken: set[str]) -> list[str]:
    """Return names for new columns; one that the input has already gets `computed_` in front, and nothing is lost."""
    answer: list[str] = []
    for name in names:
        while name in taken or name in answer:
            name = f"computed_{name}"
        answer.append(name)
    return answer


def spread(source: Source, properties: Sequence[str], jobs: int) -> Iterator[tuple[pd.DataFrame, Measured]]:
    """Yield each frame with what RDKit says of it, in order; a few frames are in flight, never the whole table."""
    if jobs <= 1:
        yield from ((frame, measure(frame[source.column.column].tolist(), properties)) for frame in source.frames)
        return
    # Loky for the reasons that chemvae.chem.workers gives; its executor, because joblib would read the input in a
    # thread where an error of the reader is lost.
    from joblib.externals.loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

    waiting = deque[tuple[pd.DataFrame, Future[Measured]]]()
    pool = ProcessPoolExecutor(max_workers=jobs)
    try:
        for frame in source.frames:
            waiting.append((frame, pool.submit(measure, frame[source.column.column].tolist(), tuple(properties))))
            if len(waiting) >= AHEAD * jobs:
                done, answer = waiting.popleft()
                yield done, answer.result()
        while waiting:
            done, answer = waiting.popleft()
            yield done, answer.result()
    except TerminatedWorkerError:
        raise ChemvaeError(
            f"Expected {jobs} processes to finish their molecules, but one was killed, most often for want of memory. "
            "Use fewer with --jobs."
        ) from None
    finally:
        pool.shutdown(kill_workers=bool(waiting))  # nobody wants what is still in flight after an error
