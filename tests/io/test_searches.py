import json

import pandas as pd
import pytest

from chemvae.errors import ExistsError, InputError
from chemvae.io.searches import CALLS, SearchFolder

TABLES = {name: pd.DataFrame({"smiles": ["CC"]}) for name in ("candidates", "history", "rejected")}


def test_begins_then_finishes(tmp_path):
    folder = SearchFolder(tmp_path / "a" / "b", {"seed": 1})
    folder.begin()
    assert json.loads((folder.path / "manifest.json").read_text())["status"] == "begun"
    folder.write(TABLES, {"best": 1.0})
    stored = json.loads((folder.path / "manifest.json").read_text())
    assert (stored["status"], stored["recipe"], stored["figures"]) == ("finished", {"seed": 1}, {"best": 1.0})
    assert (folder.path / "candidates.csv").read_text() == "smiles\nCC\n"


def test_resume_keeps_the_calls_overwrite_does_not(tmp_path):
    folder = SearchFolder(tmp_path / "out", {"seed": 1})
    folder.begin(resume=True)  # nothing there yet: a resume begins
    (folder.path / CALLS).write_text("calls")
    folder.begin(resume=True)
    assert (folder.path / CALLS).read_text() == "calls"
    with pytest.raises(ExistsError, match="--overwrite"):
        folder.begin()
    folder.begin(overwrite=True)
    assert not (folder.path / CALLS).exists()


def test_a_search_that_measured_nothing_is_in_nobodys_way(tmp_path):
    SearchFolder(tmp_path / "out", {"seed": 1}).begin()
    SearchFolder(tmp_path / "out", {"seed": 2}).begin()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["recipe"] == {"seed": 2}


def test_resume_with_another_recipe(tmp_path):
    SearchFolder(tmp_path, {"seed": 1, "budget": 5}).begin()
    with pytest.raises(InputError, match="seed was 1 and is 2"):
        SearchFolder(tmp_path, {"seed": 2, "budget": 5}).begin(resume=True)


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"recipe": 5}'])
def test_resume_of_something_else(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="Expected"):
        SearchFolder(tmp_path, {"seed": 1}).begin(resume=True)


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ExistsError, match="a file is there"):
        SearchFolder(tmp_path / "out", {}).begin(overwrite=True)
