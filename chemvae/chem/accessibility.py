"""Ertl and Schuffenhauer's SA score from what other descriptors share: circular fragments, rings, stereocentres."""

import functools
import importlib.util
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rdkit import Chem, RDConfig
from rdkit.Chem import rdMolDescriptors

from chemvae.errors import ChemvaeError

UNKNOWN = -4.0  # what a fragment adds that was not seen in PubChem
LARGE_RING = 8  # atoms of a ring that is no macrocycle yet
LEAST, MOST = -4.0, 2.5  # raw scores that are taken for the ends of the scale
EASIEST, HARDEST = 1.0, 10.0
STEEP = 8.0  # beyond it the scale is bent, so that it ends at 10


@functools.cache
def sascorer() -> Any:
    """Load the SA score of Ertl and Schuffenhauer that RDKit carries in its Contrib folder."""
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    spec = importlib.util.spec_from_file_location("sascorer", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ChemvaeError(f"Expected RDKit's SA score at {path}, but it is not there. Install rdkit from its wheel.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def fragments() -> dict[int, float]:
    """Return what each circular fragment of radius 2 adds, by its Morgan number: RDKit's own table."""
    scorer = sascorer()
    scorer.calculateScore(Chem.MolFromSmiles("C"))  # which reads the table
    return scorer._fscores


def sa(mol: Chem.Mol, found: Mapping[int, int]) -> float:
    """Return the synthetic accessibility score of a molecule that was parsed from SMILES, 1 (easy) to 10 (hard).

    Args:
        mol: with the marks that the parser leaves on possible stereocentres.
        found: how often each Morgan environment of radius 2 comes up, in RDKit's order.
    """
    known, n = fragments(), mol.GetNumAtoms()
    fragment = sum(known.get(number, UNKNOWN) * times for number, times in found.items()) / sum(found.values())
    raw = fragment - _complexity(mol, n)
    if n > len(found):  # symmetrical, so easier
        raw += math.log(n / len(found)) * 0.5
    score = 11.0 - (raw - LEAST + 1) / (MOST - LEAST) * 9.0
    if score > STEEP:
        score = STEEP + math.log(score + 1.0 - 9.0)
    return min(max(score, EASIEST), HARDEST)


def _complexity(mol: Chem.Mol, n: int) -> float:
    """Return what size, stereocentres, spiro atoms, bridgeheads and large rings make harder."""
    large = any(len(ring) > LARGE_RING for ring in mol.GetRingInfo().AtomRings())
    return (
        (n**1.005 - n)
        + math.log10(rdMolDescriptors.CalcNumAtomStereoCenters(mol) + 1)
        + math.log10(rdMolDescriptors.CalcNumSpiroAtoms(mol) + 1)
        + math.log10(rdMolDescriptors.CalcNumBridgeheadAtoms(mol) + 1)
        + (math.log10(2) if large else 0.0)
    )
