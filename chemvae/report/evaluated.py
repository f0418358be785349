"""Evaluation: every figure of one model on one set of molecules, as a table for people and as plain values for JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.io.runs import versions
from chemvae.named import NamedMolecules
from chemvae.report.merit import Merit, merit_table

FORMAT_VERSION = 2
ALONE = ("validity", "unique_at", "int_div", "filters")
"""Figures of the samples by themselves."""
PACKAGES = ("chemvae", "rdkit", "torch", "fcd-torch")
"""What the figures depend on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Every figure of one model on one set of molecules, and what they rest on."""

    model: str
    """the model's name"""
    merits: tuple[Merit, ...]
    """the figures, in the order in which they are told"""
    data: NamedMolecules = field(repr=False)
    """the molecules to reconstruct and predict, and that samples should be like"""
    reference: NamedMolecules = field(repr=False)
    """the molecules that a novel one is absent from"""
    seed: int
    """of the choice of rows and of the samples"""
    reconstructed: pd.DataFrame = field(repr=False)
    """`smiles`, `decoded`, `exact` of each molecule tried"""
    samples: pd.DataFrame = field(repr=False)
    """`smiles`, `text`, `reason` of each sample"""
    lengths: pd.DataFrame = field(repr=False)
    """exact reconstruction by length: `shortest`, `longest`, `exact_reconstruction`, `low`, `high`, `n`"""
    smooth: pd.DataFrame = field(repr=False)
    """the curve of latent smoothness: `radius`, `similarity`, `valid`, `n`"""
    kl: Float[ndarray, " latent"] = field(repr=False)
    """mean KL of each dimension in nats; empty if no molecule could be encoded"""
    properties: Mapping[str, Mapping[str, Float[ndarray, " _"]]] = field(repr=False)
    """name of a property to its values over the data and over the valid samples"""

    def __getitem__(self, name: str) -> float:
        """Return a figure by name."""
        return next(merit.value for merit in self.merits if merit.name == name)

    def __str__(self) -> str:
        return merit_table(self.merits)

    def against(self, name: str) -> dict[str, str] | None:
        """Return name and hash of the set that a figure is of or against; None for one of the samples alone."""
        if name.startswith(ALONE):
            return None
        named = self.reference if name == "novelty" else self.data
        return {"name": named.name, "sha256": named.sha256}

    def as_dict(self) -> dict[str, Any]:
        """Return what `metrics.json` holds: plain figures at the top; protocol, n, interval and set of each below."""
        details = {merit.name: merit.as_dict() | {"against": self.against(merit.name)} for merit in self.merits}
        values = {name: entry["value"] for name, entry in details.items()}
        plain = {name: value for name, value in values.items() if not name.startswith(("mae_", "auroc_"))}
        errors, areas = (
            {name.removeprefix(kind): value for name, value in values.items() if name.startswith(kind)}
            for kind in ("mae_", "auroc_")
        )
        return {
            "format_version": FORMAT_VERSION,
            "model": self.model,
            **plain,
            "mae": errors,
            **({"auroc": areas} if areas else {}),
            "figures": details,
            "reconstruction_by_length": records(self.lengths),
            "latent_smoothness_by_radius": records(self.smooth),
            "kl_per_dimension": self.kl.tolist(),
            "data": self.data.as_dict(),
            "reference": self.reference.as_dict(),
            "seed": self.seed,
            "versions": versions(PACKAGES),
        }


def records(table: pd.DataFrame) -> Any:
    """Return the rows of a table as plain values, None for what is missing."""
    return json.loads(table.to_json(orient="records"))
