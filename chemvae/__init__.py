"""Design molecules in the latent space of a variational autoencoder."""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chemvae.demo import demo as demo
    from chemvae.evaluate import evaluate as evaluate
    from chemvae.export import export as export
    from chemvae.frames import score_frame as score_frame
    from chemvae.laboratory import Optimizer as Optimizer
    from chemvae.model import MoleculeModel as MoleculeModel
    from chemvae.model import load as load
    from chemvae.optimize import optimize as optimize
    from chemvae.prepare import prepare as prepare
    from chemvae.score import score as score
    from chemvae.search.objective import Objective as Objective
    from chemvae.sklearn import LatentEncoder as LatentEncoder
    from chemvae.train import train as train

__version__ = "0.1.0"

HOMES = {
    "LatentEncoder": "chemvae.sklearn",
    "MoleculeModel": "chemvae.model",
    "Objective": "chemvae.search.objective",
    "Optimizer": "chemvae.laboratory",
    "demo": "chemvae.demo",
    "evaluate": "chemvae.evaluate",
    "export": "chemvae.export",
    "load": "chemvae.model",
    "optimize": "chemvae.optimize",
    "prepare": "chemvae.prepare",
    "score": "chemvae.score",
    "score_frame": "chemvae.frames",
    "train": "chemvae.train",
}
"""Where each name of the front door lives; its module is imported when the name is first asked for."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*HOMES, "__version__"])


class FrontDoor(ModuleType):
    """The package itself: a verb stays callable although its module has the same name.

    The import system hangs every imported submodule on its package, so `chemvae.optimize` would become a module as
    soon as somebody imports from `chemvae.optimize`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        is_home = isinstance(value, ModuleType) and value.__name__ == HOMES.get(name)
        super().__setattr__(name, getattr(value, name) if is_home else value)


sys.modules[__name__].__class__ = FrontDoor
