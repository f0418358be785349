"""Hostile and broken input: refused in one line or kept in its place; nothing runs, hangs, climbs or moves."""

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chemvae.chem.judge import judge
from chemvae.chem.measure import measure
from chemvae.chem.tokens import Tokenizer, atoms
from chemvae.errors import BundleError, InputError
from chemvae.io.atomic import read_json, sha256
from chemvae.io.bundle import CONFIG, FORMAT_VERSION, WEIGHTS, read_bundle
from chemvae.io.tables import read_chunks, read_table, write_table
from chemvae.molecule import Verdict

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_a_bundle_of_every_format_loads_for_ever(version: int) -> None:
    from chemvae.model import load

    folder = GOLDEN / f"bundle_{version}"
    expected, model = read_json(folder / "expected.json"), load(folder, "cpu")
    z = model.encode(expected["smiles"])
    np.testing.assert_allclose(z, expected["z"], atol=1e-4)
    assert [molecule.text for molecule in model.decode(np.array(expected["z"], np.float32))] == expected["decoded"]
    for name, values in model.predict(expected["smiles"]).items():
        np.testing.assert_allclose(values, expected["predicted"][name], atol=1e-4)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN / f"bundle_{FORMAT_VERSION}", tmp_path / "copy"))


def change(folder: Path, section: str | None = None, **values: Any) -> None:
    stored = read_json(folder / CONFIG)
    (stored if section is None else stored["model"] if section == "model" else stored["model"][section]).update(values)
    (folder / CONFIG).write_text(json.dumps(stored))


@pytest.mark.parametrize(
    ("section", "values", "match"),
    [
        ("model", {"latent": 10**9}, "too large"),
        ("decoder", {"layers": 10**6}, "layers is 1000000"),
        ("decoder", {"width": 10**30}, "too large"),
        ("prior", {"kind": "flow", "layers": 10**5}, "too large"),
        ("encoder", {"hidden": [8] * 10_000}, "10000 entries"),
        (None, {"length": 10**12}, "length"),
        (None, {"length": True}, "Expected"),
        (None, {"latent": {}}, "latent.mean is not 3 numbers"),
        (None, {"latent": {"mean": [0] * 3, "std": [float("nan")] * 3, "posterior_std": [1] * 3}}, "latent.std"),
        (None, {"tokenizer": None}, "tokenizer"),
        (None, {"tokenizer": {"format_version": 1, "scheme": "../x", "tokens": []}}, "scheme"),
        (None, {"weights_sha256": ["no"]}, "weights_sha256 is"),
        (None, {"weights_sha256": "../../etc"}, "truncated or altered"),
    ],
)
def test_a_bundle_that_asks_for_what_cannot_be_is_refused(copy: Path, section: Any, values: Any, match: str) -> None:
    from chemvae.model import load

    change(copy, section, **values)
    with pytest.raises((BundleError, InputError), match=match) as told:
        load(copy, "cpu")
    assert "\n" not in str(told.value)


def test_sizes_are_compared_before_anything_is_allocated(copy: Path) -> None:
    from chemvae.model import load

    change(copy, "decoder", width=100_000, hidden=100_000)  # 10^10 weights and more, where the file has a few hundred
    with pytest.raises(BundleError, match="Expected weights decoder.*shape"):
        load(copy, "cpu")


def test_a_header_longer_than_the_file_or_the_limit_is_refused(copy: Path) -> None:
    (copy / WEIGHTS).write_bytes(struct.pack("<Q", 10**7) + b"{" + b" " * 100)
    change(copy, weights_sha256=sha256(copy / WEIGHTS))
    with pytest.raises(BundleError, match="header runs past its end"):
        read_bundle(copy)


def test_a_weights_file_beyond_the_limit_is_refused_unread(copy: Path) -> None:
    with (copy / WEIGHTS).open("r+b") as file:
        file.truncate(2**31 + 1)  # a hole: nothing is written
    with pytest.raises(BundleError, match="Expected weights below"):
        read_bundle(copy)


def test_a_name_in_a_bundle_is_no_path(copy: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    change(copy, name="../../climbs", notes={"weights": "/etc/passwd"})
    assert read_bundle(copy).name == "../../climbs"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_or_a_device_is_no_weights_file(copy: Path) -> None:
    (copy / WEIGHTS).unlink()
    (copy / WEIGHTS).symlink_to("/dev/zero")
    with pytest.raises(BundleError, match="no file is there"):
        read_bundle(copy)


LONG = "C" * 100_000


def test_a_string_of_100000_characters_keeps_its_place() -> None:
    texts = ["CCO", LONG, "(" * 100_000, "C1" * 50_000, "[" + "1" * 99_999, "CCN"]
    assert [molecule.valid for molecule in judge(texts)] == [True, False, False, False, False, True]
    measured = measure(texts, ("logp", "qed", "sa"))
    assert np.isfinite(measured.values).all(axis=1).tolist() == [True, False, False, False, False, True]
    assert all("100000 characters" in reason for reason in measured.reasons[1:5])
    assert "".join(atoms(LONG)) == LONG and len(Tokenizer.fit("characters", [LONG])) == 5


def test_a_null_byte_is_no_letter_of_smiles_and_no_end_of_a_cell(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"smiles,name\nCC\x00O,a\nC,b\x00c\n")
    table = read_table(tmp_path / "t.csv")
    assert table.values.tolist() == [["CC\x00O", "a"], ["C", "b\x00c"]]
    assert [molecule.verdict for molecule in judge(table["smiles"])] == [Verdict.UNPARSABLE, Verdict.VALID]


def test_a_cell_that_begins_like_a_formula_stays_the_text_it_is(tmp_path: Path) -> None:
    cells = ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "=C"]
    (tmp_path / "t.csv").write_text("smiles\n" + "\n".join(f'"{cell}"' for cell in cells) + "\n")
    assert read_table(tmp_path / "t.csv")["smiles"].tolist() == cells
    assert not any(molecule.valid for molecule in judge(cells))


@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.parametrize(
    "raw",
    [b"smiles,y\r\nC,1\nCC,2\rCCC,3\r\n", b"\xef\xbb\xbfsmiles,y\nC,1\r\nCC,2\n\rCCC,3"],
    ids=["mixed line ends", "a mark of byte order"],
)
def test_marks_and_mixed_line_ends_shift_no_row(tmp_path: Path, raw: bytes, rows: int) -> None:
    (tmp_path / "t.csv").write_bytes(raw)
    table = [row for frame in read_chunks(tmp_path / "t.csv", rows) for row in frame.values.tolist()]
    assert [row for row in table if row != ["", ""]] == [["C", "1"], ["CC", "2"], ["CCC", "3"]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "cp1252"])
def test_another_encoding_is_told_and_not_guessed(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t.csv").write_bytes("smiles,näme\nC,é\n".encode(encoding))
    with pytest.raises(InputError, match="Expected text in UTF-8") as told:
        read_table(tmp_path / "t.csv")
    assert "\n" not in str(told.value)


def test_a_carriage_return_in_a_cell_is_written_so_that_no_row_shifts(tmp_path: Path) -> None:
    frame = pd.DataFrame({"smiles": ["C", "CC"], "note": ["one\rtwo", "three"]})
    write_table(frame, tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").values.tolist() == frame.values.tolist()
    assert b"\r\n" not in (tmp_path / "t.csv").read_bytes()


def test_a_line_break_has_no_place_in_a_smi_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line break"):
        write_table(pd.DataFrame({"smiles": ["C"], "name": ["one\rtwo"]}), tmp_path / "t.smi")
