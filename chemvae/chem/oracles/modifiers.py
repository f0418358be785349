"""Modifiers: how a raw value becomes a score, in the shapes of the GuacaMol benchmark.

They are defined by Brown et al., GuacaMol, J. Chem. Inf. Model. 2019, 59, 1096, and its code. NaN stays NaN.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError


class Modifier:
    """A modifier's settings are numbers, and finite."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            InputError: one cannot be.
        """
        settings = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        for name, value in settings.items():
            if not (isinstance(value, (int, float)) and math.isfinite(value)):
                raise InputError(f"Expected a number as {name} of {type(self).__name__}, but got {value!r}.")
        wrong = self.wrong()
        if wrong:
            raise InputError(f"Expected {wrong} in {type(self).__name__}, but got {settings}. Change one of them.")

    def wrong(self) -> str:
        """Say what the settings should be, if they are something else."""
        return ""


@dataclass(frozen=True)
class Gaussian(Modifier):
    """1 at the mean, falling off to both sides as a bell: exp(-((x - mean) / std)^2 / 2)."""

    mean: float
    """where the score is 1"""
    std: float
    """how far from there it is 0.607"""

    def wrong(self) -> str:
        """Refuse a width of nothing."""
        return "" if self.std > 0 else "std above 0"

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return np.exp(-0.5 * ((x - self.mean) / self.std) ** 2)


@dataclass(frozen=True)
class MinGaussian(Gaussian):
    """1 up to the mean, falling off above it as half a bell: for what should be small."""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return Gaussian.__call__(self, np.maximum(x, self.mean))


@dataclass(frozen=True)
class MaxGaussian(Gaussian):
    """1 from the mean on, falling off below it as half a bell: for what should be large."""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return Gaussian.__call__(self, np.minimum(x, self.mean))


@dataclass(frozen=True)
class Clipped(Modifier):
    """A straight line from `low` at `lower` to `high` at `upper`, level outside; `upper` may lie below `lower`."""

    upper: float
    """where the score is `high`"""
    lower: float = 0.0
    """where the score is `low`"""
    high: float = 1.0
    """the best score"""
    low: float = 0.0
    """the worst score"""

    def wrong(self) -> str:
        """Refuse a line without a slope."""
        return "" if self.upper != self.lower and self.low < self.high else "upper unlike lower, and low below high"

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        along = (x - self.lower) / (self.upper - self.lower)
        return np.clip(self.low + along * (self.high - self.low), self.low, self.high)


@dataclass(frozen=True)
class SmoothClipped(Clipped):
    """As `Clipped`, but a logistic curve that is as steep in the middle, and reaches neither end."""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        along = (x - (self.upper + self.lower) / 2) / (self.upper - self.lower)
        return self.low + (self.high - self.low) / (1 + np.exp(-4 * along))


@dataclass(frozen=True)
class Thresholded(Modifier):
    """x / threshold below the threshold, 1 above; unlike `Clipped` it has no floor."""

    threshold: float
    """where the score is 1"""

    def wrong(self) -> str:
        """Refuse a threshold of nothing."""
        return "" if self.threshold > 0 else "a threshold above 0"

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return np.minimum(x, self.threshold) / self.threshold


@dataclass(frozen=True)
class Linear(Modifier):
    """slope * x + offset; a slope of -1 turns a wish round."""

    slope: float = 1.0
    """what a unit of x is worth"""
    offset: float = 0.0
    """the score at 0"""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return self.slope * x + self.offset


@dataclass(frozen=True)
class Squared(Modifier):
    """1 - coefficient * (x - target)^2."""

    target: float
    """where the score is 1"""
    coefficient: float = 1.0
    """how fast it falls off"""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return 1 - self.coefficient * (x - self.target) ** 2


@dataclass(frozen=True)
class Absolute(Modifier):
    """1 - |x - target|."""

    target: float
    """where the score is 1"""

    def __call__(self, x: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Return the score of each value."""
        return 1 - np.abs(x - self.target)
