"""Scoring: what to add to each row of a table, checked before any work is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.added import Adding
from chemvae.chem.judge import Text
from chemvae.chem.properties import PROPERTIES
from chemvae.chem.reference import Reference
from chemvae.chem.taking import Taking
from chemvae.errors import InputError
from chemvae.latent import Encoded
from chemvae.scoring.filters import comparisons_in, lists_in
from chemvae.search.expression import Constraint, check_names
from chemvae.settings import did_you_mean

ON_INVALID = ("keep", "skip", "error")

PREDICTED = "predicted_"
"""What stands before the name of a property that a model expects."""

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


@runtime_checkable
class Numbered(Protocol):
    """What a model offers whose molecules may be numbered where they are parsed."""

    @property
    def taking(self) -> Taking:
        """How molecules become its ids."""

    def posterior_of_ids(self, ids: Sequence[ndarray]) -> tuple[Float[ndarray, "n latent"], Float[ndarray, "n latent"]]:
        """Encode ids, row for row: mean and standard deviation, NaN where there are none."""


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
    """lists of structural alerts, or MOSES, and comparisons such as `qed>=0.6`: 1 for a molecule that passes"""
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
        self._check_comparisons(model, compared=compared)
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

    def adding(self, reference: Reference | None, model: Predictor | None = None) -> Adding:
        """Return what RDKit is to add, and to make ready for a model."""
        asked = self.predict or self.latent
        taking = model.taking if asked and isinstance(model, Numbered) else None
        return Adding(
            properties=(*self.properties, *self.hidden),
            filters=lists_in(self.filters),
            oracles=self.oracles,
            reference=reference,
            nearest=self.nearest,
            canonical=asked and taking is None,
            taking=taking,
        )

    @property
    def comparisons(self) -> tuple[Constraint, ...]:
        """The comparisons among the filters."""
        return comparisons_in(self.filters)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Properties that only a comparison needs: computed, but no column."""
        needed = (name for one in self.comparisons for name in one.names if name in PROPERTIES)
        return tuple(dict.fromkeys(name for name in needed if name not in self.properties))

    def _check_comparisons(self, model: Predictor | None, *, compared: bool) -> None:
        names = model.property_names if self.predict and model is not None else ()
        near = (*(["novel"] if compared else []), *(["nearest_similarity"] if self.nearest else []))
        known = (*PROPERTIES, *self.oracles, *(f"{PREDICTED}{name}" for name in names), *near)
        for one in self.comparisons:
            if not self.predict and any(name.startswith(PREDICTED) for name in one.names):
                raise InputError(f"Expected --predict with the filter {one.text!r}, but got none. Add it.")
            check_names(one.names, known, one.text)

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
