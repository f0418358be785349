"""Evaluate a model: reconstruction, prior samples, use of latent space, property errors; protocol and n beside each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

import chemvae
from chemvae.chem.guess import smiles_column as find_column
from chemvae.chem.judge import Text, canonical
from chemvae.chem.properties import PROPERTIES, compute
from chemvae.chem.workers import in_chunks
from chemvae.errors import InputError
from chemvae.io.atomic import refuse_existing, sha256, write_json
from chemvae.io.lines import STDIN
from chemvae.io.progress import tell
from chemvae.io.tables import check_columns, numbers, read_table, write_table
from chemvae.latent import Encoded
from chemvae.molecule import Molecule
from chemvae.report.measures import errors, of_samples, reconstruction, use_of_latent
from chemvae.report.merit import Merit, merit_table
from chemvae.settings import n_jobs

FORMAT_VERSION = 1


@runtime_checkable
class Judged(Protocol):
    """What evaluation needs of a model."""

    @property
    def name(self) -> str:
        """What it calls itself."""

    @property
    def property_names(self) -> tuple[str, ...]:
        """What its head predicts."""

    def posterior(self, smiles: Sequence[Text]) -> Encoded:
        """Encode strings, row for row."""

    def decode(
        self, z: Float[ndarray, "n latent"], temperature: float = 0.0, beam: int = 1, seed: int | None = None
    ) -> list[Molecule]:
        """Decode points, row for row."""

    def sample(self, n: int, temperature: float = 1.0, seed: int | None = None) -> list[Molecule]:
        """Draw molecules from the prior."""

    def predict_z(self, z: Float[ndarray, "n latent"]) -> Float[ndarray, "n props"]:
        """Predict properties of points."""


@dataclass(frozen=True, slots=True)
class Molecules:
    """A set of molecules with a name that holds it fast."""

    name: str
    """file name, - for standard input, or `given` for a list"""
    sha256: str
    """of the file; where there is none, of the SMILES, a line each"""
    rows: int
    """rows of the table"""
    smiles: list[str]
    """canonical SMILES of those that are molecules"""
    table: pd.DataFrame = field(repr=False)
    """their rows"""

    @property
    def cited(self) -> str:
        """Say in a sentence which set it is."""
        return f"{self.name} ({len(self.smiles):,} molecules, sha256 {self.sha256[:12]})"

    def as_dict(self) -> dict[str, Any]:
        """Return what identifies the set, for JSON."""
        return {"name": self.name, "sha256": self.sha256, "rows": self.rows, "molecules": len(self.smiles)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Every figure of one model on one set of molecules."""

    model: str
    """the model's name"""
    merits: tuple[Merit, ...]
    """the figures, in the order in which they are told"""
    data: Molecules = field(repr=False)
    """the molecules to reconstruct and predict"""
    reference: Molecules = field(repr=False)
    """the molecules that a novel one is absent from"""
    seed: int
    """of the choice of rows and of the samples"""
    reconstructed: pd.DataFrame = field(repr=False)
    """`smiles`, `decoded`, `exact` of each molecule tried"""
    samples: pd.DataFrame = field(repr=False)
    """`smiles`, `text`, `reason` of each sample"""

    def __getitem__(self, name: str) -> float:
        """Return a figure by name."""
        return next(merit.value for merit in self.merits if merit.name == name)

    def __str__(self) -> str:
        return merit_table(self.merits)

    def as_dict(self) -> dict[str, Any]:
        """Return what `metrics.json` holds: plain figures at the top, protocol, n and interval of each below."""
        details = {merit.name: merit.as_dict() for merit in self.merits}
        plain = {name: entry["value"] for name, entry in details.items() if not name.startswith("mae_")}
        errors = {name[4:]: entry["value"] for name, entry in details.items() if name.startswith("mae_")}
        return {
            "format_version": FORMAT_VERSION,
            "model": self.model,
            **plain,
            "mae": errors,
            "figures": details,
            "data": self.data.as_dict(),
            "reference": self.reference.as_dict(),
            "seed": self.seed,
            "versions": {"chemvae": chemvae.__version__, "rdkit": version("rdkit"), "torch": version("torch")},
        }


