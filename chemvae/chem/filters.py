"""Known constraints on structure, and molecules that a person named and that must be readable."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.fingerprints import has_substructure, morgan, tanimoto
from chemvae.chem.judge import Text, judge
from chemvae.errors import InputError

Filter = Callable[[list[str]], list[bool]]
"""A list of SMILES in, for each whether it passes."""


def molecules(texts: Sequence[Text], what: str) -> list[str]:
    """Return molecules in canonical form, each once, in their order.

    Raises:
        InputError: one cannot be read.
    """
    judged = judge(texts)
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


def nearest(smiles: Sequence[str], others: Sequence[str]) -> Float[ndarray, " n"]:
    """Return each molecule's Tanimoto similarity to the most similar of the others, NaN if there are none."""
    if not smiles or not others:
        return np.full(len(smiles), np.nan)
    a, b = morgan(smiles).astype(np.float32), morgan(others).astype(np.float32)
    shared = (a @ b.T).astype(np.float64)  # n x m
    return (shared / (a.sum(1)[:, None] + b.sum(1) - shared)).max(axis=1)
