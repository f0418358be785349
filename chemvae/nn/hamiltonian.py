"""Hamiltonian moves: the leapfrog, and a posterior whose draws are carried by it towards p(z|x)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.model import LogJoint
from chemvae.nn.posterior import Drawn, Posterior, standard_normal_log_prob

COOL = 3.0
"""Before the sigmoid: an inverse temperature of .95 to begin with; a hotter start costs bound where q is good."""


def slope(log_joint: LogJoint, z: Float[Tensor, "k batch latent"], *, keep: bool) -> Float[Tensor, "k batch latent"]:
    """Return the gradient of log p(x, z) at some points; `keep` lets gradients pass through it."""
    with torch.enable_grad():
        at = z if keep and z.requires_grad else z.detach().requires_grad_()
        return torch.autograd.grad(log_joint(at).sum(), at, create_graph=keep)[0]


def leapfrog(
    z: Tensor, momentum: Tensor, step: Tensor | float, gradient: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Move points and momenta by one step, which keeps volumes and can be undone by turning the momentum."""
    momentum = momentum + 0.5 * step * gradient(z)
    z = z + step * momentum
    return z, momentum + 0.5 * step * gradient(z)


@dataclass(frozen=True)
class HamiltonianPosterior:
    """Draws of another posterior, given a momentum and carried along by log p(x, z).

    The density is that of point and momentum together, less the standard normal's at the last momentum. With it,
    exp(log p(x, z) - log q) has the mean p(x): the bound is proper on the extended space, without an accept step
    (Salimans et al., 2015; Caterini et al., 2018). The momentum begins hot, with variance 1 / heat, and is cooled
    step by step: no volume is left to account for.
    """

    base: Posterior
    """what the encoder believes"""
    log_joint: LogJoint
    """log p(x, z) of its inputs"""
    step: Float[Tensor, " latent"]
    """step size along each dimension"""
    heat: Float[Tensor, ""]
    """inverse temperature of the first momentum, at most 1"""
    moves: int
    """leapfrog steps"""

    @property
    def mean(self) -> Float[Tensor, "batch latent"]:
        """The encoder's."""
        return self.base.mean

    def draw(self, generator: torch.Generator | None = None, k: int = 1) -> Drawn:
        """Draw k points per input and carry them; the density is the extended one."""
        first = self.base.draw(generator, k)
        z, keep = first.z, torch.is_grad_enabled()
        noise = torch.randn(z.shape, generator=generator, device=z.device, dtype=z.dtype)
        momentum = noise * self.heat.rsqrt()
        first_root = self.heat.rsqrt()  # root of the temperature: from here to 1, evenly in the square of the move
        root = first_root
        for move in range(1, self.moves + 1):
            z, momentum = leapfrog(z, momentum, self.step, lambda at: slope(self.log_joint, at, keep=keep))
            cooler = first_root + (1 - first_root) * (move / self.moves) ** 2
            momentum, root = momentum * (cooler / root), cooler
        # q(z, momentum) = q(first z) N(noise): the first momentum's scale and the cooling cancel
        log_q = first.log_qz + standard_normal_log_prob(noise) - standard_normal_log_prob(momentum)
        return Drawn(z, log_q, first.log_share)

    def log_prob(self, z: Float[Tensor, "k batch latent"]) -> Float[Tensor, "k batch"]:
        """Refuse: the density of a point alone is an integral over momenta."""
        raise NotImplementedError("A posterior moved by Hamiltonian steps weighs its own draws only.")

    def kl(self) -> None:
        """Return nothing: it has no closed form."""
        return


class HamiltonianRefinement(nn.Module):
    """Moves the encoder's draws by a few leapfrog steps, whose size and heat are learned with the bound."""

    def __init__(self, latent: int, moves: int, first_step: float):
        """Begin with the same step along every dimension."""
        super().__init__()
        self.moves = moves
        self.log_step = nn.Parameter(torch.full((latent,), first_step).log())
        self.heat = nn.Parameter(torch.tensor(COOL))

    def forward(
        self, posterior: Posterior, log_joint: LogJoint, generator: torch.Generator | None = None
    ) -> HamiltonianPosterior:
        """Return the posterior whose draws are carried; nothing is drawn yet."""
        del generator
        return HamiltonianPosterior(posterior, log_joint, self.log_step.exp(), self.heat.sigmoid(), self.moves)
