import numpy as np
import pytest
from rdkit import Chem

from chemvae.chem.edits.cross import crossover, cut_chain, cut_ring
from chemvae.chem.edits.graph import Limits, graph_of
from chemvae.chem.judge import canonical

A, B = "CC(=O)Oc1ccccc1C(=O)O", "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1"


def test_children_are_new_canonical_molecules_and_repeat_with_the_seed():
    one, two = ([crossover(A, B, rng) for rng in [np.random.default_rng(0)] for _ in range(50)] for _ in range(2))
    assert one == two
    some = {child for child in one if child is not None}
    assert len(some) > 30
    assert not some & {A, B}
    assert all(canonical(child) == child for child in some)


def test_a_child_has_parts_of_both():
    rng = np.random.default_rng(0)
    found = {crossover("FCCCCF", "ClCCCCCl", rng) for _ in range(60)}
    mixed = {child for child in found if child and "F" in child and "Cl" in child}
    assert {"FCCl", "FCCCl"} <= mixed


def test_rings_are_made_of_two_halves():
    rng = np.random.default_rng(0)
    found = {crossover("c1ccccc1", "C1CNCCN1", rng) for _ in range(100)} - {None}
    mols = [Chem.MolFromSmiles(child) for child in found]  # kept: rings die with their molecule
    rings = {len(ring) for mol in mols for ring in mol.GetRingInfo().AtomRings()}
    assert rings <= {3, 4, 5, 6, 7}
    assert {5, 6} <= rings


def test_a_chain_is_cut_in_two():
    graph = graph_of("CCO")
    pieces = [cut_chain(graph, np.random.default_rng(seed)) for seed in range(30)]
    assert {piece.atoms for piece in pieces} == {frozenset(s) for s in [{0}, {1, 2}, {0, 1}, {2}]}
    assert all(len(piece.ends) == 1 and piece.ends[0][0] in piece.atoms for piece in pieces)
    assert cut_chain(graph_of("c1ccccc1"), np.random.default_rng(0)) is None


def test_a_ring_is_cut_in_two_places_with_what_hangs_on_it():
    graph = graph_of("C1CCCCC1C(C)C")
    for seed in range(30):
        piece = cut_ring(graph, np.random.default_rng(seed))
        assert len(piece.ends) == 2
        assert {6, 7, 8} <= piece.atoms if 5 in piece.atoms else not {6, 7, 8} & piece.atoms
    assert cut_ring(graph_of("CCO"), np.random.default_rng(0)) is None


def test_fused_bonds_cannot_be_cut():
    graph = graph_of("c1ccc2ccccc2c1")
    fused = next(bond for bond in graph.bonds if len(graph.around[bond.a]) == len(graph.around[bond.b]) == 3)
    for seed in range(60):
        piece = cut_ring(graph, np.random.default_rng(seed))
        assert piece is None or (fused.a in piece.atoms) == (fused.b in piece.atoms)


@pytest.mark.parametrize("pair", [("", A), (A, "C1CC"), ("[Xe]", A), ("C", "C")])
def test_nothing_comes_of_nothing(pair):
    assert crossover(*pair, np.random.default_rng(0)) is None


def test_limits_hold():
    rng = np.random.default_rng(0)
    sizes = [
        Chem.MolFromSmiles(child).GetNumAtoms()
        for _ in range(100)
        if (child := crossover(B, B.replace("F", "Cl"), rng, Limits(most_atoms=20)))
    ]
    assert sizes and max(sizes) <= 20
