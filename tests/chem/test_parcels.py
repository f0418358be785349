"""Parcels: what goes in comes out, and what is no number never travels."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemvae.chem.parcels import packed, unpacked
from chemvae.errors import InputError


def test_values_and_arrays_come_back():
    arrays = [np.arange(6.0).reshape(2, 3).T, np.empty((0, 4)), np.array([True, False]), np.array(np.nan)]
    words, found = unpacked(packed([{"a": None, "b": ["CCO", "\ud800", "é"]}, arrays]))
    assert words == {"a": None, "b": ["CCO", "\ud800", "é"]}
    for before, after in zip(arrays, found, strict=True):
        assert (before.dtype, before.shape) == (after.dtype, after.shape)
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), np.array(["text"])])
def test_what_is_no_plain_value_does_not_travel(value):
    with pytest.raises(TypeError, match="plain values"):
        packed([value])


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_or_plain(data):
    for bytes_ in (data, len(data).to_bytes(8, "little") + data):
        try:
            unpacked(bytes_)
        except InputError:
            continue


@pytest.mark.parametrize("entry", ['["|O", [1], 0]', '["<f8", [9], 0]', '["<f8", [-1], 0]', '["<f8", 3]', "7"])
def test_arrays_that_cannot_be(entry):
    words = f'{{"array": {entry}}}'.encode()
    with pytest.raises(InputError, match="parcel"):
        unpacked(len(words).to_bytes(8, "little") + words + pickle.dumps(1))
