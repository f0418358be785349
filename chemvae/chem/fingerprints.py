"""Fingerprints, similarity, substructures and scaffolds of SMILES strings, row for row."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator
from rdkit.Chem.Scaffolds import MurckoScaffold
from scipy.sparse import csr_array

from chemvae.chem.judge import Text, read
from chemvae.errors import InputError


def morgan(smiles: Sequence[Text], radius: int = 2, bits: int = 2048) -> Float[ndarray, "n bits"]:
    """Return Morgan fingerprints as zeros and ones; a row of NaN for what cannot be read."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    return rows_of(smiles, generator.GetFingerprintAsNumPy, bits)


def counts(smiles: Sequence[Text], radius: int = 2, bits: int = 2048) -> Float[ndarray, "n bits"]:
    """Return how often each Morgan environment comes up; a row of NaN for what cannot be read."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    return rows_of(smiles, generator.GetCountFingerprintAsNumPy, bits)


def sparse_counts(smiles: Sequence[Text], radius: int = 3, bits: int = 2048) -> csr_array:
    """Return how often each Morgan environment comes up, as sparse rows; an empty row for what cannot be read."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    found = [
        {} if mol is None else generator.GetCountFingerprint(mol).GetNonzeroElements() for mol in map(read, smiles)
    ]
    ends = np.cumsum([0, *map(len, found)])
    columns = np.fromiter(itertools.chain.from_iterable(found), dtype=np.int64, count=int(ends[-1]))
    times = np.fromiter(itertools.chain.from_iterable(row.values() for row in found), np.int32, count=int(ends[-1]))
    return csr_array((times, columns, ends), shape=(len(found), bits))


def rows_of(smiles: Sequence[Text], fingerprint: Callable[[Chem.Mol], ndarray], bits: int) -> Float[ndarray, "n bits"]:
    """Return one row of floats per string."""
    rows = np.full((len(smiles), bits), np.nan, dtype=np.float32)
    for row, mol in enumerate(map(read, smiles)):
        if mol is not None:
            rows[row] = fingerprint(mol)
    return rows


def tanimoto(a: Text, many: Sequence[Text], radius: int = 2, bits: int = 2048) -> Float[ndarray, " n"]:
    """Return the Tanimoto similarity of one molecule to each of many; NaN where either cannot be read."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    similar = np.full(len(many), np.nan)
    one = read(a)
    mols = [(row, mol) for row, mol in enumerate(map(read, many)) if mol is not None]
    if one is not None and mols:
        prints = [generator.GetFingerprint(mol) for _, mol in mols]
        rows = [row for row, _ in mols]
        similar[rows] = DataStructs.BulkTanimotoSimilarity(generator.GetFingerprint(one), prints)
    return similar


def pattern_of(smarts: str) -> Chem.Mol:
    """Return a SMARTS pattern.

    Raises:
        InputError: the text is no SMARTS.
    """
    with rdBase.BlockLogs():
        pattern = Chem.MolFromSmarts(smarts) if smarts.isascii() else None
    if pattern is None or pattern.GetNumAtoms() == 0:
        raise InputError(f"Expected a SMARTS pattern, but got {smarts!r}. A SMILES string of the part to keep will do.")
    return pattern


def has_substructure(smarts: str) -> Callable[[Text], bool]:
    """Return a test of whether a SMILES string contains a pattern; what cannot be read does not.

    Raises:
        InputError: the pattern is no SMARTS.
    """
    pattern = pattern_of(smarts)

    def contains(smiles: Text) -> bool:
        mol = read(smiles)
        return mol is not None and bool(mol.HasSubstructMatch(pattern))

    return contains


def scaffold_of(mol: Chem.Mol) -> str:
    """Return the Bemis-Murcko scaffold of a molecule as SMILES, empty for one without rings."""
    try:
        with rdBase.BlockLogs():
            return str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(mol)))
    except (RuntimeError, ValueError):
        return ""


def scaffold(smiles: Text) -> str | None:
    """Return the Bemis-Murcko scaffold of a SMILES string, empty for one without rings, None if it is unreadable."""
    mol = read(smiles)
    return scaffold_of(mol) if mol is not None else None
