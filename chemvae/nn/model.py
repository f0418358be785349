"""LatentModel: an encoder, a decoder and a prior become the log-weight terms from which every objective is made."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Num
from torch import Tensor, nn

from chemvae.nn.parts import Decoder, Inference, Terms
from chemvae.nn.posterior import Posterior
from chemvae.nn.prior import Prior, StandardNormal

LogJoint = Callable[[Float[Tensor, "k batch latent"]], Float[Tensor, "k batch"]]
"""log p(x, z) of some inputs, as a function of z."""


@runtime_checkable
class Refinement(Protocol):
    """Improves a posterior by what the model says of its input: gradient steps, Hamiltonian moves."""

    def __call__(
        self, posterior: Posterior, log_joint: LogJoint, generator: torch.Generator | None = None
    ) -> Posterior:
        """Return a posterior that fits the input no worse; works under `torch.no_grad` too."""
        ...


class LatentModel(nn.Module):
    """Replaceable parts; what `x` is, is their business.

    A model that is told a class has it, one-hot, joined to what the encoder sees and to every z that the decoder
    sees: z is left to say the rest.
    """

    def __init__(self, encoder: Inference, decoder: Decoder, prior: Prior, refine: Refinement | None = None):
        """Store the parts."""
        super().__init__()
        self.encoder: Inference = encoder
        self.decoder: Decoder = decoder
        self.prior: Prior = prior
        self.refine: Refinement | None = refine

    def amortised(self, x: Num[Tensor, "batch places"], y: Float[Tensor, "batch classes"] | None = None) -> Posterior:
        """Return what the encoder alone believes."""
        return self.encoder(x) if y is None else self.encoder(x, y)

    def posterior(
        self,
        x: Num[Tensor, "batch places"],
        y: Float[Tensor, "batch classes"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Posterior:
        """Return q(z|x), refined if the model refines it."""
        posterior = self.amortised(x, y)
        if self.refine is None:
            return posterior
        return self.refine(posterior, lambda z: self.log_joint(z, x, y, generator), generator)

    def log_joint(
        self,
        z: Float[Tensor, "k batch latent"],
        x: Num[Tensor, "batch places"],
        y: Float[Tensor, "batch classes"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "k batch"]:
        """Return log p(x, z) in nats."""
        k, flat = len(z), z.flatten(0, 1)
        nll = self.decoder.nll(told(flat, y, k), x.repeat(k, 1), generator)
        return (self.prior.log_prob(flat) - nll).view(k, -1)

    def forward(
        self,
        x: Num[Tensor, "batch places"],
        generator: torch.Generator | None = None,
        k: int = 1,
        blurred: float = 0.0,
        *,
        y: Float[Tensor, "batch classes"] | None = None,
        pathwise: bool = True,
    ) -> tuple[Terms, Float[Tensor, "k batch latent"]]:
        """Encode, draw k points per input and weigh them; returns the terms and the points.

        Args:
            x: the inputs.
            generator: of everything drawn.
            k: points per input; a posterior of several strata draws so many of each.
            blurred: share of points that the decoder sees only through noise (`blur`).
            y: classes, for a model that is told them.
            pathwise: let gradients pass through the points; without, only log q(z|x) knows the encoder.
        """
        posterior = self.posterior(x, y, generator)
        drawn = posterior.draw(generator, k)
        z = drawn.z if pathwise else drawn.z.detach()
        flat, rows = z.flatten(0, 1), len(z)
        seen = blur(flat, blurred, generator) if blurred > 0 else flat
        nll = self.decoder.nll(told(seen, y, rows), x.repeat(rows, 1), generator).view(rows, -1)
        log_pz = self.prior.log_prob(flat).view(rows, -1)
        log_qz = drawn.log_qz if pathwise else posterior.log_prob(z)
        kl = drawn.kl if drawn.kl is not None else posterior.kl()
        if not isinstance(self.prior, StandardNormal):
            kl = None
        return Terms(-nll, log_pz, log_qz, kl, drawn.log_share), z


def told(
    z: Float[Tensor, "points latent"], y: Float[Tensor, "batch classes"] | None, k: int
) -> Float[Tensor, "points code"]:
    """Join the class of each input to its k points, if the model is told classes."""
    return z if y is None else torch.cat([z, y.repeat(k, 1)], dim=-1)


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
