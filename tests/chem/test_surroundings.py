"""Numbers of surroundings: equal for equal ones only, the same in every company, and forgotten when they are many."""

import numpy as np
import pytest

from chemvae.chem import surroundings as module
from chemvae.chem.judge import read
from chemvae.chem.surroundings import DOUBLE, SINGLE, memory, ordinary, surroundings


def test_atoms_and_bonds_are_those_of_the_molecules():
    found = surroundings([read("CC=O"), read("N"), read("c1ccccc1")])
    assert found.starts.tolist() == [0, 3, 4, 10]
    assert found.of_kinds("element").tolist() == [6, 6, 8, 7, *[6] * 6]
    assert found.of_kinds("hydrogens").tolist() == [3, 1, 0, 3, *[1] * 6]
    assert found.of_kinds("aromatic").tolist() == found.of_kinds("ring").tolist() == [0] * 4 + [1] * 6
    assert found.source[:4].tolist() == [0, 1, 1, 2] and found.target[:4].tolist() == [1, 0, 2, 1]
    assert found.order[:4].tolist() == [SINGLE, SINGLE, DOUBLE, DOUBLE]
    assert len(found.source) == 2 * (2 + 6) and found.molecule.tolist() == [0, 0, 0, 1, *[2] * 6]


def test_equal_surroundings_have_equal_numbers_and_others_not():
    found = surroundings([read("CCO"), read("OCC"), read("CCN"), read("CC=O")])
    a, b, c, d = (found.near[start:end] for start, end in zip(found.starts, found.starts[1:], strict=False))
    assert a.tolist() == b[::-1].tolist()
    assert a[0] == c[0] and a[1] != c[1] and a[0] != d[0]


def test_what_is_farther_away_is_told_apart():
    found = surroundings([read("OCCC"), read("OCN"), read("OCCCC")])
    oxygens = found.starts[:-1]
    near, far = found.near[oxygens], found.far(oxygens)
    assert near[0] == near[1] == near[2] and far[0] != far[1] and far[0] == far[2]


def test_a_number_says_what_it_stands_for():
    found = surroundings([read("CC(=O)O")])
    kind, around = found.memory.near[found.near[1]]
    assert found.memory.kinds[kind].element == 6
    assert sorted((order, found.memory.kinds[other].element) for order, other in around) == [
        (SINGLE, 6),
        (SINGLE, 8),
        (DOUBLE, 8),
    ]


def test_numbers_hold_within_a_process_until_they_are_too_many(monkeypatch):
    first = surroundings([read("CCO")])
    assert surroundings([read("CCN"), read("CCO")]).near[3:].tolist() == first.near.tolist()
    monkeypatch.setattr(module, "MOST_KNOWN", 1)
    assert memory() is not first.memory and len(memory().near) == 0


@pytest.mark.parametrize(
    ("smiles", "usual"),
    [("C~C", False), ("[15NH2]C", False),
     ("CCO", True), ("[2H]C", False), ("*C", False), ("FS(F)(F)(F)(F)F", False), ("[NH3]->[Cu+2]", False),
     ("C" * 150, True), ("C" * 151, False), ("[Na+].[Cl-]", True), ("C#N", True)],
)  # fmt: skip
def test_unusual_molecules_are_known(smiles, usual):
    assert ordinary(read(smiles)) is usual


def test_no_molecules():
    assert np.array_equal(surroundings([]).starts, [0])
