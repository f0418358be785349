"""Scoring: what to add to each row of a table, checked before any work is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.added import Adding
from chemvae.chem.judge import Text
from chemvae.chem.reference import Reference
from chemvae.errors import InputError
from chemvae.latent import Encoded
from chemvae.settings import did_you_mean

ON_INVALID = ("keep", "skip", "error")

LIMIT = 60.0
"""Seconds of processor time that a molecule may take, unless somebody says."""


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
    filters: tuple[str, ...] = ()
    """lists of structural alerts, or MOSES: 1 for a molecule that passes"""
    oracles: tuple[str, ...] = ()
    """tasks of the benchmarks, by name"""
    nearest: bool = False
    """add the most similar molecule of the reference set"""
    on_invalid: str = "keep"
    """`keep` the row with its reason, `skip` it, or stop with an `error`"""
    max_invalid: float = 1.0
    """share of rows that may have a reason before all is stopped"""
    timeout: float | None = None
    """seconds of processor time that a molecule may take"""

    def check(self, model: Predictor | None, *, compared: bool = False) -> None:
        """Raise for what cannot be, before any work is done.

        Args:
            model: what predicts and encodes.
            compared: whether there is a reference set.

        Raises:
            InputError: an unknown name or way, a model that is missing or has no property head, nothing to do.
        """
        self.adding(None).check()
        self._check_ways()
        if (self.predict or self.latent) and model is None:
            raise InputError("Expected a model to predict or encode with, but got none. Name one with --model.")
        if self.predict and model is not None and not model.property_names:
            raise InputError(
                "Expected a model that predicts properties, but it was trained without any. Choose another."
            )
        if self.nearest and not compared:
            raise InputError("Expected a set to look for neighbours in, but got none. Name it with --reference.")
        if not (self.properties or self.predict or self.latent or self.filters or self.oracles or compared):
            raise InputError("Expected something to compute, but got no property. Say e.g. --properties logp,qed,sa.")

    def adding(self, reference: Reference | None) -> Adding:
        """Return what RDKit is to add."""
        return Adding(
            properties=self.properties,
            filters=self.filters,
            oracles=self.oracles,
            reference=reference,
            nearest=self.nearest,
            canonical=self.predict or self.latent,
        )

    def _check_ways(self) -> None:
        if self.on_invalid not in ON_INVALID:
            raise InputError(
                f"Expected one of {', '.join(ON_INVALID)} for invalid rows, but got {self.on_invalid!r}."
                f"{did_you_mean(self.on_invalid, ON_INVALID)}"
            )
        if not 0.0 <= self.max_invalid <= 1.0:
            raise InputError(
                f"Expected a share from 0 to 1 of rows that may be invalid, but got {self.max_invalid:g}. Set "
                "--max-invalid."
            )
        if self.timeout is not None and not 0.0 < self.timeout < float("inf"):
            raise InputError(f"Expected a time-out above 0 seconds, but got {self.timeout:g}. Set --timeout.")
