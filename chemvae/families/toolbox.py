"""The latent toolbox on images: a grid, a random walk and attributes, by the functions that serve molecules too."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from chemvae.families.family import Picture
from chemvae.families.latent_pictures import Sheet
from chemvae.io.image_sets import Images
from chemvae.latent import along, attribute_vector, grid, wander
from chemvae.nn.model import LatentModel
from chemvae.report.images import tiles
from chemvae.systems.latent import LatentRecipe
from chemvae.training.image_batches import ImageBatch, ImageBatches

SIDE, STEPS, WALKS = 8, 10, 4
STRIDE = 0.4
"""Share of fresh noise in each step of a walk."""
AMOUNTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""How far along an attribute is shown, in times the way from the lower third to the upper third."""
MOVED = 3
"""Images moved along each attribute, in the picture."""
THIRD = 1 / 3
MOST = 2000
"""Training images that attributes are learned from, and test images that they are measured on."""
FAINT = 1e-6

Numbers = Float[ndarray, " n"]
Pixels = Float[ndarray, "n height width"]


@dataclass(frozen=True)
class Toolbox:
    """Figures and pictures."""

    figures: dict[str, float]
    """what moving along an attribute does to it, and to the others"""
    pictures: list[Picture]
    """grid, walk, attributes"""


def moments(images: Pixels) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """Return how much light is in each image, and its variances across, down and between."""
    light = images.clip(0.0, 1.0)
    total = light.sum(axis=(1, 2)) + FAINT
    down, across = (np.arange(size) for size in images.shape[1:])
    share = light / total[:, None, None]
    x, y = (share.sum(axis=1) * across).sum(axis=1), (share.sum(axis=2) * down).sum(axis=1)
    apart_x, apart_y = across - x[:, None], down - y[:, None]
    wide = (share.sum(axis=1) * apart_x**2).sum(axis=1)
    high = (share.sum(axis=2) * apart_y**2).sum(axis=1)
    both = np.einsum("nij,ni,nj->n", share, apart_y, apart_x)
    return total, wide, high, both


ATTRIBUTES: dict[str, Callable[[Pixels], Numbers]] = {
    "ink": lambda images: images.clip(0.0, 1.0).mean(axis=(1, 2)),
    "slant": lambda images: -moments(images)[3] / (moments(images)[2] + FAINT),
    "width": lambda images: np.sqrt(moments(images)[1]),
}
"""What can be measured of any image: how bright it is, how far it leans to the right, how wide it is."""


@torch.no_grad()
def toolbox(model: LatentModel, images: Images, recipe: LatentRecipe) -> Toolbox:
    """Return what can be done in the latent space of a trained model, on test images."""
    sheet = Sheet(model, images, recipe)
    train, test = (looked_at(images, part, recipe.seed) for part in ("train", "test"))
    points = sheet.encoded(train).double().numpy()
    before = pixels(train.x, images)
    vectors = {name: way(points, measure(before)) for name, measure in ATTRIBUTES.items()}
    figures: dict[str, float] = {}
    for name, vector in vectors.items():
        figures |= moved(sheet, test, images, name, vector)
    return Toolbox(figures, [four_corners(sheet, test), walks(sheet, test), attributes(sheet, test, vectors)])


def looked_at(images: Images, part: str, seed: int) -> ImageBatch:
    """Return some images of a part, chosen with the seed."""
    batches = ImageBatches(images, part, MOST, seed)
    return batches.batch(batches.order(0)[:MOST], 0, 0)


def pixels(x: Tensor, images: Images) -> Pixels:
    """Return images as rows of pixels."""
    return x.view(-1, *images.shape).double().numpy()


def way(points: Float[ndarray, "n latent"], values: Numbers) -> Float[ndarray, " latent"]:
    """Return the attribute vector of a measured quantity: from its lower third to its upper third."""
    low, high = np.quantile(values, (THIRD, 1 - THIRD))
    return attribute_vector(points[values >= high], points[values <= low])


def gap(values: Numbers) -> float:
    """Return how far apart the upper and the lower third are."""
    low, high = np.quantile(values, (THIRD, 1 - THIRD))
    return float(values[values >= high].mean() - values[values <= low].mean())


def moved(
    sheet: Sheet, test: ImageBatch, images: Images, name: str, vector: Float[ndarray, " latent"]
) -> dict[str, float]:
    """Return by how much decoded test images change when they are moved by half a vector to either side.

    `NAME_moved` is the change of the attribute and `NAME_beside` the mean size of the changes of the others, both in
    units of the gap between the thirds of test images: 1 and 0 would be a vector that moves its attribute alone.
    """
    z, y = sheet.encoded(test).double().numpy(), sheet.given(test)
    down, up = (sheet.decoded(torch.from_numpy(z + half * vector).float(), y) for half in (-0.5, 0.5))
    truth = pixels(test.x, images)
    changes = {
        other: float((measure(up) - measure(down)).mean()) / (gap(measure(truth)) or FAINT)
        for other, measure in ATTRIBUTES.items()
    }
    beside = [abs(change) for other, change in changes.items() if other != name]
    return {f"{name}_moved": changes[name], f"{name}_beside": float(np.mean(beside))}


def one_class(y: Tensor | None, times: int) -> Tensor | None:
    """Return the class of the first image for all, in a model that is told classes."""
    return None if y is None else y[:1].expand(times, -1)


def four_corners(sheet: Sheet, test: ImageBatch) -> Picture:
    """Draw the grid between four test images."""
    some = sheet.first(test, 4)
    points = grid(sheet.encoded(some).double().numpy(), SIDE).reshape(SIDE * SIDE, -1)
    shown = sheet.decoded(torch.from_numpy(points).float(), one_class(sheet.given(some), len(points)))
    return Picture("grid", tiles(shown, SIDE), "Between four test images, which stand in the corners.")


def walks(sheet: Sheet, test: ImageBatch) -> Picture:
    """Draw random walks that begin at test images."""
    some, rng = sheet.first(test, WALKS), np.random.default_rng(sheet.recipe.seed)
    starts = sheet.encoded(some).double().numpy()
    path = np.concatenate([wander(start, STEPS, STRIDE, rng) for start in starts])
    given = sheet.given(some)
    y = None if given is None else given.repeat_interleave(STEPS, dim=0)
    shown = sheet.decoded(torch.from_numpy(path).float(), y)
    return Picture("walks", tiles(shown, STEPS), "Random walks from test images, a row each.")


def attributes(sheet: Sheet, test: ImageBatch, vectors: dict[str, Float[ndarray, " latent"]]) -> Picture:
    """Draw test images moved along each attribute."""
    some = sheet.first(test, MOVED)
    z = sheet.encoded(some).double().numpy()
    path = np.concatenate([along(point, vector, AMOUNTS) for vector in vectors.values() for point in z])
    given = sheet.given(some)
    y = None if given is None else given.repeat_interleave(len(AMOUNTS), dim=0).repeat(len(vectors), 1)
    shown = sheet.decoded(torch.from_numpy(path).float(), y)
    return Picture(
        "attributes",
        tiles(shown, len(AMOUNTS)),
        f"{MOVED} test images (middle column) moved along {', '.join(vectors)}, in this order, from less to more.",
    )
