"""`chemvae image`: the recipe of an image system becomes a run folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chemvae.cli.answers import answer
from chemvae.cli.train import RunOptions

if TYPE_CHECKING:
    from chemvae.image import Imaged
    from chemvae.systems.recipe import SystemRecipe

EXAMPLE = """Example, under a minute, on digits that scikit-learn carries:
  chemvae image pipelines/vae/gaussian/run.toml --set train.epochs=1
  chemvae image --resume runs/gaussian --set train.epochs=20

A key of the recipe can also come from the environment: train.epochs from
CHEMVAE_TRAIN__EPOCHS. docs/systems.md lists the systems."""


@dataclass(frozen=True, kw_only=True)
class ImageOptions(RunOptions):
    """What changes the recipe, and where the run goes."""

    def as_toml(self, _: str, given: Mapping[str, Any], /) -> str:
        """Write the recipe that would be run."""
        from chemvae.io.recipes import to_toml

        return to_toml(self.read(given["recipe"])).rstrip()

    def read(self, recipe: str | None) -> "SystemRecipe":
        """Read the recipe, or that of the run to resume, with what the environment and the command line change."""
        from chemvae.image import read_image_recipe

        return read_image_recipe(self.source(recipe), self.changes(), os.environ)


def image(recipe: str | None = None, /, *, options: ImageOptions = ImageOptions()) -> None:
    """Train and measure an image system (VAE, GAN, RBM ...) as a recipe says.

    Args:
        recipe: a run.toml; not needed with --resume
    """
    from chemvae.image import image as run
    from chemvae.io.progress import tell
    from chemvae.training.keeping import InterruptedRunError

    asked = options.read(recipe)
    out = options.resume or options.output or f"runs/{asked.name}"
    try:
        imaged = run(asked, out, resume=options.resume is not None, overwrite=options.overwrite, say=tell)
    except InterruptedRunError as error:
        raise KeyboardInterrupt(str(error)) from None
    answer(told(imaged))


def told(imaged: "Imaged") -> str:
    """Tell what a run left: what the figures depend on, one figure a line, where everything lies."""
    width = max(map(len, imaged.figures), default=0)
    protocol = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in imaged.protocol.items())
    figures = [f"  {name:<{width}}  {value:.4g}" for name, value in imaged.figures.items()]
    return "\n".join([f"{protocol}:", *figures, f"written to {imaged.folder}: report.html, metrics.json, pictures/"])
