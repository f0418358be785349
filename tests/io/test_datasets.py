"""Named sets: exactly the published bytes, or nothing."""

import hashlib
import io
import os
import urllib.error
from pathlib import Path

import pytest

from chemvae.errors import ChecksumError, ExistsError, InputError, MissingFileError
from chemvae.io import datasets
from chemvae.io.datasets import fetch, list_sets, open_address
from chemvae.io.sets import DATASETS, File, NamedSet

SHARED = Path(os.environ.get("CHEMVAE_DATA", Path(__file__).parents[3] / "shared" / "data"))
CONTENT = b"smiles,y\nCCO,1\n"
OTHER = b"other form"


def file(name: str, content: bytes, address: str | None = None) -> File:
    return File(name, len(content), hashlib.sha256(content).hexdigest(), address)


@pytest.fixture
def tiny(monkeypatch):
    """A set of one file, published at an address that no test ever asks."""
    named = NamedSet(
        what="a test",
        licence="MIT",
        page="https://example.org",
        files=(file("tiny.csv", CONTENT, "https://example.org/tiny.csv"),),
        copies=(file("tiny.dat", OTHER),),
    )
    monkeypatch.setitem(DATASETS, "tiny", named)
    monkeypatch.setattr(datasets, "open_address", lambda address: pytest.fail(f"asked {address}"))


def answer(monkeypatch, content: bytes) -> None:
    monkeypatch.setattr(datasets, "open_address", lambda address: io.BytesIO(content))


def test_every_set_of_the_issue_is_named_in_full():
    asked = "zinc250k moses qm9 cep esol freesolv lipophilicity mnist binarized_mnist frey_faces ptb"
    assert set(DATASETS) == set(asked.split())
    for named in DATASETS.values():
        assert named.what and named.licence and named.page and (named.files or named.copies)
        for one in (*named.files, *named.copies):
            assert len(one.sha256) == 64 and int(one.sha256, 16) and one.size > 0
        assert all((one.address or "").startswith("https://") for one in named.files)
        assert len({one.name for one in named.files}) == len(named.files)


def test_the_list_shows_each_address_licence_size_and_checksum():
    listed = list_sets()
    for name, named in DATASETS.items():
        assert f"{name}: {named.what}" in listed and named.licence in listed
        for one in named.files:
            assert str(one.address) in listed and one.sha256 in listed and f"{one.size:,}" in listed


@pytest.mark.usefixtures("tiny")
def test_what_arrives_whole_is_kept(tmp_path, monkeypatch, capsys):
    answer(monkeypatch, CONTENT)
    (path,) = fetch("tiny", tmp_path / "out")
    assert path == tmp_path / "out" / "tiny.csv" and path.read_bytes() == CONTENT
    assert "tiny.csv" in capsys.readouterr().err


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n<!DOCTYPE html><html>sorry</html>", "got a web page"),
        (CONTENT[:-1], "sha256"),
        (CONTENT[:-1] + b"x", "sha256"),
        (CONTENT * 9, "gave more bytes"),
        (b"", "0 bytes"),
    ],
)
def test_anything_else_is_refused_and_nothing_is_kept(tmp_path, monkeypatch, content, message):
    answer(monkeypatch, content)
    with pytest.raises(ChecksumError, match=message):
        fetch("tiny", tmp_path / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("tiny")
def test_a_dead_server_is_told_in_one_line(tmp_path, monkeypatch):
    def fail(address: str) -> None:
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(datasets, "open_address", fail)
    with pytest.raises(InputError, match="Name or service not known.*--from FOLDER"):
        fetch("tiny", tmp_path / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["http://example.org/a", "file:///etc/passwd", "ftp://example.org/a"])
def test_only_https_is_opened(address):
    with pytest.raises(InputError, match="https"):
        open_address(address)


def test_a_way_out_of_https_is_refused(monkeypatch):
    class Reply(io.BytesIO):
        url = "http://example.org/elsewhere"

    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: Reply(CONTENT))
    with pytest.raises(InputError, match="leads to http://example.org/elsewhere"):
        open_address("https://example.org/a")


@pytest.mark.usefixtures("tiny")
def test_a_local_file_is_known_by_its_bytes_whatever_its_name(tmp_path):
    (tmp_path / "copies" / "deep").mkdir(parents=True)
    (tmp_path / "copies" / "deep" / "renamed.bin").write_bytes(CONTENT)
    (path,) = fetch("tiny", tmp_path / "out", source=tmp_path / "copies")
    assert path.name == "tiny.csv" and path.read_bytes() == CONTENT


@pytest.mark.usefixtures("tiny")
def test_a_copy_in_another_form_will_do(tmp_path):
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "x").write_bytes(OTHER)
    assert [path.name for path in fetch("tiny", tmp_path / "out", source=tmp_path / "copies")] == ["tiny.dat"]


@pytest.mark.usefixtures("tiny")
def test_a_local_file_of_the_right_name_and_wrong_bytes(tmp_path):
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "tiny.csv").write_bytes(b"<html>no</html>")
    with pytest.raises(ChecksumError, match="it is a web page"):
        fetch("tiny", tmp_path / "out", source=tmp_path / "copies")
    (tmp_path / "copies" / "tiny.csv").write_bytes(CONTENT + b"\n")
    with pytest.raises(ChecksumError, match="is another file: it has 16 bytes"):
        fetch("tiny", tmp_path / "out", source=tmp_path / "copies")


@pytest.mark.usefixtures("tiny")
def test_a_folder_without_it_and_no_folder(tmp_path):
    (tmp_path / "copies").mkdir()
    with pytest.raises(MissingFileError, match="Expected tiny.csv or tiny.dat"):
        fetch("tiny", tmp_path / "out", source=tmp_path / "copies")
    with pytest.raises(MissingFileError, match="Expected a folder"):
        fetch("tiny", tmp_path / "out", source=tmp_path / "nowhere")


def test_what_cannot_be_checked_is_not_fetched(tmp_path):
    with pytest.raises(InputError, match="frey_faces has none.*--from FOLDER"):
        fetch("frey_faces", tmp_path / "out")


def test_unknown_set_and_existing_output(tmp_path):
    with pytest.raises(InputError, match=r"Did you mean \"zinc250k\"\?"):
        fetch("zinc", tmp_path / "out")
    (tmp_path / "mine").write_text("x")
    with pytest.raises(ExistsError):
        fetch("esol", tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the local copies: set CHEMVAE_DATA to their folder")
@pytest.mark.parametrize("name", DATASETS)
def test_every_set_is_found_in_the_local_copies(name, tmp_path):
    assert fetch(name, tmp_path / "out", source=SHARED)
