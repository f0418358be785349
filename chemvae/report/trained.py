"""What a training's page shows of molecules: what came back, what its prior gives, what it was not trained on."""

from collections.abc import Sequence

import pandas as pd

from chemvae.molecule import Molecule
from chemvae.report.design import rejected
from chemvae.report.page import Html, Section, paragraph, together
from chemvae.report.tables import molecule_table


def molecule_sections(
    given: Sequence[str], back: Sequence[Molecule], samples: Sequence[Molecule], rejects: pd.DataFrame | None
) -> list[Section]:
    """Return the sections.

    Args:
        given: validation molecules.
        back: what was decoded from the point of each.
        samples: drawn from the prior, valid or not.
        rejects: rows that were turned away when the table was prepared: `row`, `text`, `reason`; None if nobody knows.
    """
    sections = [Section("Samples of its prior", _samples(samples))]
    if given:
        sections.insert(0, Section("Validation molecules and what came back", _back(given, back)))
    if rejects is not None:
        sections.append(Section("What was not trained on, and why", rejected(rejects)))
    return sections


def _back(given: Sequence[str], back: Sequence[Molecule]) -> Html:
    """List molecules with what was decoded greedily from the mean of their posterior."""
    same = ["yes" if one.smiles == text else "no" for text, one in zip(given, back, strict=True)]
    table = pd.DataFrame({"smiles": list(given), "decoded": [one.smiles or one.reason for one in back], "exact": same})
    return molecule_table(table, name="reconstructions")


def _samples(samples: Sequence[Molecule]) -> Html:
    """List what is valid, and say what is not and why."""
    valid = pd.DataFrame({"smiles": [one.smiles for one in samples if one.smiles is not None]})
    bad = pd.DataFrame([(one.text, one.reason) for one in samples if one.smiles is None], columns=["text", "reason"])
    said = paragraph(
        f"{len(valid):,} of {len(samples):,} samples are molecules, at temperature 1, as the model writes."
    )
    drawn = molecule_table(valid, name="samples") if len(valid) else Html("")
    return together(said, drawn, rejected(bad) if len(bad) else Html(""))
