"""The recipe of a worked example: no images, an answer in closed form or by quadrature to hold against."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from chemvae.config import Section
from chemvae.systems.recipe import SystemRecipe


class NoiseConfig(Section):
    """Noise carried through maps whose moments and densities are known."""

    kind: Literal["noise_transforms"] = "noise_transforms"
    draws: PositiveInt = 100_000
    covariance: tuple[float, float, float] = (2.0, 1.2, 1.0)
    """of the correlated Gaussian: first variance, covariance, second variance"""


class CaviConfig(Section):
    """Mean field on Bayesian linear regression with known noise."""

    kind: Literal["cavi"] = "cavi"
    rows: PositiveInt = 50
    weights: PositiveInt = 2
    likeness: float = Field(0.9, gt=-1, lt=1)
    """correlation of neighbouring columns: what mean field cannot say"""
    noise: PositiveFloat = 1.0
    """standard deviation"""
    rounds: PositiveInt = 60


class LearnedMcmcConfig(Section):
    """A proposal that is learned on a double well."""

    kind: Literal["learned_mcmc"] = "learned_mcmc"
    apart: PositiveFloat = 2.0
    """of each well from the middle; wells are about 0.5 wide"""
    train_steps: PositiveInt = 400
    hidden: PositiveInt = 32
    learning_rate: PositiveFloat = 5e-3
    tuning_steps: PositiveInt = 50
    """of a hundred chains, for each setting of Hamiltonian Monte Carlo that is tried"""
    chains: PositiveInt = 200
    steps: PositiveInt = 1000
    """of each chain that is measured"""


class ToyRecipe(SystemRecipe):
    """A worked example."""

    family: Literal["toy"] = "toy"
    example: Annotated[NoiseConfig | CaviConfig | LearnedMcmcConfig, Field(discriminator="kind")] = NoiseConfig()
