"""Pictures of a latent-variable model of images: samples, reconstructions, interpolations, the plane, the map."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.stats import norm
from torch import Tensor

from chemvae.families.draw_pictures import canvases
from chemvae.families.family import Picture
from chemvae.io.image_sets import Images
from chemvae.latent import line, slerp
from chemvae.nn.images.draw_inference import DrawInference
from chemvae.nn.images.pixels import PixelDecoder
from chemvae.nn.model import LatentModel, told
from chemvae.report.images import latent_map, tiles
from chemvae.systems.latent import LatentRecipe
from chemvae.training.image_batches import ImageBatch, ImageBatches

STEPS = 10
"""Images of an interpolation, both ends included."""
SIDE = 16
"""Images along a side of the plane."""
TAIL = 0.025
"""Share of the prior beyond each edge of the plane."""
PLANE = 2
"""Dimensions of z that can be shown whole."""
SHOWN_DRAWN = 6
"""Images whose canvases are shown."""
GLOBE = 3
"""Coordinates of a sphere that can be shown whole."""


@torch.no_grad()
def drawn(model: LatentModel, images: Images, recipe: LatentRecipe) -> list[Picture]:
    """Return the pictures that this model can have."""
    looks = ImageBatches(images, "test", max(recipe.figures.mapped, recipe.figures.shown), recipe.seed)
    rows = looks.order(0)
    batch = looks.batch(rows[: looks.batch_size], 0, 0)
    labels = None if images.labels is None else images.labels["test"][rows[: looks.batch_size]]
    sheet = Sheet(model, images, recipe)
    pictures = [sheet.samples(), sheet.reconstructions(batch), sheet.interpolations(batch)]
    if recipe.latent == PLANE and not recipe.conditional:
        pictures.append(sheet.plane())
    if recipe.conditional:
        pictures.append(sheet.styles())
    if recipe.prior.kind == "sphere" and recipe.latent == GLOBE and not recipe.conditional:
        pictures.append(sheet.globe())
    if isinstance(model.encoder, DrawInference):
        some = sheet.first(batch, min(SHOWN_DRAWN, recipe.figures.shown))
        pictures += canvases(model.encoder, some.x, recipe.seed)
    return [*pictures, sheet.map(batch, labels)]


class Sheet:
    """Draws for one model, with one seed."""

    def __init__(self, model: LatentModel, images: Images, recipe: LatentRecipe):
        """Store what to draw."""
        self.model, self.shape, self.classes, self.recipe = model, images.shape, images.classes, recipe
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.draws = isinstance(model.decoder, PixelDecoder)
        """whether images are drawn: of one that is written pixel by pixel nothing says what is expected"""

    def decoded(self, z: Float[Tensor, "n latent"], y: Tensor | None = None) -> Float[ndarray, "n height width"]:
        """Return the images that are expected, or drawn, at some points."""
        return (
            self.model.decoder.sample(told(z, y, 1), float(self.draws), self.chance)
            .view(-1, *self.shape)
            .double()
            .numpy()
        )

    def encoded(self, batch: ImageBatch) -> Float[Tensor, "n latent"]:
        """Return the points that stand for some images."""
        return self.model.amortised(batch.x, self.given(batch)).mean

    def given(self, batch: ImageBatch) -> Tensor | None:
        """Return the classes that the model is told."""
        return batch.y if self.recipe.conditional else None

    def first(self, batch: ImageBatch, n: int) -> ImageBatch:
        """Return the first images."""
        return ImageBatch(batch.x[:n], None if batch.y is None else batch.y[:n])

    def samples(self) -> Picture:
        """Draw the expected images at points of the prior; a conditional model's take the classes in turn."""
        n = self.recipe.figures.samples
        z = self.model.prior.sample(n, self.chance)
        y = torch.eye(self.classes)[torch.arange(n) % self.classes] if self.recipe.conditional else None
        return Picture(
            "samples",
            tiles(self.decoded(z, y), 8),
            f"{n} samples: what is {'drawn' if self.draws else 'expected'} at points of the prior.",
        )

    def reconstructions(self, batch: ImageBatch) -> Picture:
        """Draw test images and under each what its point decodes to."""
        some = self.first(batch, self.recipe.figures.shown)
        back = self.decoded(self.encoded(some), self.given(some))
        truth = some.x.view(-1, *self.shape).double().numpy()
        both = np.concatenate([truth, back])
        return Picture("reconstructions", tiles(both, len(truth)), "Test images, and under each what comes back.")

    def interpolations(self, batch: ImageBatch) -> Picture:
        """Draw lines between the points of test images, a row for each pair; on a sphere they are arcs."""
        some = self.first(batch, 2 * max(1, self.recipe.figures.shown // 2))
        ends = self.encoded(some).double().numpy()
        between, name = (slerp, "Arcs") if self.recipe.prior.kind == "sphere" else (line, "Straight lines")
        path = np.concatenate([between(a, b, STEPS) for a, b in zip(ends[::2], ends[1::2], strict=True)])
        given = self.given(some)
        y = None if given is None else given[::2].repeat_interleave(STEPS, dim=0)
        shown = self.decoded(torch.from_numpy(path).float(), y)
        return Picture("interpolations", tiles(shown, STEPS), f"{name} between test images, a row each.")

    def plane(self) -> Picture:
        """Draw the whole plane of a model with two latent dimensions, at even steps of the prior's probability."""
        at = norm.ppf(np.linspace(TAIL, 1 - TAIL, SIDE))
        z = np.stack(np.meshgrid(at, at[::-1]), axis=-1).reshape(-1, PLANE)
        shown = self.decoded(torch.from_numpy(z).float())
        return Picture("manifold", tiles(shown, SIDE), "The latent plane, at even steps of the normal distribution.")

    def globe(self) -> Picture:
        """Draw a whole sphere, every image standing for the same area: longitude to the right, height upwards."""
        turn = np.linspace(0, 2 * np.pi, SIDE, endpoint=False)
        height = np.linspace(1, -1, 2 * SIDE + 1)[1::2, None]
        around = (1 - height**2) ** 0.5
        z = np.stack(np.broadcast_arrays(around * np.cos(turn), around * np.sin(turn), height), axis=-1)
        shown = self.decoded(torch.from_numpy(z.reshape(-1, GLOBE)).float())
        return Picture("sphere", tiles(shown, SIDE), "The whole sphere, the same area for each image.")

    def styles(self) -> Picture:
        """Draw one style a row, one class a column."""
        z = self.model.prior.sample(self.recipe.figures.shown, self.chance)
        y = torch.eye(self.classes).repeat(len(z), 1)
        shown = self.decoded(z.repeat_interleave(self.classes, dim=0), y)
        return Picture("styles", tiles(shown, self.classes), "Each row one z, each column one class.")

    def map(self, batch: ImageBatch, labels: Int[ndarray, " n"] | None) -> Picture:
        """Draw where test images lie: the plane itself, or the plane of most variance."""
        z = self.encoded(batch).double().numpy()
        names = ("z 1", "z 2")
        if z.shape[1] != PLANE:
            centred = z - z.mean(axis=0)
            axes = np.linalg.svd(centred, full_matrices=False)[2][:PLANE]
            z, names = centred @ axes.T, ("first principal axis of z", "second principal axis of z")
        if z.shape[1] < PLANE:
            z, names = np.column_stack([z, np.zeros(len(z))]), ("z", "")
        of = "" if labels is None else ", a colour for each class"
        return Picture("map", latent_map(z, labels, names), f"Where {len(z):,} test images lie in latent space{of}.")
