"""Bring molecules to one form: the largest fragment, neutral, canonical; or only canonical when switched off."""

from collections.abc import Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem.MolStandardize import rdMolStandardize

from chemvae.chem.judge import Text, read, text_of, understand, write
from chemvae.molecule import Molecule, Verdict


@dataclass(frozen=True, slots=True)
class Standard:
    """A molecule in its one form, parsed once so that properties need not parse again."""

    molecule: Molecule
    """the text as given, with its SMILES or the reason why there is none"""
    mol: Chem.Mol | None
    """read from that SMILES, atoms in its order; None unless the molecule is valid"""


def clean(mol: Chem.Mol) -> Chem.Mol:
    """Return the largest fragment, normalised and neutral; tautomers are left as drawn (canonical ones can hang)."""
    mol = rdMolStandardize.Cleanup(mol)
    if len(Chem.GetMolFrags(mol)) > 1:
        mol = rdMolStandardize.LargestFragmentChooser().choose(mol)
    return rdMolStandardize.Uncharger().uncharge(mol)


def standard(text: Text, *, on: bool = True) -> Standard:
    """Read a string and bring it to its one form; with `on=False` only the SMILES is made canonical."""
    given = text_of(text)
    reading = understand(text)
    if reading.mol is None:
        return Standard(Molecule(given, None, reading.verdict, reading.detail), None)
    try:
        with rdBase.BlockLogs():
            smiles = write(clean(reading.mol) if on else reading.mol)
    except (RuntimeError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        return Standard(Molecule(given, None, Verdict.FAILED, reason), None)
    mol = read(smiles)
    if smiles is None or mol is None:
        return Standard(Molecule(given, None, Verdict.FAILED, "RDKit cannot read back what it wrote"), None)
    return Standard(Molecule(given, smiles, Verdict.VALID), mol)


def standardise(smiles: Text, *, on: bool = True) -> Molecule:
    """Return the one form of a molecule, with a verdict; see `standard`."""
    return standard(smiles, on=on).molecule


def forms(texts: Sequence[Text], *, on: bool = True) -> list[str | None]:
    """Return the one form of each molecule as SMILES, None where there is none."""
    return [standard(text, on=on).molecule.smiles for text in texts]
