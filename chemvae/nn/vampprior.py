"""VampPrior: the average posterior of some pseudo-inputs that are learned with everything else."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.parts import Inference


class VampPrior(nn.Module):
    """A mixture of the encoder's own posteriors (Tomczak and Welling, 2018)."""

    def __init__(self, encoder: Inference, inputs: Float[Tensor, "pseudo places"]):
        """Begin with some inputs, best drawn from the training set.

        Args:
            encoder: of the model this is the prior of; it stays the model's, and is not saved twice.
            inputs: numbers between 0 and 1.
        """
        super().__init__()
        self._encoder = (encoder,)  # in a tuple, so that torch does not count its weights as ours
        self.logits = nn.Parameter(inputs.clamp(0.01, 0.99).logit())

    @property
    def inputs(self) -> Float[Tensor, "pseudo places"]:
        """The pseudo-inputs, between 0 and 1."""
        return self.logits.sigmoid()

    def log_prob(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        """Log-density of points, which also teaches the encoder."""
        posterior = self._encoder[0](self.inputs)
        each = posterior.log_prob(z[:, None, :].expand(-1, len(self.logits), -1))  # batch x pseudo
        return each.logsumexp(dim=1) - math.log(len(self.logits))

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n latent"]:
        """Draw n points: a pseudo-input each, then a point of its posterior."""
        chosen = torch.randint(len(self.logits), (n,), generator=generator, device=self.logits.device)
        drawn = self._encoder[0](self.inputs[chosen]).draw(generator)
        if drawn.log_share is None:
            return drawn.z[0]
        stratum = torch.multinomial(drawn.log_share.exp().mT, 1, generator=generator)[:, 0]  # one component each
        return drawn.z[stratum, torch.arange(n, device=stratum.device)]
