"""The recipe of an energy model of binary images: which machine, how it is taught, how its log Z is estimated."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from chemvae.config import Section
from chemvae.systems.recipe import ImageRecipe, SystemTrainConfig


class RBMConfig(Section):
    """One visible and one hidden layer."""

    kind: Literal["rbm"] = "rbm"
    hidden: PositiveInt = 100
    persistent: bool = True
    """chains that go on from step to step; else each begins at the data: CD"""
    steps: PositiveInt = 1
    """Gibbs moves of the chains at each step of training: the k of CD-k"""
    chains: PositiveInt = 100
    """how many of them, if they persist"""


class DBNConfig(Section):
    """A stack of Boltzmann machines, taught one after another."""

    kind: Literal["dbn"] = "dbn"
    hidden: tuple[PositiveInt, ...] = Field((100, 100), min_length=1)
    layer_epochs: PositiveInt = 30
    """for each machine but the last, which has the epochs that are left"""
    persistent: bool = True
    """chains that go on from step to step; else each begins at the data"""
    steps: PositiveInt = 1
    """Gibbs moves at each step of training"""
    chains: PositiveInt = 100
    """how many of them, if they persist"""


class DBMConfig(Section):
    """Layers that see both neighbours."""

    kind: Literal["dbm"] = "dbm"
    hidden: tuple[PositiveInt, ...] = Field((100, 100), min_length=1)
    layer_epochs: int = Field(15, ge=0)
    """for each pair by itself, before all are taught together; 0 leaves this out"""
    mean_field: PositiveInt = 10
    """rounds of the mean-field updates"""
    steps: PositiveInt = 5
    """Gibbs moves at each step of training"""
    chains: PositiveInt = 100
    """persistent ones"""


class HelmholtzConfig(Section):
    """Binary layers that write downwards, and a network upwards that recognises; taught by wake-sleep."""

    kind: Literal["helmholtz"] = "helmholtz"
    hidden: tuple[PositiveInt, ...] = Field((100, 50), min_length=1)


MachineConfig = Annotated[RBMConfig | DBNConfig | DBMConfig | HelmholtzConfig, Field(discriminator="kind")]


class AnnealingConfig(Section):
    """Annealed importance sampling of log Z."""

    chains: PositiveInt = 100
    steps: PositiveInt = 1000


class EnergyTrainConfig(SystemTrainConfig):
    """No machine here has a validation loss that compares two epochs: the last weights are kept."""

    keep: Literal["last"] = "last"


class EnergyRecipe(ImageRecipe):
    """A machine of binary units."""

    family: Literal["energy"] = "energy"
    train: EnergyTrainConfig = EnergyTrainConfig()
    machine: MachineConfig = RBMConfig()
    annealing: AnnealingConfig = AnnealingConfig()

    @model_validator(mode="after")
    def _black_and_white(self) -> "EnergyRecipe":
        if self.data.binarise == "none":
            raise ValueError('its units are 0 or 1: set data.binarise = "threshold", or another')
        return self
