"""Rings of one length: RDKit lists all of them, and of a ring of rings there are more than any memory holds."""

from rdkit import Chem

MOST = 65_536
"""Rings that RDKit may be asked to list: half a second and a hundred megabytes."""
SHORT = 24
"""Atoms of a ring that is too short to have so many others of its length."""


def equal_rings(mol: Chem.Mol) -> int:
    """Return about how many rings of one length a molecule has, of the kind that has most.

    A ring that passes through n smaller ones, by two ways of one length each, stands for 2^n rings; RDKit lists them
    all while it cleans a molecule up. Counted are the shortest paths to the far side of each long ring of a smallest
    set, which takes time in proportion to the rings and the atoms. The molecule need not have been cleaned up.
    """
    beside = [[other.GetIdx() for other in atom.GetNeighbors()] for atom in mol.GetAtoms()]
    most = 1
    for ring in Chem.GetSSSR(mol):
        if len(ring) < SHORT:
            continue
        paths = shortest_paths(beside, ring[0])
        far, next_to_it = paths[ring[len(ring) // 2]], paths[ring[(len(ring) + 1) // 2]]
        most = max(most, far * next_to_it if len(ring) % 2 else far * far // 4)
    return most


def shortest_paths(beside: list[list[int]], start: int) -> dict[int, int]:
    """Return how many shortest paths lead from an atom to each that can be reached, given the neighbours of each."""
    distance, paths = {start: 0}, {start: 1}
    front = [start]
    while front:
        reached = []
        for at in front:
            for other in beside[at]:
                if other not in distance:
                    distance[other], paths[other] = distance[at] + 1, 0
                    reached.append(other)
                if distance[other] == distance[at] + 1:
                    paths[other] += paths[at]
        front = reached
    return paths
