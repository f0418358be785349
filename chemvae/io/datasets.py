"""Fetch a named public data set, from its address or from a local copy; what is not exactly it is never kept."""

import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chemvae.errors import ChecksumError, InputError, MissingFileError
from chemvae.io.atomic import atomic_path, refuse_existing, sha256
from chemvae.io.progress import tell, watch
from chemvae.io.ready import refuse_file
from chemvae.io.sets import DATASETS, File, NamedSet
from chemvae.settings import did_you_mean

PAGE = (b"<!doctype html", b"<html", b"<?xml")  # what a server sends that would rather show something
BLOCK = 1 << 20  # bytes at a time
PATIENCE = 60.0  # seconds without a byte before a server counts as gone


def named_set(name: str) -> NamedSet:
    """Return a data set by its name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in DATASETS:
        raise InputError(
            f"Expected a data set out of {', '.join(DATASETS)}, but got {name!r}.{did_you_mean(name, DATASETS)}"
        )
    return DATASETS[name]


def list_sets() -> str:
    """Describe every named set: what it is, its licence, and address, size and checksum of each file."""
    return "\n\n".join("\n".join(describe(name, named)) for name, named in DATASETS.items())


def describe(name: str, named: NamedSet) -> Iterator[str]:
    """Yield the lines that `chemvae data list` shows of one set."""
    yield f"{name}: {named.what}"
    yield f"  licence  {named.licence}"
    yield f"  page     {named.page}"
    for file in (
        *named.files,
        *(copy for copy in named.copies if copy.sha256 not in {file.sha256 for file in named.files}),
    ):
        yield f"  file     {file.name}, {file.size:,} bytes, sha256 {file.sha256}"
        yield f"           {file.address or 'a copy in another form: --from FOLDER only'}"
    if named.note:
        yield f"  note     {named.note}"


def fetch(
    name: str, out: Path | str, *, source: Path | str | None = None, overwrite: bool = False, progress: bool = True
) -> list[Path]:
    """Fetch a named set into a folder, as published, and return the paths of its files.

    Args:
        name: a key of `DATASETS`.
        out: the folder to write; it appears when every file is there and checked.
        source: a local folder that holds the files, under whatever name; they are known by size and checksum.
        overwrite: replace what stands at `out`.
        progress: tell on standard error what is being fetched.

    Raises:
        InputError: there is no such set, or it cannot be fetched and checked.
        MissingFileError: the local folder lacks a file.
        ChecksumError: a file is not what it should be.
        ExistsError: something stands at `out`.
    """
    named = named_set(name)
    refuse_existing(out, overwrite=overwrite)
    refuse_file(out)
    if source is None and not named.files:
        raise InputError(
            f"Expected an address whose files can be checked, but {name} has none. See {named.page}; if you have "
            f"{', '.join(copy.name for copy in named.copies)}, use --from FOLDER."
        )
    with atomic_path(out) as beside:
        beside.mkdir()
        if source is not None:
            found = find_local(name, named, Path(source))
            for file, path in found:
                shutil.copyfile(path, beside / file.name)
        for file in named.files if source is None else ():
            if progress:
                tell(f"{file.name}, {file.size / 1e6:,.1f} MB, from {file.address}")
            download(file, beside / file.name, quiet=not progress)
        names = sorted(path.name for path in beside.iterdir())
    return [Path(out) / written for written in names]


def find_local(name: str, named: NamedSet, folder: Path) -> list[tuple[File, Path]]:
    """Return where the files of a set lie in a local folder: as published, or else in the form of the copies."""
    if not folder.is_dir():
        raise MissingFileError(f"Expected a folder of files at {folder}, but there is none. Check the name.")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    for files in (named.files, named.copies):
        found = [(file, path) for file in files if (path := next(matches(file, paths), None)) is not None]
        if found and len(found) == len(files):
            return found
    wanted = dict.fromkeys(file.name for file in (*named.files, *named.copies))
    foreign = next((path for path in paths if path.name in wanted), None)
    if foreign is not None:
        raise ChecksumError(f"Expected {name} in {folder}, but {foreign} is another file: {difference(foreign)}.")
    raise MissingFileError(f"Expected {' or '.join(wanted)} in {folder}, but found none that is {name}.")


def matches(file: File, paths: list[Path]) -> Iterator[Path]:
    """Yield the paths that hold exactly this file, whatever they are called."""
    return (path for path in paths if path.stat().st_size == file.size and sha256(path) == file.sha256)


def difference(path: Path) -> str:
    """Say what a file is that is not the one it should be."""
    with path.open("rb") as content:
        if is_page(content.read(BLOCK)):
            return "it is a web page"
    return f"it has {path.stat().st_size:,} bytes and sha256 {sha256(path)}"


def is_page(start: bytes) -> bool:
    """Whether bytes begin like a web page instead of data."""
    return start.lstrip()[:20].lower().startswith(PAGE)


def open_address(address: str) -> BinaryIO:
    """Open a public address; only https, also after being sent elsewhere."""
    if not address.startswith("https://"):
        raise InputError(f"Expected an https address, but got {address}. Fetch it by hand and use --from FOLDER.")
    reply: BinaryIO = urllib.request.urlopen(address, timeout=PATIENCE)
    final = getattr(reply, "url", address)
    if not final.startswith("https://"):
        raise InputError(f"Expected an https address, but {address} leads to {final}. Use --from FOLDER.")
    return reply


def download(file: File, path: Path, *, quiet: bool = False) -> None:
    """Write a file from its address and check it; the caller throws the folder away if this raises."""
    digest, size = hashlib.sha256(), 0
    address = file.address or ""
    try:
        with open_address(address) as reply, path.open("wb") as target:
            blocks = iter(lambda: reply.read(BLOCK), b"")
            for block in watch(blocks, file.size, f"bytes of {file.name}", size=len, quiet=quiet):
                if size == 0 and is_page(block):
                    raise ChecksumError(f"Expected {file.name} at {address}, but got a web page. Use --from FOLDER.")
                digest.update(block)
                size += len(block)
                target.write(block)
                if size > file.size:
                    break
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"Expected {file.name} at {address}, but got: {reason}. Fetch it by hand and use --from FOLDER."
        ) from None
    if size != file.size or digest.hexdigest() != file.sha256:
        got = "more bytes" if size > file.size else f"{size:,} bytes and sha256 {digest.hexdigest()}"
        raise ChecksumError(
            f"Expected {file.name} with {file.size:,} bytes and sha256 {file.sha256}, but {address} gave {got}. "
            "Nothing was kept; use --from FOLDER if you have it."
        )
