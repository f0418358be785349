"""VAE: three replaceable parts and the log-weight terms from which every objective is made."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chemvae.nn.head import PropertyHead
from chemvae.nn.parts import Decoder, Encoder, Terms
from chemvae.nn.prior import Prior


class VAE(nn.Module):
    """An encoder, a decoder, a prior if wanted a property head; what `x` is, is their business."""

    def __init__(self, encoder: Encoder, decoder: Decoder, prior: Prior, head: PropertyHead | None = None):
        """Store the parts."""
        super().__init__()
        self.encoder: Encoder = encoder
        self.decoder: Decoder = decoder
        self.prior: Prior = prior
        self.head: PropertyHead | None = head

    def forward(
        self, x: Int[Tensor, "batch length"], generator: torch.Generator | None = None, k: int = 1
    ) -> tuple[Terms, Float[Tensor, "k batch latent"]]:
        """Encode, draw k points per input and weigh them; returns the terms and the points."""
        posterior = self.encoder(x)
        z = posterior.sample(generator, k)  # k x batch x latent
        flat = z.flatten(0, 1)
        nll = self.decoder.nll(flat, x.repeat(k, 1), generator).view(k, -1)
        log_pz = self.prior.log_prob(flat).view(k, -1)
        return Terms(-nll, log_pz, posterior.log_prob(z), posterior.kl()), z
