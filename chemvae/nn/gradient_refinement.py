"""GradientRefinement: one Gaussian fitted to each input by itself, begun at what the encoder believes."""

import torch
from jaxtyping import Float
from torch import Tensor

from chemvae.nn.encoder import LOG_VAR_RANGE
from chemvae.nn.model import LogJoint
from chemvae.nn.posterior import LOG_2PI, DiagonalGaussian, Posterior


class GradientRefinement:
    """Stochastic variational inference per input: mean and variance climb the bound, the networks stay as they are.

    Start and end are compared on the same draws, and the better of the two is kept for each input: on these draws the
    bound is never lower than the encoder's.
    """

    def __init__(self, steps: int, rate: float, samples: int, compared: int):
        """Store the number of Adam's steps, the first one's size, draws per step, and draws of the comparison."""
        self.steps, self.rate, self.samples, self.compared = steps, rate, samples, compared

    def __call__(
        self, posterior: Posterior, log_joint: LogJoint, generator: torch.Generator | None = None
    ) -> DiagonalGaussian:
        """Return the fitted Gaussians, through which no gradient passes to the encoder.

        Raises:
            ValueError: the encoder's posterior is no Gaussian.
        """
        if not isinstance(posterior, DiagonalGaussian):
            raise ValueError(
                f"Expected a Gaussian to refine, but got {type(posterior).__name__}. Set posterior.kind to it."
            )
        start = DiagonalGaussian(posterior.mean.detach(), posterior.log_var.detach())
        end = self.climbed(start, log_joint, generator)
        with torch.no_grad():
            noise = normal((self.compared, *start.mean.shape), start.mean, generator)
            better = (bound(end, noise, log_joint) > bound(start, noise, log_joint))[:, None]
            return DiagonalGaussian(
                torch.where(better, end.mean, start.mean), torch.where(better, end.log_var, start.log_var)
            )

    def climbed(
        self, start: DiagonalGaussian, log_joint: LogJoint, generator: torch.Generator | None
    ) -> DiagonalGaussian:
        """Return where Adam comes to, its steps shrinking to nothing."""
        with torch.enable_grad():
            mean, log_var = start.mean.clone().requires_grad_(), start.log_var.clone().requires_grad_()
            adam = torch.optim.Adam([mean, log_var], lr=self.rate)
            for step in range(self.steps):
                here = DiagonalGaussian(mean, log_var.clamp(*LOG_VAR_RANGE))
                noise = normal((self.samples, *mean.shape), mean, generator)
                loss = -bound(here, noise, log_joint).sum()
                mean.grad, log_var.grad = torch.autograd.grad(loss, [mean, log_var])
                adam.param_groups[0]["lr"] = self.rate * (1 - step / self.steps)
                adam.step()
        return DiagonalGaussian(mean.detach(), log_var.detach().clamp(*LOG_VAR_RANGE))


def normal(shape: tuple[int, ...], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw standard normal noise."""
    return torch.randn(shape, generator=generator, device=like.device, dtype=like.dtype)


def bound(
    posterior: DiagonalGaussian, noise: Float[Tensor, "k batch latent"], log_joint: LogJoint
) -> Float[Tensor, " batch"]:
    """Return the evidence lower bound on given noise, with the entropy in closed form."""
    entropy = 0.5 * (posterior.log_var + 1 + LOG_2PI).sum(dim=-1)
    return log_joint(posterior.mean + noise * posterior.std).mean(dim=0) + entropy
