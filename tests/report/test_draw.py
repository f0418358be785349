"""Structures: small, safe, and the same picture as RDKit's."""

import xml.etree.ElementTree as ET

from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from chemvae.report.draw import set_look, structure

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def segments(drawing: str) -> int:
    """Count the straight strokes and the curves of all letters."""
    return drawing.count("L") + drawing.count("Q")


def test_is_one_well_formed_element_without_prolog():
    drawn = structure(ASPIRIN)
    assert drawn.startswith("<svg") and ET.fromstring(drawn).tag.endswith("svg")


def test_is_far_smaller_than_rdkits():
    drawer = rdMolDraw2D.MolDraw2DSVG(200, 140)
    set_look(drawer.drawOptions())
    drawer.DrawMolecule(Chem.MolFromSmiles(ASPIRIN))
    drawer.FinishDrawing()
    assert len(structure(ASPIRIN)) < len(drawer.GetDrawingText()) / 2


def test_every_bond_is_drawn():
    drawn = ET.fromstring(structure("C1CCCCC1"))
    strokes = [path.get("d", "") for path in drawn.iter() if path.get("stroke") == "currentColor"]
    assert sum(d.count("M") for d in strokes) == 6


def test_carbon_follows_the_page_and_oxygen_is_red():
    drawn = structure("CCO")
    assert 'stroke="currentColor"' in drawn
    assert "#000000" not in drawn
    assert '"#e03833"' in drawn


def test_hashed_and_solid_wedges_differ():
    assert structure("C[C@H](F)Cl") != structure("C[C@@H](F)Cl")


def test_the_label_is_escaped():
    drawn = structure('<b>"&')
    assert "no molecule" in drawn
    assert "<b>" not in drawn
    ET.fromstring(drawn)


def test_nothing_is_no_molecule():
    assert "no molecule" in structure("")
