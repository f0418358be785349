"""FeedForwardDecoder: a network and a likelihood, all pixels at once."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.images.likelihoods import Likelihood


class FeedForwardDecoder(nn.Module):
    """Codes to pixels; the network says how an image differs from the mean image, the likelihood what that means."""

    def __init__(self, net: nn.Module, likelihood: Likelihood, mean: Float[Tensor, " pixels"]):
        """Store the parts; a bias per pixel begins at the mean image of the training set."""
        super().__init__()
        self.net = net
        self.likelihood: Likelihood = likelihood
        self.bias = nn.Parameter(likelihood.start(mean))

    def outputs(self, z: Float[Tensor, "batch code"]) -> Float[Tensor, "batch pixels channels"]:
        """Return what the likelihood is told."""
        return self.net(z) + self.bias

    def nll(
        self,
        z: Float[Tensor, "batch code"],
        x: Float[Tensor, "batch pixels"],
        generator: torch.Generator | None = None,  # noqa: ARG002 - nothing is dropped here
    ) -> Float[Tensor, " batch"]:
        """Return -log p(x|z) in nats, summed over pixels."""
        return self.likelihood.nll(self.outputs(z), x)

    @torch.no_grad()
    def sample(
        self, z: Float[Tensor, "batch code"], temperature: float = 0.0, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch pixels"]:
        """Return the expected image at temperature 0, else one drawn pixel by pixel."""
        outputs = self.outputs(z)
        return self.likelihood.mean(outputs) if temperature == 0.0 else self.likelihood.sample(outputs, generator)
