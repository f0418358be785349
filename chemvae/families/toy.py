"""The family of worked examples: each a few figures beside the exact ones, and a picture."""

from collections.abc import Callable
from typing import Any

from chemvae.families.family import Family, Outcome, Run
from chemvae.families.toy_cavi import cavi
from chemvae.families.toy_mcmc import learned_mcmc
from chemvae.families.toy_noise import noise_transforms
from chemvae.systems.toy import ToyRecipe

EXAMPLES: dict[str, Callable[[Any, int], Outcome]] = {
    "noise_transforms": noise_transforms,
    "cavi": cavi,
    "learned_mcmc": learned_mcmc,
}
"""Settings and seed to what an example comes to."""


def run(recipe: ToyRecipe, _: None, __: Run) -> Outcome:
    """Work an example out."""
    return EXAMPLES[recipe.example.kind](recipe.example, recipe.seed)


def nothing(_: ToyRecipe) -> None:
    """Read no data: an example makes its own."""
    return


TOY = Family(ToyRecipe, nothing, run)
