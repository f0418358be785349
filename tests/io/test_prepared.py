"""A prepared table is mapped, checked, and read row by row."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from chemvae.chem.tokens import Tokenizer
from chemvae.errors import InputError, MissingFileError
from chemvae.io.prepared import PreparedData


def test_rows_come_back_as_the_molecules_they_were(tiny_prepared: Path, small_molecules: list[str]) -> None:
    data = PreparedData(tiny_prepared)
    rows = data.rows("valid")
    x = data.padded(rows)
    tokenizer = Tokenizer.from_dict(data.tokenizer)
    assert [tokenizer.decode(row) for row in x.tolist()] == small_molecules
    assert x.shape[1] == data.length
    assert data.vocab == len(tokenizer)
    assert data.target_names == ["logp", "qed"]
    assert np.isnan(data.labels(data.rows("train"))[5, 0])


def test_arrays_that_disagree_are_refused(tiny_prepared: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_prepared, tmp_path / "copy"))
    np.save(folder / "split.npy", np.zeros(3, dtype=np.uint8))
    with pytest.raises(InputError, match="Prepare it again"):
        PreparedData(folder)
    (folder / "split.npy").write_bytes(b"\x80\x04junk")
    with pytest.raises(InputError, match=r"split\.npy"):
        PreparedData(folder)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="chemvae data prepare"):
        PreparedData(tmp_path)
