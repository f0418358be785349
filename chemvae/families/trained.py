"""What families that train on images share: batches, the fit, what networks are told of the images, the protocol."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from chemvae.errors import InputError
from chemvae.families.family import Run
from chemvae.io.atomic import read_json, write_json
from chemvae.io.image_sets import Images, load_images
from chemvae.nn.images.build import Seen
from chemvae.systems.recipe import ImageRecipe
from chemvae.training.image_batches import ImageBatches
from chemvae.training.system import SystemTask, fit_system

TRAIN_KEYS = (
    "train.epochs",
    "train.cpu_seconds",
    "train.patience",
    "train.checkpoint_minutes",
    "train.threads",
    "figures",
)
"""What a resumed training may change."""
LOOK_BATCH = 500


def images_of(recipe: ImageRecipe) -> Images:
    """Read the images of a recipe."""
    return load_images(recipe.data, recipe.seed)


def seen_of(images: Images, seed: int, some: int = 0) -> Seen:
    """Return what networks are told of the training images, with some of them drawn by the seed."""
    train = images.parts["train"]
    chosen = np.random.default_rng(seed).permutation(len(train))[:some]
    return Seen(
        images.shape, torch.from_numpy(train.mean(axis=0)), torch.from_numpy(train[np.sort(chosen)]), images.classes
    )


def fitted(
    task: Callable[[int], SystemTask], images: Images, recipe: ImageRecipe, where: Run
) -> list[dict[str, float]]:
    """Train the model of a task, which is made from the number of batches in an epoch; returns a line per epoch."""
    remember(images, where)
    train, dynamic = recipe.train, recipe.data.binarise == "dynamic"
    batches = ImageBatches(images, "train", train.batch_size, recipe.seed, dynamic=dynamic)
    looks = ImageBatches(images, "valid", min(LOOK_BATCH, train.batch_size * 5), recipe.seed, same_order=True)
    return fit_system(task(len(batches)), batches, looks, where.folder, resume=where.resume, say=where.say)


def remember(images: Images, where: Run) -> None:
    """Write the checksums of the data files into the manifest.

    Raises:
        InputError: a resumed run was trained on other files.
    """
    path = where.folder / "manifest.json"
    manifest = read_json(path)
    before = manifest.get("files")
    if where.resume and before and before != images.files:
        raise InputError(f"Expected the files that {where.folder} was trained on, but got others. Start a new run.")
    write_json(path, manifest | {"files": images.files})


def protocol_of(recipe: ImageRecipe, images: Images) -> dict[str, Any]:
    """Return what every figure of a run depends on."""
    return {
        "data": recipe.data.name,
        "binarise": recipe.data.binarise,
        "train_images": len(images.parts["train"]),
        "validation_images": len(images.parts["valid"]),
        "test_images": len(images.parts["test"]),
        "seed": recipe.seed,
        "weights": recipe.train.keep,
    }
