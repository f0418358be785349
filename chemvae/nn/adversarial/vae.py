"""AdversarialVAE: a posterior that can be drawn from and not written down, its KL learned by a discriminator."""

from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.adversarial.game import Bout, Discriminator, Game, Pair
from chemvae.nn.images.decoder import FeedForwardDecoder
from chemvae.nn.images.networks import Encoder, dense
from chemvae.nn.model import LatentModel
from chemvae.nn.objectives import negative_elbo
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob

DRAWS = 64
"""Values of each base that its moments are taken of."""
LEAST = 1e-4
"""Variance at the least, so that nothing is divided by nothing."""


@dataclass(frozen=True)
class Implied:
    """Points of a posterior without a density, and its moments."""

    z: Float[Tensor, "batch latent"]
    """a point for each image, through which gradients pass"""
    moments: DiagonalGaussian
    """the Gaussian of the same mean and variance, through which none does"""


class ImplicitEncoder(nn.Module):
    """Images and noise to points: z = a(x) + sum_i a_i(x) v_i(noise_i) (Mescheder et al., 2017).

    The sum of products is as flexible as its bases, and its mean and variance follow from theirs.
    """

    def __init__(self, features: Encoder, latent: int, noise: int, bases: int):
        """Build the layers."""
        super().__init__()
        self.latent, self.n_noise, self.n_bases = latent, noise, bases
        self.features = features
        self.to_centre = nn.Linear(features.width, latent)
        self.to_weights = nn.Linear(features.width, bases * latent)
        self.straight = nn.ModuleList(nn.Linear(noise, latent) for _ in range(bases))
        self.bent = nn.ModuleList(
            nn.Sequential(dense([noise, 64, 64], "tanh"), nn.Linear(64, latent)) for _ in range(bases)
        )

    def bases(self, n: int, generator: torch.Generator | None) -> Float[Tensor, "bases n latent"]:
        """Draw n values of each base."""
        noise = torch.randn(self.n_bases, n, self.n_noise, generator=generator, device=self.to_centre.weight.device)
        both = zip(self.straight, self.bent, noise, strict=True)
        return torch.stack([straight(of) + bent(of) for straight, bent, of in both])

    def parts(self, x: Float[Tensor, "batch pixels"]) -> tuple[Tensor, Float[Tensor, "bases batch latent"]]:
        """Return the centre of each image, and its weights of the bases."""
        features = self.features(x)
        weights = self.to_weights(features).view(len(x), self.n_bases, self.latent).transpose(0, 1)
        return self.to_centre(features), 1.0 + weights  # every base counts in the beginning

    def forward(
        self, x: Float[Tensor, "batch pixels"], generator: torch.Generator | None = None, draws: int = DRAWS
    ) -> Implied:
        """Draw a point for each image, and estimate the moments of its posterior from some draws of the bases."""
        centre, weights = self.parts(x)
        z = centre + (weights * self.bases(len(x), generator)).sum(dim=0)
        with torch.no_grad():
            some = self.bases(draws, generator)
            mean = centre + (weights * some.mean(dim=1, keepdim=True)).sum(dim=0)
            variance = (weights.square() * some.var(dim=1, keepdim=True)).sum(dim=0)
        return Implied(z, DiagonalGaussian(mean, variance.clamp(min=LEAST).log()))


class AdversarialVAE(Game):
    """Tuples (x, z of the encoder) against (x, z of what it is contrasted with) (Mescheder et al., 2017).

    At its best the discriminator's logit is log q(z|x) - log r(z|x), where r is the prior or, adaptively, the
    Gaussian of q's moments; so log-likelihood less logit less log r/p is the bound. A model with a diagonal Gaussian
    posterior, otherwise the same, learns beside it from the same batches: it is the figure to compare with.
    """

    def __init__(
        self,
        decoder: FeedForwardDecoder,
        encoder: ImplicitEncoder,
        discriminator: Discriminator,
        gaussian: LatentModel,
        *,
        adaptive: bool,
    ):
        """Store the networks."""
        super().__init__(
            {"generator": decoder, "encoder": encoder, "gaussian": gaussian}, discriminator, encoder.latent
        )
        self.adaptive = adaptive

    def bout(
        self,
        x: Float[Tensor, "batch pixels"],
        y: Float[Tensor, "batch classes"] | None,  # noqa: ARG002 - this game is told no classes
        generator: torch.Generator,
    ) -> Bout:
        """Return images with points of posterior and contrast; the cost is all of the bound but the logit."""
        implied = self.players["encoder"](x, generator)
        z, moments = implied.z, implied.moments
        nll = self.decoder.nll(z, x)
        other = self.noise(len(x), generator)
        apart = negative_elbo(self.gaussian(x, generator)[0])
        if not self.adaptive:
            return Bout(Pair(x, z), Pair(x, other), nll, apart)
        scaled = (z - moments.mean) / moments.std
        explicit = moments.log_prob(z[None])[0] - standard_normal_log_prob(z)
        return Bout(Pair(x, scaled), Pair(x, other), nll + explicit, apart)

    def loss(self, bout: Bout) -> Float[Tensor, " batch"]:
        """Return the negative bound as the discriminator sees it."""
        if bout.cost is None:
            raise ValueError("Expected a bout of this game, but got one without a cost. Make it with `bout`.")
        return bout.cost + self.discriminator(bout.real)

    @property
    def decoder(self) -> FeedForwardDecoder:
        """The decoder that is trained."""
        return cast(FeedForwardDecoder, self.players["generator"])

    @property
    def gaussian(self) -> LatentModel:
        """The model beside it."""
        return cast(LatentModel, self.players["gaussian"])
