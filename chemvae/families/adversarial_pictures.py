"""Pictures of adversarial systems: the equilibrium, samples beside training images, classes, inference, posteriors."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray
from torch import Tensor

from chemvae.families.family import Picture
from chemvae.families.latent_pictures import PLANE, STEPS
from chemvae.io.image_sets import Images
from chemvae.latent import slerp
from chemvae.nn.adversarial.game import VALUE_AT_REST, Game
from chemvae.nn.adversarial.gan import ALI
from chemvae.nn.adversarial.vae import AdversarialVAE
from chemvae.report.figures import COLOURS, INK, canvas, label
from chemvae.report.images import latent_map, tiles
from chemvae.systems.adversarial import AdversarialRecipe

COLUMNS = 8
CLOUD = 300
"""Points drawn from each posterior that is shown."""


@torch.no_grad()
def drawn(game: Game, images: Images, recipe: AdversarialRecipe, rows: Sequence[dict[str, float]]) -> list[Picture]:
    """Return the pictures that this game can have."""
    sheet = Sheet(game, images, recipe)
    pictures = [equilibrium(pd.DataFrame(list(rows))), sheet.samples(), sheet.nearest(), sheet.arcs()]
    if recipe.conditional:
        pictures.append(sheet.styles())
    if isinstance(game, ALI):
        pictures += [sheet.reconstructions(game.encode), sheet.map(game.encode(sheet.test))]
    if isinstance(game, AdversarialVAE):
        pictures += sheet.inference(game)
    return pictures


def equilibrium(log: pd.DataFrame) -> Picture:
    """Draw D of real and of fake tuples, and the value of the game, with where they stand at rest."""
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    panels = [
        ("D of a tuple", {"valid_d_real": "real", "valid_d_fake": "fake"}, 0.5, "1/2"),
        (
            "value, nats",
            {"train_value": "training images", "valid_value": "validation images"},
            VALUE_AT_REST,
            "-log 4",
        ),
    ]
    for axes, (name, columns, rest, told) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        axes.spines[["top", "right"]].set_visible(False)
        axes.axhline(rest, color=INK, linewidth=1.0, linestyle="--", label=told)
        for at, (column, words) in enumerate(columns.items()):
            axes.plot(
                log["epoch"],
                log[column],
                color=COLOURS[at],
                linewidth=1.6,
                label=words,
                marker="." if len(log) == 1 else "",
            )
        label(axes, "epoch", name)
    return Picture("equilibrium", figure, "How far from rest the game is: at rest D is 1/2 of anything.")


class Sheet:
    """Draws for one game, with one seed."""

    def __init__(self, game: Game, images: Images, recipe: AdversarialRecipe):
        """Store what to draw."""
        self.game, self.images, self.recipe = game, images, recipe
        self.chance = torch.Generator().manual_seed(recipe.seed)
        n = min(recipe.figures.mapped, len(images.parts["test"]))
        rows = np.random.default_rng(recipe.seed).permutation(len(images.parts["test"]))[:n]
        self.test = torch.from_numpy(images.parts["test"][rows])
        self.labels = None if images.labels is None else images.labels["test"][rows]

    def square(self, x: Tensor) -> Float[ndarray, "n height width"]:
        """Return rows of pixels as images."""
        return x.view(-1, *self.images.shape).double().numpy()

    def turn(self, n: int) -> Tensor | None:
        """Return the classes in turn, if the generator is told some."""
        classes = self.images.classes
        return torch.eye(classes)[torch.arange(n) % classes] if self.recipe.conditional else None

    def made(self, n: int) -> Tensor:
        """Return n images."""
        return self.game.generate(self.game.noise(n, self.chance), self.turn(n))

    def samples(self) -> Picture:
        """Draw images that were made."""
        n = self.recipe.figures.samples
        return Picture("samples", tiles(self.square(self.made(n)), COLUMNS), f"{n} samples, none of them chosen.")

    def nearest(self) -> Picture:
        """Draw samples, and under each the training image that is nearest to it."""
        made, train = self.made(self.recipe.figures.shown), torch.from_numpy(self.images.parts["train"])
        near = train[torch.cdist(made, train).argmin(dim=1)]
        both = self.square(torch.cat([made, near]))
        return Picture("nearest", tiles(both, len(made)), "Samples, and under each the training image nearest to it.")

    def arcs(self) -> Picture:
        """Draw arcs between points of the prior, a row for each pair."""
        pairs = max(1, self.recipe.figures.shown // 2)
        ends = self.game.noise(2 * pairs, self.chance).double().numpy()
        path = np.concatenate([slerp(a, b, STEPS) for a, b in zip(ends[::2], ends[1::2], strict=True)])
        told = self.turn(pairs)
        y = None if told is None else told.repeat_interleave(STEPS, dim=0)
        shown = self.game.generate(torch.from_numpy(path).float(), y)
        return Picture(
            "interpolations", tiles(self.square(shown), STEPS), "Arcs between points of the prior, a row each."
        )

    def styles(self) -> Picture:
        """Draw one z a row, one class a column."""
        classes, rows = self.images.classes, self.recipe.figures.shown
        z = self.game.noise(rows, self.chance).repeat_interleave(classes, dim=0)
        shown = self.game.generate(z, torch.eye(classes).repeat(rows, 1))
        return Picture("styles", tiles(self.square(shown), classes), "Each row one z, each column one class.")

    def reconstructions(self, encode: Callable[[Tensor], Tensor]) -> Picture:
        """Draw test images, and under each what comes back."""
        some = self.test[: self.recipe.figures.shown]
        both = self.square(torch.cat([some, self.game.generate(encode(some))]))
        return Picture("reconstructions", tiles(both, len(some)), "Test images, and under each what comes back.")

    def map(self, codes: Tensor) -> Picture:
        """Draw where test images lie: the plane itself, or the plane of most variance."""
        z = codes.double().numpy()
        names = ("z 1", "z 2")
        if z.shape[1] > PLANE:
            axes = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)[2][:PLANE]
            z, names = (z - z.mean(axis=0)) @ axes.T, ("first principal axis of z", "second principal axis of z")
        if z.shape[1] < PLANE:
            z, names = np.column_stack([z, np.zeros(len(z))]), ("z", "")
        return Picture("map", latent_map(z, self.labels, names), f"Where {len(z):,} test images lie in latent space.")

    def inference(self, game: AdversarialVAE) -> list[Picture]:
        """Draw what the implicit posterior knows: reconstructions, the map, and its shape at a few images."""
        encoder = game.players["encoder"]

        def mean(x: Tensor) -> Tensor:
            return encoder(x, self.chance).moments.mean

        pictures = [self.reconstructions(mean), self.map(mean(self.test))]
        if game.latent >= PLANE:
            pictures.append(self.posteriors(encoder))
        return pictures

    def posteriors(self, encoder: torch.nn.Module) -> Picture:
        """Draw points of the posteriors of a few test images, in the first two dimensions."""
        figure, axes = canvas(size=(4.8, 4.4))
        some = self.test[: min(self.recipe.figures.shown, len(COLOURS))]
        for at, x in enumerate(some):
            z = encoder(x.repeat(CLOUD, 1), self.chance).z.double().numpy()
            dots = axes.scatter(z[:, 0], z[:, 1], s=4, color=COLOURS[at], alpha=0.6, linewidths=0)
            dots.set_rasterized(True)
        label(axes, "z 1", "z 2")
        words = f"The posteriors of {len(some)} test images, {CLOUD} points each, in the first two dimensions."
        return Picture("posteriors", figure, words)
