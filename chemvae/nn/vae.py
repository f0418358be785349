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
        self, x: Int[Tensor, "batch length"], generator: torch.Generator | None = None, k: int = 1, blurred: float = 0.0
    ) -> tuple[Terms, Float[Tensor, "k batch latent"]]:
        """Encode, draw k points per input and weigh them; returns the terms and the points.

        `blurred` is the share of points that the decoder sees only through noise (`blur`).
        """
        posterior = self.encoder(x)
        z = posterior.sample(generator, k)  # k x batch x latent
        flat = z.flatten(0, 1)
        seen = blur(flat, blurred, generator) if blurred > 0 else flat
        nll = self.decoder.nll(seen, x.repeat(k, 1), generator).view(k, -1)
        log_pz = self.prior.log_prob(flat).view(k, -1)
        return Terms(-nll, log_pz, posterior.log_prob(z), posterior.kl()), z


def blur(
    z: Float[Tensor, "batch latent"], share: float, generator: torch.Generator | None = None
) -> Float[Tensor, "batch latent"]:
    """Carry a share of points along an arc towards fresh noise, each a random part of the way.

    The arc keeps N(0, I) as it is, so points that come from all over the aggregate posterior stay where the prior
    expects points. A decoder that is shown them learns what to write where no molecule of the training set lies:
    near one, something like it; far from all, anything that the training set could have held.
    """
    angle, chosen = torch.rand(2, len(z), 1, generator=generator, device=z.device)
    angle = 0.5 * torch.pi * angle * (chosen < share)
    noise = torch.randn(z.shape, generator=generator, device=z.device, dtype=z.dtype)
    return angle.cos() * z + angle.sin() * noise
