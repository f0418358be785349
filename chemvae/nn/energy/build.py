"""From the section of a recipe to an energy model: a table."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.energy.dbm import DBM
from chemvae.nn.energy.dbn import DBN
from chemvae.nn.energy.helmholtz import Helmholtz
from chemvae.nn.energy.machine import Machine
from chemvae.nn.energy.rbm import RBM
from chemvae.systems.energy import EnergyRecipe

MACHINES: dict[str, Callable[[Tensor, Any], Machine]] = {"rbm": RBM, "dbn": DBN, "dbm": DBM, "helmholtz": Helmholtz}
"""Mean image and settings to a machine."""


def seeded_machine(recipe: EnergyRecipe, mean: Float[Tensor, " pixels"]) -> Machine:
    """Build a machine whose first weights depend on the recipe's seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return MACHINES[recipe.machine.kind](mean, recipe.machine)
