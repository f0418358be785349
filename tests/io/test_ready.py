"""The arrays of a prepared folder, as training will map them."""

import numpy as np
import pytest

from chemvae.errors import InputError
from chemvae.io.ready import END, describe_target, end_to_end, refuse_file

ALL = np.array([True, True, True, True])


def test_each_molecule_ends_with_the_mark():
    flat, offsets = end_to_end(np.array([5, 6, 7, 8]), np.array([3, 0, 1]))
    assert flat.tolist() == [5, 6, 7, END, END, 8, END] and offsets.tolist() == [0, 4, 5, 7]
    assert flat.dtype == np.uint16 and offsets.dtype == np.int64


def test_mean_and_deviation_are_those_of_the_training_rows_that_have_a_value():
    values = np.array([1.0, 3.0, np.nan, 100.0])
    told = describe_target("y", values, np.array([True, True, True, False]))
    assert told == {"name": "y", "kind": "number", "mean": 2.0, "std": 1.0, "missing": 1}


def test_zeros_and_ones_are_yes_and_no_but_ones_alone_are_numbers():
    assert describe_target("y", np.array([0.0, 1.0, np.nan, 1.0]), ALL)["kind"] == "yesno"
    assert describe_target("y", np.ones(4), ALL)["kind"] == "number"


def test_a_yes_or_no_label_is_one_wherever_its_rows_fall():
    only_yes = np.array([True, False, False, False])
    assert describe_target("y", np.array([1.0, 0.0, np.nan, 1.0]), only_yes)["kind"] == "yesno"
    assert describe_target("y", np.array([1.0, 0.0, 1.0, 2.0]), np.array([True, True, True, False]))["kind"] == "number"


def test_a_target_that_training_never_sees_is_told():
    with pytest.raises(InputError, match="all 3 training rows lack it"):
        describe_target("y", np.array([np.nan, np.nan, np.nan, 1.0]), np.array([True, True, True, False]))


def test_a_file_is_not_overwritten_by_a_folder(tmp_path):
    (tmp_path / "mine").write_text("x")
    refuse_file(tmp_path)
    refuse_file(tmp_path / "new")
    with pytest.raises(InputError, match="it is a file"):
        refuse_file(tmp_path / "mine")
