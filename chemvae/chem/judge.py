"""Judge strings: what molecule each one is, or why it is none; n strings in, n molecules out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rdkit import Chem, rdBase

from chemvae.chem.messages import quiet
from chemvae.chem.rings import MOST, equal_rings
from chemvae.molecule import Molecule, Verdict

Text = str | Chem.Mol | float | None
"""What a cell of a table may hold: SMILES or a molecule of RDKit; a missing one is None or NaN."""

MAX_CHARACTERS = 4_000  # RDKit writes SMILES recursively: a chain of 20,000 atoms ends the whole process
PRINTABLE = re.compile(r"[!-~]+")  # RDKit stops at a space or a foreign letter and takes what came before
BEYOND = re.compile(r"\[(?:\d{5}|[^][]*[H+-]\d{3})")  # RDKit keeps such numbers in a byte: [CH260] reads as CH4
MANY_DIGITS = 24  # of a string with fewer, RDKit lists its rings in no time


def parser(*, sanitize: bool = True) -> Any:
    """Return RDKit's parser settings under which a string is one SMILES and nothing else."""
    params: Any = Chem.SmilesParserParams()
    params.parseName = params.allowCXSMILES = False
    params.sanitize = params.removeHs = sanitize  # to take hydrogens away, RDKit cleans up
    return params


PARSER = parser()

LATEST: dict[str, Chem.Mol] = {}
"""What the latest canonical strings read as: a molecule that was just written is most often read next."""
MOST_LATEST = 2_048  # some ten megabytes


@dataclass(frozen=True, slots=True)
class Reading:
    """One string as RDKit sees it."""

    mol: Chem.Mol | None
    """the molecule, or None unless the verdict is VALID"""
    verdict: Verdict
    """why it could be read or not"""
    detail: str = ""
    """what exactly was wrong"""


def understand(text: Text, *, aloud: bool = True) -> Reading:
    """Read a string as one molecule; spaces around it do no harm, spaces inside it do.

    A molecule of RDKit is read from the SMILES that it writes of itself: hydrogens, coordinates and whatever else
    it carries make no difference.

    Args:
        text: what a cell holds.
        aloud: let whoever listens know what RDKit says of it; never is it printed.
    """
    if isinstance(text, Chem.Mol):
        text = text_of(text)
    if not isinstance(text, str):
        return Reading(None, Verdict.NOT_TEXT, "a missing cell" if text is None or text != text else repr(text))
    known = LATEST.get(text)
    if known is not None:
        return Reading(Chem.Mol(known), Verdict.VALID)
    bare = text.strip()
    if (unfit := refused(bare)) is not None:
        return unfit
    with quiet() if aloud else rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(bare, PARSER)
    if mol is None:
        return Reading(None, Verdict.UNPARSABLE, explain(bare))
    if mol.GetNumAtoms() == 0:
        return Reading(None, Verdict.EMPTY)
    return Reading(mol, Verdict.VALID)


def refused(bare: str) -> Reading | None:
    """Return why a string is not even shown to RDKit; None if it is."""
    if not bare:
        return Reading(None, Verdict.EMPTY)
    if len(bare) > MAX_CHARACTERS:
        return Reading(None, Verdict.FAILED, f"{len(bare)} characters, and RDKit is safe up to {MAX_CHARACTERS}")
    if not PRINTABLE.fullmatch(bare):
        return Reading(None, Verdict.UNPARSABLE, "a space or a letter that SMILES does not have")
    if "[" in bare and BEYOND.search(bare):
        return Reading(None, Verdict.UNPARSABLE, "an isotope, charge or number of hydrogens beyond any atom's")
    if sum(map(str.isdigit, bare)) >= MANY_DIGITS and ring_of_rings(bare):
        return Reading(None, Verdict.FAILED, f"more than {MOST:,} rings of one length, all of which RDKit would list")
    return None


