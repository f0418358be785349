"""Searchable: a model as the functions that a search sees, and named columns as tables and free constraints."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.edits.cross import crossover
from chemvae.chem.edits.mutate import mutate
from chemvae.chem.filters import Filter, similar
from chemvae.chem.fingerprints import sparse_counts
from chemvae.chem.oracles.names import NAMES
from chemvae.chem.oracles.registry import compute as compute_oracles
from chemvae.chem.properties import PROPERTIES, compute
from chemvae.molecule import Molecule
from chemvae.retraining import opened
from chemvae.search.expression import check_names, parse_constraint
from chemvae.search.objective import Objective, Table
from chemvae.search.space import Edits, Space

PREDICTED = "predicted_"
"""What the name of a head's prediction begins with."""
COMPUTED = tuple(dict.fromkeys([*PROPERTIES, *NAMES]))
"""What RDKit computes by name: properties, and the tasks of benchmarks."""


@runtime_checkable
class LatentModel(Protocol):
    """What a search needs of a model; `MoleculeModel` has it."""

    @property
    def name(self) -> str:
        """What the model calls itself."""
        ...

    @property
    def fingerprint(self) -> str:
        """What tells its weights from those of another model of the same name."""
        ...

    @property
    def latent(self) -> int:
        """Dimensions of z."""
        ...

    @property
    def property_names(self) -> tuple[str, ...]:
        """What its head predicts."""
        ...

    def encode(self, smiles: Sequence[str]) -> ndarray:
        """Return a point for each molecule, a row of NaN for one that it cannot read."""
        ...

    def decode(self, z: ndarray) -> list[Molecule]:
        """Return a molecule for each point, with its verdict."""
        ...

    def prior(self, n: int, seed: int | None = None) -> ndarray:
        """Draw points from the prior."""
        ...

    def predict(self, smiles: Sequence[str]) -> pd.DataFrame:
        """Return the head's predictions, a column per property."""
        ...


def space_of(
    model: LatentModel,
    objective: Objective,
    resembles: Filter | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Space:
    """Return the model as the functions that a search sees.

    Args:
        model: encodes and decodes.
        objective: what is sought.
        resembles: tells what is similar enough to the lead, if there is one.
        say: is told what became of each retraining of the model.
    """
    heads = {name: name.removeprefix(PREDICTED) for name in objective.names if name not in objective.functions}
    missing = [name for name in objective.names if name in objective.functions]
    missing += [name for name, bare in heads.items() if bare not in model.property_names]
    space = Space(
        latent=model.latent,
        write=lambda z: model.decode(z.astype(np.float32)),
        read=lambda smiles: model.encode(smiles).astype(np.float64),
        draw=lambda n, rng: model.prior(n, int(rng.integers(2**31))).astype(np.float64),
        slope=None if missing else lambda z: objective.expression(_head(model, z, heads)),
        edits=Edits(mutate=mutate, cross=crossover),
        describe=sparse_counts,
        resembles=resembles,
    )
    return opened(space, model, lambda other: space_of(other, objective, resembles), None, say)


def resembling(lead: str | None, least: float | None) -> Filter | None:
    """Return what tells molecules that are similar enough to a lead; None without one."""
    return None if lead is None else similar(lead, 0.4 if least is None else least)


def _head(model: Any, z: torch.Tensor, heads: Mapping[str, str]) -> dict[str, torch.Tensor]:
    """Return the head's predictions at z by the names of the objective; gradients pass."""
    predicted = model.vae.head(z.to(model.device)).to(z.device)  # n x props
    return {name: predicted[:, model.property_names.index(bare)] for name, bare in heads.items()}


def table_of(model: LatentModel, names: Sequence[str]) -> Table:
    """Return a function that computes named columns: RDKit's, and what the head predicts of the others."""
    computed = [name for name in names if name in PROPERTIES]
    tasks = [name for name in names if name in NAMES and name not in PROPERTIES]
    predicted = [name for name in names if name not in COMPUTED]

    def columns(smiles: list[str]) -> dict[str, Float[ndarray, " n"]]:
        found = compute(smiles, computed) | (compute_oracles(smiles, tasks) if tasks else {})
        if predicted:
            frame = model.predict(smiles)
            found |= {name: frame[name.removeprefix(PREDICTED)].to_numpy(np.float64) for name in predicted}
        return found

    return columns


def property_filters(model: LatentModel, texts: str | Sequence[str]) -> tuple[dict[str, Filter], tuple[str, ...]]:
    """Return a filter for each constraint on properties, and the properties that they name."""
    many = [parse_constraint(text) for text in many_of(texts)]
    columns = (*COMPUTED, *(name for name in model.property_names if name not in COMPUTED))
    for one in many:
        check_names(one.names, (*columns, *(PREDICTED + name for name in model.property_names)), one.text)
    tables = [table_of(model, one.names) for one in many]

    def allows(at: int) -> Filter:
        return lambda smiles: np.asarray(many[at](tables[at](smiles))).tolist()

    names = tuple(dict.fromkeys(name for one in many for name in one.names))
    return {f"breaks {one.text}": allows(at) for at, one in enumerate(many)}, names


def many_of(texts: str | Sequence[str]) -> Sequence[str]:
    """Return several texts where one alone was given."""
    return [texts] if isinstance(texts, str) else texts
