"""Teach a small classifier the labelled training images; the seed decides its weights to the bit."""

import torch
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.images.classifier import ImageClassifier
from chemvae.training.image_batches import ImageBatches

RATE = 3e-3


def teach(classifier: ImageClassifier, batches: ImageBatches, epochs: int) -> ImageClassifier:
    """Train in place by cross-entropy, the learning rate falling to nothing; returns it in evaluation mode.

    Args:
        classifier: untrained.
        batches: of images with classes, in an order that their seed decides.
        epochs: how often each is seen.
    """
    adam = torch.optim.Adam(classifier.parameters(), lr=RATE)
    fall = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, epochs * len(batches))
    for epoch in range(epochs):
        batches.begin(epoch)
        for batch in batches:
            if batch.y is None:
                raise ValueError("Expected images with classes, but got some without. Do without a classifier.")
            adam.zero_grad()
            F.cross_entropy(classifier(batch.x), batch.y).backward()
            adam.step()
            fall.step()
    return classifier.eval()
