"""Computed properties: a name, a function of a molecule, and a way to compute many in parallel; a failure is NaN."""

import contextlib
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import QED, Descriptors, rdMolDescriptors

from chemvae.chem.accessibility import sascorer
from chemvae.chem.judge import Text, read
from chemvae.chem.messages import quiet
from chemvae.chem.surroundings import LOCK, ordinary
from chemvae.chem.together import Together
from chemvae.chem.workers import in_chunks
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

Scales = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
"""Mean and standard deviation over ZINC250k of log P, -SA and -(longest ring over 6)."""

PLOGP_SCALES: dict[str, Scales] = {
    "gcpn": (  # GCPN, TDC and most after them
        (2.4570953396190123, 1.434324401111988),
        (-3.0525811293166134, 0.8335207024513095),
        (-0.0485696876403053, 0.2860212110245455),
    ),
    "lolbo": (  # LOL-BO and weighted retraining: values differ in the third digit
        (2.45777691, 1.43341767),
        (-3.05352042, 0.83460587),
        (-0.04861121, 0.28746695),
    ),
}
FREE_RING = 6  # atoms of a ring that cost nothing in penalised log P


def sa(mol: Chem.Mol) -> float:
    """Return the synthetic accessibility score, 1 (easy) to 10 (hard)."""
    return float(sascorer().calculateScore(mol))


def longest_ring(mol: Chem.Mol) -> int:
    """Count the atoms of the longest cycle in networkx's cycle basis: what the literature's penalised log P takes."""
    import networkx  # type: ignore[import-untyped]  # heavy, and only this needs it

    cycles = networkx.cycle_basis(networkx.Graph(Chem.GetAdjacencyMatrix(mol)))
    return max(map(len, cycles), default=0)


def logp(mol: Chem.Mol) -> float:
    """Return Wildman and Crippen's octanol-water partition coefficient, the same as `Crippen.MolLogP`."""
    return float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0])


def plogp(mol: Chem.Mol, scales: Scales = PLOGP_SCALES["gcpn"]) -> float:
    """Return penalised log P; it grows with size without bound, so quote it with a cap on heavy atoms."""
    return float(plogp_of(logp(mol), sa(mol), longest_ring(mol), scales))


def plogp_of(logp: Any, sa: Any, ring: Any, scales: Scales = PLOGP_SCALES["gcpn"]) -> Any:
    """Return penalised log P from its three terms, numbers or arrays of them."""
    terms = (logp, -sa, -np.maximum(0, ring - FREE_RING))
    return sum((term - mean) / std for term, (mean, std) in zip(terms, scales, strict=True))


PROPERTIES: dict[str, Callable[[Chem.Mol], float]] = {
    "logp": logp,  # octanol-water partition coefficient
    "qed": QED.qed,  # quantitative estimate of drug-likeness, 0 to 1
    "sa": sa,  # synthetic accessibility, 1 easy to 10 hard
    "plogp": plogp,  # penalised log P
    "mw": Descriptors.MolWt,  # type: ignore[attr-defined]  # g/mol
    "tpsa": rdMolDescriptors.CalcTPSA,  # topological polar surface area, square angstrom
    "heavy_atoms": Chem.Mol.GetNumHeavyAtoms,
    "rings": rdMolDescriptors.CalcNumRings,
    "aromatic_rings": rdMolDescriptors.CalcNumAromaticRings,
    "rotatable": rdMolDescriptors.CalcNumRotatableBonds,
    "hbd": rdMolDescriptors.CalcNumHBD,  # hydrogen bond donors
    "hba": rdMolDescriptors.CalcNumHBA,  # hydrogen bond acceptors
    "fsp3": rdMolDescriptors.CalcFractionCSP3,  # share of carbons that are sp3
    "stereocentres": rdMolDescriptors.CalcNumAtomStereoCenters,
    "charge": Chem.GetFormalCharge,
}


TOGETHER: dict[Callable[[Chem.Mol], float], Callable[[Together], Float[ndarray, " n"]]] = {
    logp: lambda known: known.logp,
    QED.qed: lambda known: known.qed,
    sa: lambda known: known.sa,
    plogp: lambda known: plogp_of(known.logp, known.sa, np.array([longest_ring(mol) for mol in known.mols])),
}
"""Functions whose values for many molecules are had for less than one by one; they are the same."""
GROUP = 1000
"""Molecules that share."""
FEW = 4
"""Molecules that are sooner done one by one."""


def check_properties(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, each once, or say which one is not known.

    Raises:
        InputError: a name is not in `PROPERTIES`.
    """
    names = tuple(dict.fromkeys(names))
    for name in names:
        if name not in PROPERTIES:
            raise InputError(
                f"Expected a property out of {', '.join(PROPERTIES)}, but got {name!r}."
                f"{did_you_mean(name.lower(), PROPERTIES)}"
            )
    return names


def value(mol: Chem.Mol, name: str) -> float:
    """Return one property of a molecule, NaN where the computation fails or ends in infinity."""
    try:
        with quiet():
            number = float(PROPERTIES[name](mol))
    except (RuntimeError, ValueError, ArithmeticError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def values(mols: Iterable[Chem.Mol | None], names: Sequence[str]) -> Float[ndarray, "n p"]:
    """Return the properties of molecules, a row each; a row of NaN where there is no molecule.

    Args:
        mols: as `read` returns them; many at a time are several times faster than one by one.
        names: out of `PROPERTIES`.
    """
    mols = list(mols)
    parts = [_values(mols[at : at + GROUP], names) for at in range(0, len(mols), GROUP)]
    return np.concatenate([np.empty((0, len(names))), *parts])


def _values(mols: Sequence[Chem.Mol | None], names: Sequence[str]) -> Float[ndarray, "n p"]:
    """Return the properties of a group: what shares its work for all, the rest one by one."""
    table = np.full((len(mols), len(names)), np.nan)
    there = {row: mol for row, mol in enumerate(mols) if mol is not None}
    left = {name: set(there) for name in names}
    shared = [name for name in names if PROPERTIES[name] in TOGETHER]
    some = {row: mol for row, mol in there.items() if ordinary(mol)} if shared else {}
    known, rows = Together(list(some.values())), list(some)
    for name in shared if len(some) >= FEW else ():
        with LOCK, quiet(), contextlib.suppress(RuntimeError, ValueError, ArithmeticError):
            found = TOGETHER[PROPERTIES[name]](known)
            table[rows, names.index(name)] = np.where(np.isfinite(found), found, np.nan)
            left[name] -= set(rows)
    for column, name in enumerate(names):
        for row in left[name]:
            table[row, column] = value(there[row], name)
    return table


def of_strings(smiles: Sequence[Text], names: Sequence[str]) -> Float[ndarray, "n p"]:
    """Return the properties of SMILES strings, a row each."""
    return values(map(read, smiles), names)


def compute(smiles: Sequence[Text], names: Iterable[str], jobs: int = 1) -> dict[str, Float[ndarray, " n"]]:
    """Compute properties of SMILES strings: an array each, row for row, NaN where a string is no molecule.

    Args:
        smiles: as they are; nothing is standardised here.
        names: out of `PROPERTIES`.
        jobs: processes; a few hundred molecules stay in this one.

    Raises:
        InputError: a name is not known.
    """
    names = check_properties(names)
    work = functools.partial(of_strings, names=names)
    table = np.concatenate([np.empty((0, len(names))), *in_chunks(work, list(smiles), jobs=jobs)])
    return {name: table[:, column] for column, name in enumerate(names)}
