"""Evaluate a model: reconstruction, prior samples, use of latent space, property errors; protocol and n beside each."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.alerts import compiled
from chemvae.chem.judge import Text
from chemvae.chem.metrics import valid_smiles
from chemvae.chem.properties import PROPERTIES, compute
from chemvae.codec import refuse_sentences
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing, write_json
from chemvae.io.progress import tell, watch
from chemvae.io.tables import check_columns, numbers, read_table, write_table
from chemvae.latent import Encoded
from chemvae.molecule import Molecule
from chemvae.named import NamedMolecules, named_molecules
from chemvae.report.again import asked
from chemvae.report.evaluated import Evaluation
from chemvae.report.evaluation import evaluation_figures, evaluation_page
from chemvae.report.figures import save
from chemvae.report.likeness import likeness
from chemvae.report.measures import (
    DECODINGS,
    ENCODINGS,
    by_length,
    errors,
    kl_of,
    of_samples,
    reconstruction,
    repeated,
    use_of_latent,
)
from chemvae.report.page import write_page
from chemvae.report.smoothness import smoothness, steps_from
from chemvae.settings import n_jobs

SMOOTH = 500  # molecules whose surroundings are decoded
HISTOGRAMS = ("logp", "qed", "sa", "mw")


@runtime_checkable
class Judged(Protocol):
    """What evaluation needs of a model."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def property_names(self) -> tuple[str, ...]:
        """What its head predicts."""

    @property
    def rules(self) -> object | None:
        """Under which rules it writes, if it knows any."""

    def posterior(self, smiles: Sequence[Text]) -> Encoded:
        """Encode strings, row for row."""

    def decode(
        self, z: Float[ndarray, "n latent"], temperature: float = 0.0, beam: int = 1, seed: int | None = None
    ) -> list[Molecule]:
        """Decode points, row for row."""

    def sample(
        self, n: int, temperature: float = 1.0, seed: int | None = None, *, free: bool = False
    ) -> list[Molecule]:
        """Draw molecules from the prior, under the rules or free of them."""

    def predict_z(self, z: Float[ndarray, "n latent"]) -> Float[ndarray, "n props"]:
        """Predict properties of points."""


