"""ImageClassifier: a small convolutional network whose opinion and features judge images that were made."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chemvae.nn.images.networks import ConvEncoder, Shape
from chemvae.systems.latent import ConvConfig

CHUNK = 500
CHANNELS = (16, 32)


class ImageClassifier(nn.Module):
    """Pixels to features to the logits of classes."""

    def __init__(self, mean: Float[Tensor, " pixels"], shape: Shape, classes: int, features: int):
        """Build the layers."""
        super().__init__()
        self.see = ConvEncoder(mean, shape, 0, ConvConfig(channels=CHANNELS, hidden=features, activation="gelu"))
        self.decide = nn.Linear(features, classes)

    def forward(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch classes"]:
        """Return the logits of each image."""
        return self.decide(self.see(x))

    @torch.no_grad()
    def features(self, x: Float[Tensor, "n pixels"]) -> Float[Tensor, "n features"]:
        """Return what it sees in images, in which distances are taken."""
        return torch.cat([self.see(part) for part in x.split(CHUNK)])

    @torch.no_grad()
    def classes(self, x: Float[Tensor, "n pixels"]) -> Int[Tensor, " n"]:
        """Return the class that it takes each image for."""
        return torch.cat([self(part).argmax(dim=1) for part in x.split(CHUNK)])
