"""Known constraints on structure, and molecules that a person named and that must be readable."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import rdBase
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from chemvae.chem.fingerprints import has_substructure, morgan, tanimoto
from chemvae.chem.judge import Text, judge, listed, read
from chemvae.chem.oracles.names import ALERTS
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

Filter = Callable[[list[str]], list[bool]]
"""A list of SMILES in, for each whether it passes."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What is known of the structure that a candidate must have, as a person says it."""

    lead: str | None = None
    """a molecule that it must resemble"""
    min_similarity: float | None = None
    """how much, as Tanimoto similarity of Morgan fingerprints of radius 2; 0.4 unless said"""
    keep: Sequence[str] = ()
    """SMARTS of parts that it must have"""
    avoid: Sequence[str] = ()
    """SMARTS of parts that it must not have"""
    alerts: Sequence[str] = ()
    """lists out of `ALERTS` of which it must match none"""

    def filters(self) -> dict[str, Filter]:
        """Return a filter for each wish, by the words for a broken one.

        Raises:
            InputError: a pattern is no SMARTS, a list is not known, or a similarity is to nothing or cannot be.
        """
        if self.lead is None and self.min_similarity is not None:
            raise InputError(
                f"Expected a molecule to be {self.min_similarity:g} similar to, but got none. "
                "Name it with --similar-to."
            )
        least = 0.4 if self.min_similarity is None else self.min_similarity
        found: dict[str, Filter] = {}
        if self.lead:
            found[f"less than {least:g} similar to the lead"] = similar(self.lead, least)
        found |= {f"lacks a part to keep: {smarts}": keeps(smarts) for smarts in self.keep}
        found |= {f"has a part to avoid: {smarts}": avoids(smarts) for smarts in self.avoid}
        return found | {f"has a structural alert: {name.upper()}": alerts(name) for name in self.alerts}


def molecules(texts: Text | Iterable[Text], what: str) -> list[str]:
    """Return one or many molecules in canonical form, each once, in their order.

    Raises:
        InputError: one cannot be read.
    """
    judged = judge(listed(texts))
    bad = [(row, molecule) for row, molecule in enumerate(judged, 1) if molecule.smiles is None]
    if bad:
        row, first = bad[0]
        where = f" as number {row}" if len(judged) > 1 else ""
        more = f" ({len(bad)} of {len(judged)} cannot be read)" if len(bad) > 1 else ""
        raise InputError(
            f"Expected a {what} as SMILES, but got {first.text[:80]!r}{where}: {first.reason}{more}. Mend or remove it."
        )
    return list(dict.fromkeys(molecule.smiles for molecule in judged if molecule.smiles is not None))


def similar(lead: str, least: float) -> Filter:
    """Return a filter that passes what is at least so similar to one molecule.

    Raises:
        InputError: the similarity is not between 0 and 1.
    """
    if not 0.0 <= least <= 1.0:
        raise InputError(f"Expected a similarity between 0 and 1, but got {least}. Set --min-similarity.")
    return lambda smiles: (tanimoto(lead, smiles) >= least).tolist()


def keeps(smarts: str) -> Filter:
    """Return a filter that passes what contains a pattern.

    Raises:
        InputError: the pattern is no SMARTS.
    """
    contains = has_substructure(smarts)
    return lambda smiles: [contains(one) for one in smiles]


def avoids(smarts: str) -> Filter:
    """Return a filter that passes what does not contain a pattern.

    Raises:
        InputError: the pattern is no SMARTS.
    """
    contains = has_substructure(smarts)
    return lambda smiles: [not contains(one) for one in smiles]


def alerts(name: str) -> Filter:
    """Return a filter that passes what matches none of a list of structural alerts, as RDKit carries it.

    Raises:
        InputError: there is no such list.
    """
    known = {one.upper(): one for one in ALERTS}
    if name.upper() not in known:
        raise InputError(
            f"Expected alerts out of {', '.join(ALERTS)}, but got {name!r}.{did_you_mean(name.upper(), known)}"
        )
    catalog = FilterCatalog(FilterCatalogParams.FilterCatalogs.names[known[name.upper()]])

    def passes(smiles: list[str]) -> list[bool]:
        with rdBase.BlockLogs():
            mols = [read(one) for one in smiles]
            return [mol is not None and not catalog.HasMatch(mol) for mol in mols]

    return passes


def nearest(smiles: Sequence[str], others: Sequence[str]) -> Float[ndarray, " n"]:
    """Return each molecule's Tanimoto similarity to the most similar of the others, NaN if there are none."""
    if not smiles or not others:
        return np.full(len(smiles), np.nan)
    a, b = morgan(smiles).astype(np.float32), morgan(others).astype(np.float32)
    shared = (a @ b.T).astype(np.float64)  # n x m
    return (shared / (a.sum(1)[:, None] + b.sum(1) - shared)).max(axis=1)
