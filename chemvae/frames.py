"""score_frame: a data frame of molecules gets the columns that `chemvae score` writes."""

from collections.abc import Sequence

import pandas as pd

from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import listed
from chemvae.errors import InputError
from chemvae.scoring.asked import Predictor, Scoring
from chemvae.scoring.rows import Scorer, check_share, sift
from chemvae.scoring.source import reference_of
from chemvae.settings import n_jobs


def score_frame(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    frame: pd.DataFrame,
    *,
    smiles_column: str | None = None,
    properties: Sequence[str] = ("logp", "qed", "sa"),
    predict: bool = False,
    latent: bool = False,
    filters: Sequence[str] = (),
    oracles: Sequence[str] = (),
    reference: str | Sequence[str] | None = None,
    nearest: bool = False,
    model: Predictor | None = None,
    jobs: int | None = 1,
    timeout: float | None = None,
    on_invalid: str = "keep",
    max_invalid: float = 1.0,
) -> pd.DataFrame:
    """Return a data frame with properties beside its own columns, on its own index; `chemvae.score` for data frames.

    A row that is no molecule keeps its place, with missing values and a `reason`. The column may hold SMILES or
    molecules of RDKit.

    Args:
        frame: the molecules; it is left as it was.
        smiles_column: its name; None looks for it.
        properties: names out of `chemvae.chem.properties.PROPERTIES`.
        predict: add `predicted_NAME` for each property of the model.
        latent: add `z_0 ...`, the centre of each posterior.
        filters: add `passes_NAME` for lists of structural alerts, or MOSES.
        oracles: add the tasks of the PMO and GuacaMol benchmarks.
        reference: a table of molecules, or a list; adds `novel`, which is 1 for what it does not hold.
        nearest: add the most similar molecule of the reference, and how similar it is.
        model: from `chemvae.load`, to predict and encode.
        jobs: processes; 1 works in this one, None takes every core.
        timeout: seconds of processor time for a molecule; without one a hard molecule takes as long as it takes, unless
            there are several processes.
        on_invalid: `keep`, `skip` or `error`.
        max_invalid: raise if a larger share of rows has a reason.

    Raises:
        InputError: the frame or a setting is not usable; the message says what to do.
    """
    scoring = Scoring(
        properties=tuple(dict.fromkeys(properties)),
        predict=predict,
        latent=latent,
        filters=tuple(dict.fromkeys(name.upper() for name in filters)),
        oracles=tuple(dict.fromkeys(oracles)),
        nearest=nearest,
        on_invalid=on_invalid,
        max_invalid=max_invalid,
        timeout=timeout,
    )
    scoring.check(model, compared=reference is not None)
    strange = [name for name in frame.columns if not isinstance(name, str)] or frame.columns[frame.columns.duplicated()]
    if len(strange):
        raise InputError(
            f"Expected columns whose names are texts, each once, but got {strange[0]!r}. Rename it in the data frame."
        )
    column = find_column({str(name): frame[name].tolist() for name in frame.columns}, smiles_column).column
    texts = frame.copy()
    cells = [None if cell is pd.NA else cell for cell in frame[column]]
    texts[column] = pd.Series(listed(cells), index=frame.index, dtype=object)
    known = None if reference is None else reference_of(reference, nearest=nearest, jobs=jobs)
    many = n_jobs(jobs)
    scorer = Scorer(
        scoring=scoring,
        column=column,
        model=model,
        reference=known,
        jobs=many,
        guarded=timeout is not None or many > 1,
    )
    answer = next(frame_ for _, frame_ in scorer.walk([(None, texts)]))
    answer[column] = frame[column]
    check_share(int((answer.iloc[:, -1] != "").sum()), len(answer), max_invalid)
    return sift(answer, column, on_invalid)
