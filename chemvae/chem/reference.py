"""A reference set: whether a molecule is in it, and which of its molecules is the most similar."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from chemvae.chem.judge import read

BITS, RADIUS = 2048, 2


@dataclass(frozen=True, slots=True)
class Nearest:
    """The molecule of a reference set that is most similar to another."""

    smiles: str
    """which"""
    similarity: float
    """Tanimoto similarity of Morgan fingerprints of radius 2 and 2048 bits"""


class Reference:
    """Molecules to compare with."""

    def __init__(self, smiles: Sequence[str], *, nearest: bool):
        """Take in the molecules.

        Args:
            smiles: canonical SMILES.
            nearest: fingerprint them too, so that the most similar can be found.
        """
        self.smiles = tuple(dict.fromkeys(smiles))
        self.prints: tuple[bytes, ...] = ()
        if nearest:
            make = generator()
            mols = [(text, read(text)) for text in self.smiles]
            self.smiles = tuple(text for text, mol in mols if mol is not None)
            self.prints = tuple(make.GetFingerprint(mol).ToBinary() for _, mol in mols if mol is not None)

    def plain(self) -> dict[str, Any]:
        """Return it as plain values and arrays."""
        prints = np.frombuffer(b"".join(self.prints), dtype=np.uint8)
        return {"smiles": self.smiles, "prints": prints, "sizes": np.array([*map(len, self.prints)], dtype=np.int64)}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Reference":
        """Return what `plain` was made of."""
        found, ends = cls(plain["smiles"], nearest=False), np.cumsum(plain["sizes"]).tolist()
        data = plain["prints"].tobytes()
        found.prints = tuple(data[begin:end] for begin, end in zip([0, *ends], ends, strict=False))
        return found

    def __contains__(self, smiles: str) -> bool:
        """Whether a canonical SMILES string is one of these."""
        return smiles in self._known

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the molecules, a line each."""
        return hashlib.sha256("\n".join(self.smiles).encode()).hexdigest()

    def nearest(self, mol: Chem.Mol) -> Nearest:
        """Return the most similar molecule, the first one of equals.

        Molecules are looked at by how many bits they have, likely numbers first: two fingerprints of a and b bits are
        never more similar than min(a, b) / max(a, b), so most of a large set is not looked at.
        """
        own = generator().GetFingerprint(mol)
        bits, best, where = own.GetNumOnBits(), -1.0, 0
        for limit, rows, prints in self._by_limit(bits):
            if limit < best:
                break
            found = np.asarray(DataStructs.BulkTanimotoSimilarity(own, prints))
            top = float(found.max())
            row = rows[int(found.argmax())]
            if top > best or (top == best and row < where):
                best, where = top, row
        return Nearest(self.smiles[where], best)

    def _by_limit(self, bits: int) -> list[tuple[float, list[int], list[DataStructs.ExplicitBitVect]]]:
        limits = [
            (min(bits, n) / max(bits, n, 1) if bits or n else 0.0, rows, prints)
            for n, (rows, prints) in self._bins.items()
        ]
        return sorted(limits, key=lambda one: -one[0])

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.smiles)

    @cached_property
    def _bins(self) -> dict[int, tuple[list[int], list[DataStructs.ExplicitBitVect]]]:
        """Rows and fingerprints by the number of their bits."""
        bins: dict[int, tuple[list[int], list[DataStructs.ExplicitBitVect]]] = {}
        for row, binary in enumerate(self.prints):
            vector = DataStructs.ExplicitBitVect(binary)  # type: ignore[call-overload]
            rows, prints = bins.setdefault(vector.GetNumOnBits(), ([], []))
            rows.append(row)
            prints.append(vector)
        return bins


def generator() -> rdFingerprintGenerator.FingerprintGenerator64:
    """Return what makes the fingerprints."""
    return rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