def evaluate(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: Judged,
    table: Path | str | Iterable[Text] | NamedMolecules,
    out: Path | str | None = None,
    *,
    n_reconstruct: int = 5_000,
    n_sample: int = 10_000,
    n_repeat: int = 0,
    beam: int = 1,
    reference: Path | str | Iterable[Text] | NamedMolecules | None = None,
    filters: Path | str | None = None,
    smiles_column: str | None = None,
    target_columns: Sequence[str] = (),
    jobs: int | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Evaluation:
    """Measure a model on held-out molecules and on samples of its prior.

    Args:
        model: from `chemvae.load`.
        table: held-out molecules, as a table, a list of SMILES or molecules of RDKit, or a set with a name.
        out: a folder for `metrics.json`, `report.html`, pictures and the molecules behind them; None writes nothing.
        n_reconstruct: molecules to reconstruct, predict and compare samples with, chosen at random if there are more.
        n_sample: samples of the prior.
        n_repeat: molecules to encode 10 times and decode 100 times each, as the grammar VAE and JT-VAE did; 0 is none.
        beam: width of a beam search to reconstruct with too, beside the greedy decode; 1 is none.
        reference: the molecules that a novel one is absent from, best the training set; None takes the table.
        filters: a table with a column `smarts` of what a clean molecule lacks beside PAINS: MOSES' mcf.csv.
        smiles_column: its name in both tables; None looks for it.
        target_columns: properties whose true values are columns of the table; the others are computed.
        jobs: processes; None takes every core.
        seed: of the choice of rows and of the samples.
        overwrite: replace the files in `out`.
        progress: tell on standard error what is done.

    Raises:
        InputError: a table or number is not usable; the message says what to do.
        ExistsError: `out` has something in it.
    """
    # 1. what was asked for
    refuse_sentences(model, "evaluate")
    if n_reconstruct < 1 or n_sample < 1 or n_repeat < 0 or beam < 1:
        raise InputError(
            "Expected at least 1 molecule and 1 sample, 0 or more for --jtvae-protocol and 1 or more for --beam, but "
            f"got {n_reconstruct}, {n_sample}, {n_repeat} and {beam}."
        )
    if out is not None:
        refuse_existing(out, overwrite=overwrite)
    say, jobs, mcf = tell if progress else _silent, n_jobs(jobs), _patterns(filters)
    # 2. the molecules
    data = _named(table, smiles_column, jobs)
    known = data if reference is None else _named(reference, smiles_column, jobs)
    rows = _some(len(data.smiles), n_reconstruct, seed)
    chosen = [data.smiles[row] for row in rows]
    say(f"{data.name}: {len(chosen):,} of {len(data.smiles):,} molecules; novelty against {known.name}")
    # 3. their properties                              n x props
    theirs = compute(chosen, [*HISTOGRAMS, *(name for name in model.property_names if name in PROPERTIES)], jobs)
    truths = true_values(model.property_names, data.table.iloc[rows], theirs, target_columns)
    # 4. to points and back                            n x latent
    encoded = model.posterior(chosen)
    decoded = model.decode(encoded.mean)
    searched = model.decode(encoded.mean, beam=beam) if beam > 1 else []
    predicted = pd.DataFrame(model.predict_z(encoded.mean) if truths else [], columns=list(model.property_names))
    say("reconstructed")
    # 5. around the points                             molecules x radii x latent
    walked = steps_from(encoded, SMOOTH, np.random.default_rng(seed))
    smooth, curve = smoothness(model.decode(walked.reshape(-1, walked.shape[-1])))
    again = repeat(model, encoded, _some(len(chosen), n_repeat, seed), seed, quiet=not progress)
    # 6. from the prior                                n_sample molecules
    drawn = model.sample(n_sample, temperature=1.0, seed=seed)
    free = [] if model.rules is None else model.sample(n_sample, temperature=1.0, seed=seed, free=True)
    made = valid_smiles(drawn)
    say(f"sampled: {len(made):,} molecules of {len(drawn):,}")
    # 7. beside the data
    cited = data.cited if len(chosen) == len(data.smiles) else f"{len(chosen):,} of {data.cited}"
    found = Evaluation(
        model=model.name,
        merits=(
            reconstruction(chosen, decoded),
            *([reconstruction(chosen, searched, beam)] if beam > 1 else []),
            *([repeated(again)] if n_repeat else []),
            *of_samples(drawn, known.smiles, known.cited, free),
            *likeness(made, chosen, cited, mcf=mcf, jobs=jobs, quiet=not progress),
            *use_of_latent(encoded),
            smooth,
            *errors(predicted, truths),
        ),
        data=data,
        reference=known,
        seed=seed,
        reconstructed=_side_by_side(chosen, decoded),
        samples=pd.DataFrame([(m.smiles, m.text, m.reason) for m in drawn], columns=["smiles", "text", "reason"]),
        lengths=by_length(chosen, decoded),
        smooth=curve,
        kl=kl_of(encoded).mean(axis=0) if np.isfinite(encoded.mean).any() else np.empty(0),
        properties=_histograms(theirs, compute(made, HISTOGRAMS, jobs)),
    )
    # 8. the files
    if out is not None:
        write(found, out)
    return found


def write(found: Evaluation, out: Path | str) -> None:
    """Write the figures, the page and what they rest on into a folder; other files in it stay."""
    folder = Path(out)
    drawn = evaluation_figures(found)
    for name, figure in drawn.items():
        save(figure, folder / f"{name}.svg", overwrite=True)
    write_page(folder / "report.html", evaluation_page(found, drawn, asked()), overwrite=True)
    write_table(found.reconstructed, folder / "reconstructed.csv", overwrite=True)
    write_table(found.samples, folder / "samples.csv", overwrite=True)
    write_json(folder / "metrics.json", found.as_dict())


def true_values(
    names: Sequence[str], table: pd.DataFrame, computed: Mapping[str, Float[ndarray, " n"]], columns: Sequence[str]
) -> dict[str, Float[ndarray, " n"]]:
    """Return the true values of the properties that a model predicts: a column if asked for, else computed.

    A property that is neither computable nor a column of the table is left out.

    Raises:
        InputError: a column is not there, or the model does not predict it.
    """
    check_columns(table.columns, columns, "the table")
    check_columns(names, columns, "what the model predicts")
    counted = {name: computed[name] for name in names if name in computed and name not in columns}
    measured = {name: numbers(table[name], name) for name in names if name not in counted and name in table.columns}
    return {name: (counted | measured)[name] for name in names if name in counted or name in measured}


def repeat(model: Judged, encoded: Encoded, rows: Sequence[int], seed: int, *, quiet: bool = True) -> list[int]:
    """Count, for some of the molecules, how many of 10 x 100 stochastic decodes are the molecule itself."""
    rng, hits = np.random.default_rng(seed), []
    for row in watch(rows, len(rows), "molecules decoded 1,000 times", quiet=quiet):
        noise = rng.standard_normal((ENCODINGS, encoded.mean.shape[1]))
        points = np.repeat(encoded.mean[row] + encoded.std[row] * noise, DECODINGS, axis=0).astype(np.float32)
        written = model.decode(points, temperature=1.0, seed=int(rng.integers(2**31)))
        own = encoded.molecules[row].smiles
        hits.append(sum(molecule.smiles == own for molecule in written) if own is not None else 0)
    return hits


def _named(
    source: Path | str | Iterable[Text] | NamedMolecules, smiles_column: str | None, jobs: int
) -> NamedMolecules:
    """Return a set of molecules with its name, as it is or as it is read."""
    return source if isinstance(source, NamedMolecules) else named_molecules(source, smiles_column, jobs)


def _patterns(filters: Path | str | None) -> list[str]:
    """Return the patterns of a table, each of which can be looked for.

    Raises:
        InputError: there is no column of them, or one is no SMARTS.
    """
    found = read_table(filters, ["smarts"])["smarts"].tolist() if filters is not None else []
    compiled(tuple(found))
    return found


def _histograms(
    theirs: Mapping[str, Float[ndarray, " n"]], ours: Mapping[str, Float[ndarray, " m"]]
) -> dict[str, dict[str, Float[ndarray, " _"]]]:
    """Return the values of each property over the data and over the samples."""
    return {name: {"data": theirs[name], "samples": ours[name]} for name in HISTOGRAMS}


def _some(rows: int, n: int, seed: int) -> list[int]:
    """Choose n rows at random, in order, or all if there are no more."""
    if n >= rows:
        return list(range(rows))
    return sorted(np.random.default_rng(seed).choice(rows, n, replace=False).tolist())


def _side_by_side(smiles: Sequence[str], decoded: Sequence[Molecule]) -> pd.DataFrame:
    """Return each molecule with what came back."""
    back = [molecule.smiles for molecule in decoded]
    same = [a == b for a, b in zip(smiles, back, strict=True)]
    return pd.DataFrame({"smiles": list(smiles), "decoded": back, "exact": same})


def _silent(_: str) -> None:
    """Say nothing."""
