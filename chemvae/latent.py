"""Geometry of latent space in NumPy, the same for molecules, digits and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError
from chemvae.molecule import Molecule

PARALLEL = 1e-6  # radians; below this slerp divides by almost zero and the line is the same


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder says of n strings, row for row."""

    mean: Float[ndarray, "n latent"]
    """centre of each posterior; a row of NaN where the string could not be read"""
    std: Float[ndarray, "n latent"]
    """its standard deviation, NaN likewise"""
    molecules: list[Molecule]
    """each string with its verdict, which is the reason for a NaN row"""


@runtime_checkable
class Decoder(Protocol):
    """What decodes points of latent space."""

    def decode(
        self,
        z: Float[ndarray, "n latent"],
        temperature: float = 0.0,
        beam: int = 1,
        seed: int | None = None,
        *,
        free: bool = False,
    ) -> list[Molecule]:
        """Decode points, row for row."""


def line(a: Float[ndarray, " latent"], b: Float[ndarray, " latent"], steps: int) -> Float[ndarray, "steps latent"]:
    """Return evenly spaced points on the straight line from a to b, both ends included."""
    t = np.linspace(0.0, 1.0, steps)[:, None]
    return (1.0 - t) * a + t * b


def slerp(a: Float[ndarray, " latent"], b: Float[ndarray, " latent"], steps: int) -> Float[ndarray, "steps latent"]:
    """Return points on the arc from a to b; the norm goes evenly from |a| to |b| (White, 2016)."""
    norm_a, norm_b = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if norm_a == 0.0 or norm_b == 0.0:
        return line(a, b, steps)
    unit_a, unit_b = a / norm_a, b / norm_b
    angle = float(np.arccos(np.clip(unit_a @ unit_b, -1.0, 1.0)))
    if angle < PARALLEL or np.pi - angle < PARALLEL:
        return line(a, b, steps)
    t = np.linspace(0.0, 1.0, steps)[:, None]
    arc = (np.sin((1.0 - t) * angle) * unit_a + np.sin(t * angle) * unit_b) / np.sin(angle)
    return arc * ((1.0 - t) * norm_a + t * norm_b)


def grid(corners: Float[ndarray, "4 latent"], steps: int) -> Float[ndarray, "steps steps latent"]:
    """Return a bilinear grid between four points: corners are top left, top right, bottom left, bottom right."""
    top, bottom = line(corners[0], corners[1], steps), line(corners[2], corners[3], steps)
    return np.stack([line(t, b, steps) for t, b in zip(top, bottom, strict=True)], axis=1)


def wander(
    start: Float[ndarray, " latent"], steps: int, stride: float, rng: np.random.Generator
) -> Float[ndarray, "steps latent"]:
    """Return a random walk, its start included, that stays where N(0, I) has points.

    Each step keeps sqrt(1 - stride^2) of a point and adds `stride` of fresh noise: N(0, I) stays N(0, I).
    """
    path = [start]
    for _ in range(steps - 1):
        path.append(np.sqrt(1.0 - stride**2) * path[-1] + stride * rng.standard_normal(len(start)))
    return np.stack(path)


def attribute_vector(
    having: Float[ndarray, "n latent"], lacking: Float[ndarray, "m latent"]
) -> Float[ndarray, " latent"]:
    """Return the way from the mean of points without an attribute to that of points with it; rows of NaN are left out.

    Raises:
        InputError: one of the two sides has no point.
    """
    sides = [points[np.isfinite(points).all(axis=1)] for points in (having, lacking)]
    if min(map(len, sides)) == 0:
        raise InputError("Expected points with the attribute and points without, but got none of one kind. Give both.")
    return sides[0].mean(axis=0) - sides[1].mean(axis=0)


def along(
    z: Float[ndarray, " latent"], vector: Float[ndarray, " latent"], amounts: Sequence[float]
) -> Float[ndarray, "steps latent"]:
    """Return a point moved by so many times a vector."""
    return z + np.asarray(amounts)[:, None] * vector


def around(
    centre: Float[ndarray, "... latent"],
    scale: Float[ndarray, " latent"] | float,
    radii: Float[ndarray, " n"],
    rng: np.random.Generator,
) -> Float[ndarray, "n latent"]:
    """Return one point at each radius from the centre, in a fresh direction *per sample*.

    A radius of r means r root-mean-square standard deviations per dimension (`scale` holds the standard
    deviations), so the spread does not depend on how many samples are asked for.

    Args:
        centre: one point for all samples, or a row for each.
        scale: what a radius of 1 is, in each dimension.
        radii: how far each sample lies.
        rng: of the directions.
    """
    latent = centre.shape[-1]
    directions = rng.standard_normal((len(radii), latent))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) / np.sqrt(latent)
    return centre + directions * scale * radii[:, None]
