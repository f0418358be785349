"""What the benchmarks make of an oracle's values: here, and only here, a failure counts 0."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem

from chemvae.chem.judge import Text, read
from chemvae.chem.oracles.names import GUACAMOL
from chemvae.chem.oracles.registry import oracle
from chemvae.chem.oracles.score import Score
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

USUAL = (1, 10, 100)
TOP: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(GUACAMOL, USUAL),
    **dict.fromkeys([name for name in GUACAMOL if name.endswith("_rediscovery")], (1,)),
    "isomers_c11h24": (159,),  # as many as there are, stereoisomers apart
    "isomers_c9h10n2o2pf2cl": (250,),
}
"""How many of the best molecules GuacaMol averages over; where there are several numbers, their means are averaged."""


def points(score: Score, smiles: Iterable[Text]) -> Float[ndarray, " n"]:
    """Return what PMO and GuacaMol credit each string with: its score, and 0 for what is no molecule or failed."""
    return np.nan_to_num(score(smiles), nan=0.0)


def top_means(values: Sequence[float] | ndarray, top: Sequence[int] = USUAL) -> float:
    """Return the mean of the means over the best k values, for each k; missing values count 0."""
    best = np.sort(np.asarray(values, dtype=np.float64))[::-1]
    return float(np.mean([best[:k].sum() / k for k in top]))


def guacamol_score(name: str, smiles: Iterable[Text]) -> float:
    """Return GuacaMol's figure for the molecules that a method proposes for one task.

    Each molecule counts once, without its stereochemistry; of as many as the task asks for, those missing count 0.

    Raises:
        InputError: it is no task of GuacaMol.
    """
    if name not in TOP:
        raise InputError(f"Expected a task of GuacaMol, but got {name!r}.{did_you_mean(str(name).lower(), TOP)}")
    flat = [Chem.MolToSmiles(mol, isomericSmiles=False) for mol in map(read, smiles) if mol is not None]
    return top_means(points(oracle(name), dict.fromkeys(flat)), TOP[name])
