"""Wildman and Crippen's logP of many molecules: each atom's share is asked of RDKit once for each of its surroundings.

An atom's class is given by what it is bonded to, an oxygen's (and that of its hydrogen) also by what that is bonded to.
The shares are added in RDKit's order, so that the sums are the same to the last bit.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from chemvae.chem.surroundings import Numbers, Surroundings

OXYGEN = 8


class Shares:
    """What an atom and each of its hydrogens add to logP, by the number of its surroundings."""

    def __init__(self) -> None:
        """Know none."""
        self.numbers = Numbers()
        self.atom: list[float] = []
        self.hydrogen: list[float] = []

    def learn(self, mol: Chem.Mol, number: dict[int, int]) -> None:
        """Ask RDKit about some atoms of a molecule; `number` is by the atom's place."""
        full = Chem.AddHs(mol)
        shares = [share for share, _ in rdMolDescriptors._CalcCrippenContribs(full)]
        for at, surroundings in number.items():
            beside = (other.GetIdx() for other in full.GetAtomWithIdx(at).GetNeighbors() if other.GetAtomicNum() == 1)
            self.atom[surroundings], self.hydrogen[surroundings] = shares[at], shares[next(beside, at)]


def logp(atoms: Surroundings) -> Float[ndarray, " n"]:
    """Return logP of each molecule, the same as `Crippen.MolLogP`."""
    shares: Shares = atoms.memory.learned.setdefault("crippen", Shares())
    key = atoms.near * 2
    oxygen = np.flatnonzero(atoms.of_kinds("element") == OXYGEN)
    key[oxygen] = atoms.far(oxygen) * 2 + 1
    number, fresh = shares.numbers.of(key)
    unknown = len(shares.numbers) - len(fresh)
    shares.atom += [np.nan] * len(fresh)
    shares.hydrogen += [np.nan] * len(fresh)
    _teach(shares, atoms, {unknown + at: atom for at, atom in enumerate(fresh)})
    # RDKit adds the hydrogens after all other atoms, in the order of the atoms that carry them.
    carried = np.repeat(np.arange(len(number)), atoms.of_kinds("hydrogens"))
    of_atom, of_hydrogen = np.array(shares.atom)[number], np.array(shares.hydrogen)[number[carried]]
    molecule = atoms.molecule
    where = np.concatenate([molecule, molecule[carried]])
    return np.bincount(where, np.concatenate([of_atom, of_hydrogen]), minlength=len(atoms.mols))


def _teach(shares: Shares, atoms: Surroundings, fresh: dict[int, int]) -> None:
    """Learn new surroundings, each molecule that shows some asked once; `fresh` is an atom by its number."""
    asked: dict[int, dict[int, int]] = {}
    for number, atom in fresh.items():
        which = int(np.searchsorted(atoms.starts, atom, side="right")) - 1
        asked.setdefault(which, {})[atom - int(atoms.starts[which])] = number
    for which, numbers in asked.items():
        shares.learn(atoms.mols[which], numbers)