def ring_of_rings(bare: str) -> bool:
    """Tell whether a string has more rings than RDKit can list, which would take all time and memory."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(bare, parser(sanitize=False))
        return mol is not None and equal_rings(mol) > MOST


def text_of(text: Text) -> str:
    """Return the text of a cell: as it was given, the SMILES of a molecule of RDKit, empty for a missing one."""
    if isinstance(text, Chem.Mol):
        try:
            with rdBase.BlockLogs():
                return str(Chem.MolToSmiles(text))
        except (RuntimeError, ValueError):
            return "a molecule that RDKit cannot write"
    if isinstance(text, str):
        return text
    return "" if text is None or text != text else str(text)


def listed(texts: Text | Iterable[Text]) -> list[Text]:
    """Return a list of what may also be one alone, with SMILES in place of molecules of RDKit."""
    many = [texts] if texts is None or isinstance(texts, str | float | Chem.Mol) else texts
    return [text_of(text) if isinstance(text, Chem.Mol) else text for text in many]


def explain(smiles: str) -> str:
    """Say what is wrong with a string that RDKit turned down."""
    try:
        with rdBase.BlockLogs():  # it has said so before
            mol = Chem.MolFromSmiles(smiles, parser(sanitize=False))
            problems = Chem.DetectChemistryProblems(mol) if mol is not None else ()
    except RuntimeError:  # of an atom whose valence RDKit could not count
        return "an atom that cannot be"
    return str(problems[0].Message()) if problems else "not SMILES"


def read(smiles: Text) -> Chem.Mol | None:
    """Return the molecule of a SMILES string, or None; without a word in the log."""
    return understand(smiles, aloud=False).mol


def write(mol: Chem.Mol) -> str | None:
    """Return the canonical isomeric SMILES of a molecule, the same when written twice; None if RDKit gives up."""
    try:
        with rdBase.BlockLogs():
            smiles = Chem.MolToSmiles(mol)
            if smiles in LATEST:
                return smiles
            for _ in range(3):  # what RDKit writes first is now and then not what it writes when it reads that
                again = Chem.MolFromSmiles(smiles, PARSER)
                before, smiles = smiles, Chem.MolToSmiles(again) if again is not None else ""
                if smiles == before:
                    keep(smiles, again)
                    break
    except (RuntimeError, ValueError):
        return None
    return smiles or None


def keep(smiles: str, mol: Chem.Mol) -> None:
    """Remember what a canonical string reads as, for a while."""
    if 0 < len(smiles) <= MAX_CHARACTERS:
        LATEST[smiles] = mol
        if len(LATEST) > MOST_LATEST:
            LATEST.pop(next(iter(LATEST)), None)


def canonical(smiles: Text) -> str | None:
    """Return the canonical isomeric SMILES of a string, or None if it is no molecule."""
    mol = understand(smiles).mol
    return write(mol) if mol is not None else None


def judge_one(text: Text) -> Molecule:
    """Judge one string."""
    reading = understand(text)
    given = text_of(text)
    if reading.mol is None:
        return Molecule(given, None, reading.verdict, reading.detail)
    return as_written(write(reading.mol), given)


def as_written(smiles: str | None, given: str = "") -> Molecule:
    """Judge what `write` made of a molecule that could be read."""
    if smiles is None:
        return Molecule(given, None, Verdict.FAILED, "RDKit cannot write what it read")
    return Molecule(given, smiles, Verdict.VALID)


def judge_sentence(text: Text) -> Molecule:
    """Judge a sentence: words with one space between them stand where a molecule has its SMILES."""
    if not isinstance(text, str):
        return judge_one(text if not isinstance(text, Chem.Mol) else None)
    words = " ".join(text.split())
    return Molecule(text, words, Verdict.VALID) if words else Molecule(text, None, Verdict.EMPTY)


def judge(strings: Iterable[Text]) -> list[Molecule]:
    """Judge each string; the answer keeps the order and the length of the question."""
    return [judge_one(text) for text in strings]
