"""Measure strings: computed properties and the reason for every gap, row for row, each string parsed once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.judge import Reading, Text, understand
from chemvae.chem.properties import values
from chemvae.molecule import Molecule, Verdict


@dataclass(frozen=True, slots=True)
class Measured:
    """What RDKit says of n strings, row for row."""

    values: Float[ndarray, "n p"]
    """computed properties, NaN where there is none"""
    reasons: list[str]
    """why a row is no molecule or lacks a value, empty for all others"""


def measure(texts: Sequence[Text], properties: Sequence[str]) -> Measured:
    """Read each string once and compute its properties; this is what a worker process runs.

    Args:
        texts: cells of a table.
        properties: names out of `PROPERTIES`.
    """
    return measure_read([understand(text) for text in texts], properties)


def measure_read(readings: Sequence[Reading], properties: Sequence[str]) -> Measured:
    """Compute properties of strings that were read."""
    table = values([reading.mol for reading in readings], properties)
    reasons = []
    for reading, row in zip(readings, table, strict=True):
        reason = Molecule("", None, reading.verdict, reading.detail).reason
        lacking = [name for name, number in zip(properties, row, strict=True) if np.isnan(number)]
        reasons.append(reason or (f"{Verdict.FAILED.value}: no {', '.join(lacking)}" if lacking else ""))
    return Measured(table, reasons)
