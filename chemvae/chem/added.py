"""Everything that RDKit adds to the rows of a table: properties, filters, oracles, and how near a set they are."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from rdkit import Chem, rdBase
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from chemvae.chem import alerts
from chemvae.chem.judge import Text, as_written, write
from chemvae.chem.measure import measure_read
from chemvae.chem.oracles.names import ALERTS, check_name
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.properties import check_properties
from chemvae.chem.reference import Nearest, Reference
from chemvae.chem.taking import Taking
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
    ids: Int[ndarray, " tokens"]
    """the token ids of all rows that a model can take, end to end, if it was said for which model"""
    lengths: Int[ndarray, " n"]
    """how many of them belong to each row; none to one that the model cannot take"""

    def ids_of_rows(self) -> list[ndarray]:
        """Return the token ids of each row."""
        return np.split(self.ids.astype(np.int64), np.cumsum(self.lengths)[:-1]) if len(self.lengths) else []

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
    """write each molecule once, as a model will that parses it again"""
    taking: Taking | None = None
    """what the model takes: molecules are then numbered for it here, and never parsed again"""

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
        subjects = Subjects(texts)
        readable = np.array([reading.mol is not None for reading in subjects.readings], dtype=bool)
        measured = measure_read(subjects.readings, self.properties)
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
        reasons, ids = self._numbered(subjects, reasons)
        return Added(
            names=self.numeric,
            numbers=np.concatenate([*columns, near[0]], axis=1),
            texts=near[1],
            reasons=reasons,
            readable=readable,
            ids=np.array([*itertools.chain.from_iterable(ids)], dtype=np.int32),
            lengths=np.array([*map(len, ids)], dtype=np.int32),
        )

    def lost(self, reason: str) -> Added:
        """Return what to say of one row that has no answer."""
        names, told = self.numeric, f"{Verdict.FAILED.value}: {reason}"
        return Added(
            names=names,
            numbers=np.full((1, len(names)), np.nan),
            texts={name: [""] for name in self.worded},
            reasons=[told],
            readable=np.zeros(1, dtype=bool),
            ids=np.zeros(0, dtype=np.int32),
            lengths=np.zeros(1, dtype=np.int32),
        )

    @property
    def maker(self) -> str:
        """What makes one of these again in another process."""
        return f"{__name__}:{served.__name__}"

    def plain(self) -> dict[str, Any]:
        """Return it as plain values and arrays."""
        reference = None if self.reference is None else self.reference.plain()
        taking = None if self.taking is None else self.taking.plain()
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**own, "reference": reference, "taking": taking}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Adding":
        """Return what `plain` was made of."""
        reference = None if plain["reference"] is None else Reference.of(plain["reference"])
        names = {name: tuple(plain[name]) for name in ("properties", "filters", "oracles")}
        taking = None if plain["taking"] is None else Taking.of(plain["taking"])
        return cls(**{**plain, **names, "reference": reference, "taking": taking})

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

    def _numbered(self, subjects: Subjects, reasons: list[str]) -> tuple[list[str], list[list[int]]]:
        """Return the ids of each row for the model, and its reasons with those why it cannot take one."""
        if self.taking is None:
            return reasons, [[] for _ in reasons]
        pairs = [self.taking(as_written(smiles)) for smiles in subjects.made("canonical", write)]
        return [why or one.reason for why, (one, _) in zip(reasons, pairs, strict=True)], [ids for _, ids in pairs]

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
        names=parts[0].names,
        numbers=np.concatenate([part.numbers for part in parts]),
        texts={name: [text for part in parts for text in part.texts[name]] for name in parts[0].texts},
        reasons=[reason for part in parts for reason in part.reasons],
        readable=np.concatenate([part.readable for part in parts]),
        ids=np.concatenate([part.ids for part in parts]),
        lengths=np.concatenate([part.lengths for part in parts]),
    )
