"""The classifier that judges images a system made: trained once in each run and kept there, the same for a seed."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save

from chemvae.families.trained import seen_of
from chemvae.io.atomic import atomic_path
from chemvae.io.image_sets import Images
from chemvae.nn.images.classifier import ImageClassifier
from chemvae.training.classifier import teach
from chemvae.training.image_batches import ImageBatches

FILE = "classifier.safetensors"
BATCH = 32


def judge_of(images: Images, folder: Path, seed: int, epochs: int, features: int) -> ImageClassifier | None:
    """Return a classifier of the training images, from the run folder if it is there; None if nobody knows classes.

    Args:
        images: with labels.
        folder: the run, which keeps it in `classifier.safetensors`.
        seed: of its weights and of the order of the images.
        epochs: how often it sees each.
        features: in which distances are taken.
    """
    if images.labels is None:
        return None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = ImageClassifier(seen_of(images, seed).mean, images.shape, images.classes, features)
    path = folder / FILE
    if path.is_file() and fits(classifier, path):
        return classifier.eval()
    teach(classifier, ImageBatches(images, "train", BATCH, seed), epochs)
    weights = {name: np.ascontiguousarray(value.numpy()) for name, value in classifier.state_dict().items()}
    with atomic_path(path) as beside:
        beside.write_bytes(save(weights, {"epochs": str(epochs)}))
    return classifier


def fits(classifier: ImageClassifier, path: Path) -> bool:
    """Take the weights of a file if they are of this shape; a run that goes on may ask for another one."""
    kept = {name: torch.from_numpy(value) for name, value in load_file(path).items()}
    known = classifier.state_dict()
    if kept.keys() != known.keys() or any(kept[name].shape != known[name].shape for name in known):
        return False
    classifier.load_state_dict(kept)
    return True
