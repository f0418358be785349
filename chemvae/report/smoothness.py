"""Latent smoothness: how far one can step from a molecule's point before something else is decoded."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.fingerprints import tanimoto
from chemvae.latent import Encoded, around
from chemvae.molecule import Molecule
from chemvae.report.merit import Merit, average

STEPS = 10
"""Radii beyond the middle, evenly spaced up to one standard deviation per dimension."""

PROTOCOL = (
    "area under the mean Tanimoto similarity (Morgan, radius 2, 2,048 bits) between the greedy decode of a molecule's "
    "posterior mean and the greedy decode of a point at radius r from it, for r from 0 to 1: {steps} steps, a random "
    "direction each, in standard deviations of the posterior means per dimension; what is invalid counts as 0. A "
    "decoder that ignores z scores 1: read it beside reconstruction and active units"
)


def radii() -> Float[ndarray, " steps"]:
    """Return how far out is looked, the middle included."""
    return np.linspace(0.0, 1.0, STEPS + 1)


def steps_from(encoded: Encoded, most: int, rng: np.random.Generator) -> Float[ndarray, "molecules radii latent"]:
    """Return the points to decode: a row of growing radius for each of at most so many molecules, drawn at random."""
    fine = np.flatnonzero(np.isfinite(encoded.mean).all(axis=1))
    chosen = np.sort(rng.choice(fine, min(most, len(fine)), replace=False))
    mean = encoded.mean.astype(np.float64)
    scale = mean[fine].std(axis=0) if len(fine) else np.zeros(mean.shape[1])
    centres = np.repeat(mean[chosen], STEPS + 1, axis=0)  # a row for each radius
    points = around(centres, scale, np.tile(radii(), len(chosen)), rng)
    return points.reshape(len(chosen), STEPS + 1, mean.shape[1]).astype(np.float32)


def smoothness(decoded: Sequence[Molecule]) -> tuple[Merit, pd.DataFrame]:
    """Return the figure and the curve behind it.

    Args:
        decoded: the greedy decodes of `steps_from`, row by row.

    Returns:
        The figure, and a table of `radius`, `similarity`, `valid` and `n`.
    """
    rows = [decoded[at : at + STEPS + 1] for at in range(0, len(decoded), STEPS + 1)]
    similar = np.array([_to_first(row) for row in rows]).reshape(len(rows), STEPS + 1)
    valid = np.array([[molecule.valid for molecule in row] for row in rows], dtype=bool).reshape(similar.shape)
    areas = (similar[:, 1:] + similar[:, :-1]).mean(axis=1) / 2.0
    curve = pd.DataFrame({"radius": radii()})
    curve["similarity"] = similar.mean(axis=0) if len(rows) else np.nan
    curve["valid"] = valid.mean(axis=0) if len(rows) else np.nan
    curve["n"] = len(rows)
    return average("latent_smoothness", areas, PROTOCOL.format(steps=STEPS)), curve


def _to_first(row: Sequence[Molecule]) -> Float[ndarray, " radii"]:
    """Return the similarity of each decode to that of the middle, 0 where either is no molecule."""
    if row[0].smiles is None:
        return np.zeros(len(row))
    return np.nan_to_num(tanimoto(row[0].smiles, [molecule.smiles for molecule in row]))