def evaluate(  # noqa: PLR0913 (the front door: each is a thing that somebody wants to say)
    model: Judged,
    table: Path | str | Sequence[str],
    out: Path | str | None = None,
    *,
    n_reconstruct: int = 5_000,
    n_sample: int = 10_000,
    reference: Path | str | Sequence[str] | None = None,
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
        table: held-out molecules, as a table or a list of SMILES.
        out: a folder for `metrics.json`, `reconstructed.csv` and `samples.csv`; None writes nothing.
        n_reconstruct: molecules to reconstruct and predict, chosen at random if the table has more.
        n_sample: samples of the prior.
        reference: the molecules that a novel one is absent from, best the training set; None takes the table.
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
    if n_reconstruct < 1 or n_sample < 1:
        raise InputError(f"Expected at least 1 molecule and 1 sample, but got {n_reconstruct} and {n_sample}.")
    if out is not None:
        refuse_existing(out, overwrite=overwrite)
    say = tell if progress else _silent
    # 2. the molecules
    data = molecules(table, smiles_column, jobs)
    known = data if reference is None else molecules(reference, smiles_column, jobs)
    rows = _some(len(data.smiles), n_reconstruct, seed)
    chosen = [data.smiles[row] for row in rows]
    say(f"{data.name}: {len(chosen):,} of {len(data.smiles):,} molecules; novelty against {known.name}")
    # 3. to points and back                            n x latent
    encoded = model.posterior(chosen)
    decoded = model.decode(encoded.mean)
    say("reconstructed")
    # 4. from the prior                                n_sample molecules
    drawn = model.sample(n_sample, temperature=1.0, seed=seed)
    say("sampled")
    # 5. the properties                                n x props
    truths = true_values(model.property_names, data.table.iloc[rows], chosen, target_columns, jobs)
    predicted = pd.DataFrame(model.predict_z(encoded.mean) if truths else [], columns=list(model.property_names))
    evaluation = Evaluation(
        model=model.name,
        merits=(
            reconstruction(chosen, decoded),
            *of_samples(drawn, known.smiles, known.cited),
            *use_of_latent(encoded),
            *errors(predicted, truths),
        ),
        data=data,
        reference=known,
        seed=seed,
        reconstructed=_side_by_side(chosen, decoded),
        samples=pd.DataFrame([(m.smiles, m.text, m.reason) for m in drawn], columns=["smiles", "text", "reason"]),
    )
    # 6. the files
    if out is not None:
        write(evaluation, out)
    return evaluation


def write(evaluation: Evaluation, out: Path | str) -> None:
    """Write the figures and what they rest on into a folder; other files in it stay."""
    folder = Path(out)
    write_table(evaluation.reconstructed, folder / "reconstructed.csv", overwrite=True)
    write_table(evaluation.samples, folder / "samples.csv", overwrite=True)
    write_json(folder / "metrics.json", evaluation.as_dict())


def molecules(source: Path | str | Sequence[str], smiles_column: str | None, jobs: int | None) -> Molecules:
    """Read a set of molecules; what is no molecule is counted and left out.

    Raises:
        InputError: there is no molecule in it.
    """
    digest = ""
    if isinstance(source, (str, Path)):
        table, name = read_table(source), Path(source).name
        column = find_column({str(key): table[key].tolist() for key in table.columns}, smiles_column).column
        digest = "" if str(source) == STDIN else sha256(source)
    else:
        table, name, column = pd.DataFrame({"smiles": list(source)}), "given", "smiles"
    texts = table[column].tolist()
    digest = digest or hashlib.sha256("\n".join(map(str, texts)).encode()).hexdigest()
    found = [smiles for part in in_chunks(_canonical, texts, jobs=n_jobs(jobs)) for smiles in part]
    kept = [row for row, smiles in enumerate(found) if smiles is not None]
    if not kept:
        raise InputError(f"Expected molecules in {name}, but none of its {len(texts)} rows is one. Check the column.")
    return Molecules(name, digest, len(texts), [s for s in found if s is not None], table.iloc[kept])


def true_values(
    names: Sequence[str], table: pd.DataFrame, smiles: Sequence[str], columns: Sequence[str], jobs: int | None
) -> dict[str, Float[ndarray, " n"]]:
    """Return the true values of the properties that a model predicts: a column if asked for, else computed.

    A property that is neither computable nor a column of the table is left out.

    Raises:
        InputError: a column is not there, or the model does not predict it.
    """
    check_columns(table.columns, columns, "the table")
    check_columns(names, columns, "what the model predicts")
    computable = [name for name in names if name in PROPERTIES and name not in columns]
    computed = compute(smiles, computable, jobs=n_jobs(jobs)) if computable else {}
    measured = {n: numbers(table[n], n) for n in names if n not in computed and n in table.columns}
    return {name: (computed | measured)[name] for name in names if name in computed or name in measured}


def _canonical(texts: Sequence[Text]) -> list[str | None]:
    """Return canonical SMILES, None for what is no molecule; runs in workers."""
    return [canonical(text) for text in texts]


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
