"""How good a set of generated molecules is, in the definitions of MOSES (Polykovskiy et al., 2020).

Every function takes canonical SMILES of valid molecules, as `valid_smiles` returns them; repetitions count. Where the
paper and the published code differ, the code is followed, since the published figures come from it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray
from rdkit import Chem, rdBase
from rdkit.Chem import AllChem
from rdkit.Chem.Scaffolds import MurckoScaffold

from chemvae.chem.fingerprints import morgan
from chemvae.chem.judge import read
from chemvae.chem.workers import in_chunks
from chemvae.molecule import Molecule

BITS = 1024  # of the Morgan fingerprints of radius 2
ROWS = 1000  # of a similarity matrix at a time
COLUMNS = 10_000
SCAFFOLD_RINGS = 2  # a scaffold with fewer says too little to be counted


def valid_smiles(molecules: Sequence[Molecule]) -> list[str]:
    """Return the canonical SMILES of the valid ones, repetitions and order kept: what the other measures take."""
    return [molecule.smiles for molecule in molecules if molecule.smiles is not None]


def validity(molecules: Sequence[Molecule]) -> float:
    """Return the share of strings that are molecules, of all strings."""
    return sum(molecule.valid for molecule in molecules) / len(molecules) if molecules else np.nan


def uniqueness(smiles: Sequence[str], k: int | None = None) -> float:
    """Return the share of distinct ones among the first k valid molecules; NaN if there are fewer than k.

    Args:
        smiles: canonical, valid ones only.
        k: how many to look at; None means all.
    """
    first = smiles[:k]
    return len(set(first)) / len(first) if first and (k is None or len(first) == k) else np.nan


def novelty(smiles: Sequence[str], known: Collection[str]) -> float:
    """Return the share of distinct valid molecules that are not among the known ones.

    Args:
        smiles: canonical, valid ones only.
        known: canonical SMILES of the training set, as a set.
    """
    distinct = set(smiles)
    return len(distinct.difference(known)) / len(distinct) if distinct else np.nan


def prints(smiles: Sequence[str], jobs: int = 1) -> UInt8[ndarray, "n bits"]:
    """Return the fingerprints that SNN and IntDiv compare, zeros and ones."""
    return np.concatenate([np.empty((0, BITS), dtype=np.uint8), *in_chunks(_prints, smiles, jobs=jobs)])


def similarity(a: UInt8[ndarray, "n bits"], b: UInt8[ndarray, "m bits"]) -> Float[ndarray, "n m"]:
    """Return the Tanimoto similarity of each to each; 1 between two that have no bit at all."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    common = x @ y.T
    either = x.sum(axis=1)[:, None] + y.sum(axis=1) - common
    return np.divide(common, either, out=np.ones_like(common), where=either > 0)


def to_nearest(a: UInt8[ndarray, "n bits"], b: UInt8[ndarray, "m bits"]) -> Float[ndarray, " n"]:
    """Return the similarity of each of one set to the most similar of the other: their mean is SNN."""
    nearest = np.full(len(a), np.nan)
    for row in range(0, len(a) if len(b) else 0, ROWS):
        block = a[row : row + ROWS]
        found = [similarity(block, b[at : at + COLUMNS]).max(axis=1) for at in range(0, len(b), COLUMNS)]
        nearest[row : row + ROWS] = np.max(found, axis=0)
    return nearest


def diversity(a: UInt8[ndarray, "n bits"], p: int = 1) -> Float[ndarray, " n"]:
    """Return 1 minus the power mean of each one's similarities to all, itself included: their mean is IntDiv.

    Args:
        a: fingerprints.
        p: 1 for IntDiv, 2 for IntDiv2, whose root MOSES takes molecule by molecule.
    """
    power = np.zeros(len(a))
    for row in range(0, len(a), ROWS):
        for at in range(0, len(a), COLUMNS):
            block = similarity(a[row : row + ROWS], a[at : at + COLUMNS])
            power[row : row + ROWS] += (block**p).sum(axis=1, dtype=np.float64)
    return 1.0 - (power / max(len(a), 1)) ** (1.0 / p)


def fragments(smiles: Sequence[str], jobs: int = 1) -> Counter[str]:
    """Count the pieces that molecules fall into at their BRICS bonds."""
    return sum(in_chunks(_fragments, smiles, jobs=jobs), Counter())


def scaffolds(smiles: Sequence[str], jobs: int = 1) -> Counter[str]:
    """Count Bemis-Murcko scaffolds; one with fewer than two rings is not counted."""
    return sum(in_chunks(_scaffolds, smiles, jobs=jobs), Counter())


def cosine(a: Mapping[str, int], b: Mapping[str, int]) -> float:
    """Return the cosine between two sets of counts (of fragments: Frag, of scaffolds: Scaf); NaN if one is empty."""
    if not a or not b:
        return np.nan
    dot = sum(count * b.get(key, 0) for key, count in a.items())
    norms = [float(np.linalg.norm(np.fromiter(counts.values(), dtype=np.float64))) for counts in (a, b)]
    return float(dot / (norms[0] * norms[1]))


def _prints(smiles: Sequence[str]) -> UInt8[ndarray, "n bits"]:
    """Return fingerprints; runs in workers."""
    return morgan(smiles, radius=2, bits=BITS).astype(np.uint8)


def _fragments(smiles: Sequence[str]) -> Counter[str]:
    """Count fragments; runs in workers."""
    found: Counter[str] = Counter()
    for mol in map(read, smiles):
        if mol is not None:
            with rdBase.BlockLogs():
                found.update(Chem.MolToSmiles(AllChem.FragmentOnBRICSBonds(mol)).split("."))  # type: ignore[attr-defined]
    return found


def _scaffolds(smiles: Sequence[str]) -> Counter[str]:
    """Count scaffolds; runs in workers."""
    found: Counter[str] = Counter()
    for mol in map(read, smiles):
        if mol is None or mol.GetRingInfo().NumRings() < SCAFFOLD_RINGS:
            continue
        try:
            with rdBase.BlockLogs():
                core = MurckoScaffold.GetScaffoldForMol(mol)
                found[Chem.MolToSmiles(core)] += int(core.GetRingInfo().NumRings() >= SCAFFOLD_RINGS)
        except (RuntimeError, ValueError):
            continue
    return +found
