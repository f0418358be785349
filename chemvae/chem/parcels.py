"""Parcels: plain values and arrays as bytes and back, so that nothing that comes from a process can run code."""

import json
from typing import Any

import numpy as np
from numpy import ndarray

from chemvae.errors import InputError

ARRAY = "array"
"""The one key of what stands for an array: its type, its shape and where its bytes begin."""
SIZE = 8
"""Bytes that say how long the JSON is, which comes before the bytes of all arrays."""
KINDS = "biuf"
"""Types of arrays that travel: truth values, whole numbers, floating point; never objects."""


def packed(value: Any) -> bytes:
    """Return what JSON can say, with arrays of numbers among it, as bytes.

    Raises:
        TypeError: something in it is neither.
    """
    arrays: list[bytes] = []
    at = 0

    def stand_in(found: Any) -> Any:
        nonlocal at
        if not isinstance(found, ndarray) or found.dtype.kind not in KINDS:
            raise TypeError(f"Expected plain values and arrays of numbers, but got {type(found).__name__}.")
        begin, data = at, np.ascontiguousarray(found).tobytes()
        arrays.append(data)
        at += len(data)
        return {ARRAY: [found.dtype.str, list(found.shape), begin]}

    words = json.dumps(value, default=stand_in).encode()
    return b"".join([len(words).to_bytes(SIZE, "little"), words, *arrays])


def unpacked(data: bytes) -> Any:
    """Return what `packed` was given; tuples come back as lists.

    Raises:
        InputError: these are not such bytes.
    """
    end = SIZE + int.from_bytes(data[:SIZE], "little")

    def array(found: dict[str, Any]) -> Any:
        if found.keys() != {ARRAY}:
            return found
        kind, shape, begin = found[ARRAY]
        dtype = np.dtype(str(kind))
        if dtype.kind not in KINDS:
            raise ValueError(f"an array of {dtype}")
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(data, dtype, count, end + begin).reshape(shape) if count else np.empty(shape, dtype)

    try:
        return json.loads(data[SIZE:end], object_hook=array)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InputError(f"Expected the bytes of a parcel, but got others: {error}.") from None
