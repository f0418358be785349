"""A journal: what was appended is there, what a kill tore is not, and JSON holds no NaN."""

import pytest

from chemvae.io import journal


def test_lines_come_back_in_order(tmp_path):
    path = tmp_path / "events.jsonl"
    journal.append(path, [{"a": 1}, {"b": "é"}])
    journal.append(path, [{"c": None}])
    assert journal.whole_lines(path) == [b'{"a": 1}', '{"b": "é"}'.encode(), b'{"c": null}']


def test_a_torn_line_is_cut_off_the_file(tmp_path):
    path = tmp_path / "events.jsonl"
    journal.append(path, [{"a": 1}, {"b": 2}])
    path.write_bytes(path.read_bytes()[:-3])
    assert journal.whole_lines(path) == [b'{"a": 1}']
    journal.append(path, [{"c": 3}])
    assert journal.whole_lines(path) == [b'{"a": 1}', b'{"c": 3}']


def test_nan_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "events.jsonl"
    with pytest.raises(ValueError, match="NaN|nan|JSON"):
        journal.append(path, [{"a": 1}, {"b": float("nan")}])
    assert not path.exists()
