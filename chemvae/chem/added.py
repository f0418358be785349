"""Everything that RDKit adds to the rows of a table: properties, filters, oracles, and how near a set they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from rdkit import Chem, rdBase
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from chemvae.chem import alerts
from chemvae.chem.judge import Text, write
from chemvae.chem.measure import measure
from chemvae.chem.oracles.names import ALERTS, check_name
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.properties import check_properties
from chemvae.chem.reference import Nearest, Reference
from chemvae.errors import InputError
from chemvae.molecule import Verdict
from chemvae.settings import did_you_mean

MOSES = "MOSES"
"""The filters of the MOSES benchmark: elements, charge, ring size and PAINS."""
FILTERS = (MOSES, *ALERTS)


@dataclass(frozen=True, slots=True)
class Added:
    """What RDKit says of n strings, row for row."""

    names: tuple[str, ...]
    """of the numbers"""
    numbers: Float[ndarray, "n p"]
    """a column per name, NaN where there is none"""
    texts: dict[str, list[str]]
    """columns of words, empty where there is none"""
    reasons: list[str]
    """why a row is no molecule or lacks a value, empty for all others"""
    readable: Bool[ndarray, " n"]
    """whether a model may be asked about the row"""

    def plain(self) -> dict[str, Any]:
        """Return it as plain values and arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Added":
        """Return what `plain` was made of."""
        return cls(**{**plain, "names": tuple(plain["names"])})


@dataclass(frozen=True, kw_only=True)
class Adding:
    """What to add; it travels to other processes, and answers about any rows."""

    properties: tuple[str, ...] = ()
    """names out of `PROPERTIES`"""
    filters: tuple[str, ...] = ()
    """names out of `FILTERS`"""
    oracles: tuple[str, ...] = ()
    """names out of `oracles.names.NAMES`"""
    reference: Reference | None = field(default=None, repr=False)
    """a set to be new to"""
    nearest: bool = False
    """name the most similar of it"""
    canonical: bool = False
    """write each molecule once, as a model will"""

    def check(self) -> None:
        """Raise for a name that is not known.

        Raises:
            InputError: there is one.
        """
        check_properties(self.properties)
        for name in self.oracles:
            check_name(name)
        known = {one.upper(): one for one in FILTERS}
        for name in self.filters:
            if name.upper() not in known:
                raise InputError(
                    f"Expected a filter out of {', '.join(FILTERS)}, but got {name!r}."
                    f"{did_you_mean(name.upper(), known)}"
                )

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the columns of numbers: a filter is 1 where it is passed, `novel` 1 where the set lacks it."""
        new = ("novel",) if self.reference is not None else ()
        near = ("nearest_similarity",) if self.nearest else ()
        return (*self.properties, *self.oracles, *(f"passes_{name.upper()}" for name in self.filters), *new, *near)

    @property
    def worded(self) -> tuple[str, ...]:
        """Names of the columns of words."""
        return ("nearest",) if self.nearest else ()

    def __call__(self, texts: Sequence[Text]) -> Added:
        """Answer about rows; this is what a worker process runs."""
        measured = measure(texts, self.properties)
        if not (self.filters or self.oracles or self.reference is not None or self.canonical):
            readable = np.array([not reason or reason.startswith(Verdict.FAILED) for reason in measured.reasons])
            return Added(self.numeric, measured.values, {}, measured.reasons, readable.astype(bool))
        subjects = Subjects(texts)
        readable = np.array([reading.mol is not None for reading in subjects.readings], dtype=bool)
        columns, reasons = [measured.values], list(measured.reasons)
        for name in self.oracles:
            scored = oracle(name).scored_on(subjects)
            columns.append(scored.values[:, None])
            reasons = [
                known or (f"{Verdict.FAILED.value}: no {name} ({why})" if why else "")
                for known, why in zip(reasons, scored.reasons, strict=True)
            ]
        columns += [subjects.numbers(("filter", name), self._catalogs[name])[:, None] for name in self.filters]
        near = self._compared(subjects)
        return Added(self.numeric, np.concatenate([*columns, near[0]], axis=1), near[1], reasons, readable)

    def lost(self, reason: str) -> Added:
        """Return what to say of one row that has no answer."""
        names, told = self.numeric, f"{Verdict.FAILED.value}: {reason}"
        words = {name: [""] for name in self.worded}
        return Added(names, np.full((1, len(names)), np.nan), words, [told], np.zeros(1, dtype=bool))

    @property
    def maker(self) -> str:
        """What makes one of these again in another process."""
        return f"{__name__}:{served.__name__}"

    def plain(self) -> dict[str, Any]:
        """Return it as plain values and arrays."""
        reference = None if self.reference is None else self.reference.plain()
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"reference": reference}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Adding":
        """Return what `plain` was made of."""
        reference = None if plain["reference"] is None else Reference.of(plain["reference"])
        names = {name: tuple(plain[name]) for name in ("properties", "filters", "oracles")}
        return cls(**{**plain, **names, "reference": reference})

    def answer(self, told: Mapping[str, Any]) -> Added:
        """Return what another process said."""
        return Added.of(told)

    def _compared(self, subjects: Subjects) -> tuple[Float[ndarray, "n k"], dict[str, list[str]]]:
        """Return the columns that tell how each row stands to the reference set."""
        written = subjects.made("canonical", write) if self.reference is not None or self.canonical else []
        if self.reference is None:
            return np.empty((len(subjects), 0)), {}
        found = [np.array([np.nan if one is None else float(one not in self.reference) for one in written])]
        if not self.nearest:
            return np.stack(found, axis=1), {}
        near: list[Nearest | None] = subjects.made("nearest", self.reference.nearest)
        found.append(np.array([np.nan if one is None else one.similarity for one in near]))
        return np.stack(found, axis=1), {"nearest": ["" if one is None else one.smiles for one in near]}

    @cached_property
    def _catalogs(self) -> dict[str, Callable[[Chem.Mol], float]]:
        """A test for each filter, by its name: 1 for a molecule that passes."""
        return {name: tested(name.upper()) for name in self.filters}


def served(settings: Mapping[str, Any]) -> Callable[[Sequence[Text]], dict[str, Any]]:
    """Return what a process answers with; all that is loaded at a first question is loaded: no molecule's fault."""
    adding = Adding.of(settings)
    adding(["CCO"])
    return lambda texts: adding(texts).plain()


def tested(name: str) -> Callable[[Chem.Mol], float]:
    """Return the test of a filter."""
    if name == MOSES:
        patterns = alerts.compiled(())
        return lambda mol: float(alerts.clean(mol, patterns))
    known = {one.upper(): one for one in ALERTS}
    catalog = FilterCatalog(FilterCatalogParams.FilterCatalogs.names[known[name]])

    def passes(mol: Chem.Mol) -> float:
        with rdBase.BlockLogs():
            return float(not catalog.HasMatch(mol))

    return passes


def joined(parts: Sequence[Added]) -> Added:
    """Return several answers as one."""
    return Added(
        parts[0].names,
        np.concatenate([part.numbers for part in parts]),
        {name: [text for part in parts for text in part.texts[name]] for name in parts[0].texts},
        [reason for part in parts for reason in part.reasons],
        np.concatenate([part.readable for part in parts]),
    )
