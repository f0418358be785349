"""Sentences in: a text of one a line, or a folder or .zip of train.txt, valid.txt and test.txt."""

import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePath

from chemvae.errors import InputError, MissingFileError
from chemvae.io.prepared import SPLITS

NOISE = "._"
"""What files begin with that a Mac leaves in archives."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences as they were read, in the order of their files."""

    texts: list[str]
    """one a line; empty where a line is"""
    split: list[int] | None
    """0 train, 1 valid, 2 test; None where one file holds all"""


def read_sentences(path: Path | str) -> Sentences:
    """Read sentences.

    Raises:
        MissingFileError: there is nothing, or a part is missing.
        InputError: it is no text in UTF-8, no archive, or several files could be the same part.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError(f"Expected sentences at {path}, but nothing is there. Check the name.")
    if path.is_dir():
        files = {str(file): file.read_bytes() for file in sorted(path.glob("*.txt"))}
        return divided(files, path)
    if path.suffix == ".zip":
        return divided(unzipped(path), path)
    return Sentences(lines(path.read_bytes(), path), None)


def unzipped(path: Path) -> dict[str, bytes]:
    """Return the texts of an archive by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist() if name.endswith(".txt")}
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"Expected a .zip at {path}, but got: {error}. Fetch it again.") from None


def divided(files: dict[str, bytes], where: Path) -> Sentences:
    """Lay the three parts end to end; a part is the file whose name ends in its name, such as ptb.train.txt."""
    texts, split = list[str](), list[int]()
    for number, part in enumerate(SPLITS):
        names = [name for name in files if is_part(name, part)]
        if not names:
            raise MissingFileError(f"Expected {part}.txt in {where}, but it is not there. Add it, or give one text.")
        if len(names) > 1:
            raise InputError(f"Expected one {part}.txt in {where}, but got {', '.join(names)}. Remove the others.")
        here = lines(files[names[0]], PurePath(names[0]))
        texts += here
        split += [number] * len(here)
    return Sentences(texts, split)


def is_part(name: str, part: str) -> bool:
    """Whether a file holds a part."""
    last = PurePath(name).name
    return last.endswith(f"{part}.txt") and not last.startswith(NOISE)


def lines(raw: bytes, name: PurePath) -> list[str]:
    """Return the lines of a text, without what stands around them.

    Raises:
        InputError: it is not UTF-8.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        raise InputError(f"Expected text in UTF-8 in {name}, but got byte 0x{byte:02x}. Save it as UTF-8.") from None
    return [line.strip() for line in text.splitlines()]
