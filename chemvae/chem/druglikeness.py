"""Bickerton's QED of many molecules: RDKit's formula over properties that other descriptors share.

What costs is to look for more than a hundred unwanted substructures. A pattern can be in a molecule only if for each of
its atoms some atom of the molecule has the element, charge, hydrogens and bonds that it asks for; most patterns fall by
that, and RDKit looks for the others.
"""

import functools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int64
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import QED, Descriptors, rdMolDescriptors
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from chemvae.chem.screen import Screen
from chemvae.chem.surroundings import AROMATIC, SINGLE, Surroundings

STRICT = rdMolDescriptors.NumRotatableBondsOptions.Strict


def qed(atoms: Surroundings, logp: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Return the quantitative estimate of drug-likeness of each molecule, the same as `QED.qed`."""
    rings, possible = aromatic_rings(atoms), alerts_possible(atoms)
    found = np.empty(len(atoms.mols))
    for at, mol in enumerate(atoms.mols):
        parts = QED.QEDproperties(
            MW=Descriptors.MolWt(mol),  # type: ignore[attr-defined]
            ALOGP=float(logp[at]),
            HBA=sum(len(mol.GetSubstructMatches(pattern)) for pattern in acceptors()),
            HBD=rdMolDescriptors.CalcNumHBD(mol),
            PSA=rdMolDescriptors.CalcTPSA(mol),
            ROTB=rdMolDescriptors.CalcNumRotatableBonds(mol, STRICT),
            AROM=int(rings[at]),
            ALERTS=sum(map(mol.HasSubstructMatch, possible[at])),
        )
        found[at] = QED.qed(mol, qedProperties=parts)
    return found


@functools.cache
def acceptors() -> tuple[Chem.Mol, ...]:
    """Return QED's patterns of hydrogen bond acceptors as few: those joined that no atom can match two of."""
    groups: dict[bool, list[str]] = {}
    for smarts in QED.AcceptorSmarts:
        # Atoms with a charge asked for overlap with the others only; among themselves the neutral ones differ in
        # element, aromaticity, hydrogens or bonds, and so do the charged.
        inside = smarts.removeprefix("[").removesuffix("]").replace(";", "&")  # which binds closer than a comma
        groups.setdefault("-" in smarts, []).append(inside)
    return tuple(Chem.MolFromSmarts(f"[{','.join(group)}]") for group in groups.values())


def aromatic_rings(atoms: Surroundings) -> Int64[ndarray, " n"]:
    """Count QED's aromatic rings: those left when ring atoms with an aliphatic neighbour are cut out, if aliphatic."""
    aromatic = atoms.of_kinds("aromatic")
    touches = np.zeros(len(aromatic), dtype=bool)  # by a single bond: that is what a pattern means that names none
    touches[atoms.source[(aromatic[atoms.target] == 0) & np.isin(atoms.order, (SINGLE, AROMATIC))]] = True
    kept = ~(touches & (aromatic == 0) & (atoms.of_kinds("ring") == 1))
    inside = kept[atoms.source] & kept[atoms.target]
    source, target = atoms.source[inside], atoms.target[inside]
    n, molecule = len(kept), atoms.molecule
    graph = coo_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(n, n))
    _, part = connected_components(graph, directed=False)
    first = np.unique(part, return_index=True)[1]  # one atom of each part, the atoms cut out among them
    many = len(atoms.mols)
    parts = np.bincount(molecule[first], minlength=many) - np.bincount(molecule[~kept], minlength=many)
    bonds = np.bincount(molecule[source], minlength=many) // 2
    return bonds - np.bincount(molecule[kept], minlength=many) + parts


def alerts_possible(atoms: Surroundings) -> list[Sequence[Chem.Mol]]:
    """Return for each molecule those of QED's structural alerts that it can contain."""
    screen: Screen = atoms.memory.learned.get("alerts") or Screen(QED.StructuralAlerts)
    atoms.memory.learned["alerts"] = screen
    may: Bool[ndarray, "n patterns"] = screen.may_contain(atoms)
    return [[QED.StructuralAlerts[pattern] for pattern in np.flatnonzero(row)] for row in may]
