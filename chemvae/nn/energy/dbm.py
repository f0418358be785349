"""DBM: a deep Boltzmann machine, its data side by mean field and its model side by persistent chains."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from chemvae.nn.energy.machine import Machine
from chemvae.nn.energy.rbm import SMALL, Pair, drawn, logit
from chemvae.systems.energy import DBMConfig

TINY = 1e-7


class DBM(Machine):
    """E(v, h1, h2, ...) = -sum of b.v + c.h - v.W1.h1 - h1.W2.h2 - ... (Salakhutdinov and Hinton, 2009)."""

    chains: Tensor

    def __init__(self, mean: Float[Tensor, " pixels"], settings: DBMConfig):
        """Begin near independence; the chains begin there too."""
        super().__init__()
        widths = [len(mean), *settings.hidden]
        self.widths, self.settings = widths, settings
        self.weights = nn.ParameterList(SMALL * torch.randn(a, b) for a, b in pairwise(widths))
        self.biases = nn.ParameterList([logit(mean), *(torch.zeros(n) for n in settings.hidden)])
        even = torch.cat([bias.detach() for bias in list(self.biases)[::2]])
        self.register_buffer("base", even)
        self.register_buffer("chains", drawn(even.sigmoid().expand(settings.chains, -1)))

    def pushed(self, states: list[Tensor], at: int) -> Tensor:
        """Return the probability of each unit of a layer given the layers beside it."""
        inputs = self.biases[at].expand(len(states[0]), -1)
        if at > 0:
            inputs = inputs + states[at - 1] @ self.weights[at - 1]
        if at < len(self.weights):
            inputs = inputs + states[at + 1] @ self.weights[at].mT
        return inputs.sigmoid()

    @torch.no_grad()
    def mean_field(self, x: Float[Tensor, "batch pixels"]) -> list[Tensor]:
        """Return the image and the means of independent hidden units that fit it, odd and even layers in turn."""
        states = [x]
        for at, weight in enumerate(self.weights):
            doubled = 2.0 if at < len(self.weights) - 1 else 1.0  # in place of what will come from above
            states.append((doubled * states[at] @ weight + self.biases[at + 1]).sigmoid())
        for _ in range(self.settings.mean_field):
            for first in (1, 2):
                for at in range(first, len(states), 2):
                    states[at] = self.pushed(states, at)
        return states

    def energy(self, states: list[Tensor]) -> Float[Tensor, " batch"]:
        """Return the energy of states, or its mean over independent units of these means."""
        linear = sum((state @ bias for state, bias in zip(states, self.biases, strict=True)), torch.zeros(()))
        between = zip(pairwise(states), self.weights, strict=True)
        return -linear - sum(((a @ weight * b).sum(dim=1) for (a, b), weight in between), torch.zeros(()))

    def loss(self, x: Float[Tensor, "batch pixels"], generator: torch.Generator, epoch: int) -> Float[Tensor, " batch"]:
        """Return a loss whose gradient is that of the bound; in the first epochs of one pair after another."""
        turn = epoch // self.settings.layer_epochs if self.settings.layer_epochs else len(self.weights)
        if turn < len(self.weights):
            return self.layer_loss(x, turn, generator)
        self.move(generator)
        return self.energy(self.mean_field(x)) - self.energy(self.chain_states(generator)).mean()

    def layer_loss(self, x: Tensor, at: int, generator: torch.Generator) -> Float[Tensor, " batch"]:
        """Return contrastive divergence of a pair whose inner sides count double, for the layers they will have.

        Inside the machine a hidden layer is told from both sides. Before there is another side, what comes from this
        one counts for both: the way up in all pairs but the last, the way down in all but the first.
        """
        up = 1.0 if at == len(self.weights) - 1 else 2.0
        down = 1.0 if at == 0 else 2.0
        weight, b, c = self.weights[at], self.biases[at], self.biases[at + 1]
        with torch.no_grad():
            v = x
            for below in range(at):
                v = drawn((2 * v @ self.weights[below] + self.biases[below + 1]).sigmoid(), generator)
            h = (up * v @ weight + c).sigmoid()
            other, hidden = v, h
            for _ in range(self.settings.steps):
                other = drawn((down * drawn(hidden, generator) @ weight.mT + b).sigmoid(), generator)
                hidden = (up * other @ weight + c).sigmoid()

        def energy(v: Tensor, h: Tensor) -> Tensor:
            return -(v @ b) - h @ c - (v @ weight * h).sum(dim=1)

        return energy(v, h) - energy(other, hidden)

    def whole(self) -> Pair:
        """Return the machine as two layers: even ones see odd ones only, so together they are a pair."""
        rows = []
        for even in range(0, len(self.widths), 2):
            blocks = [self.between(even, odd) for odd in range(1, len(self.widths), 2)]
            rows.append(torch.cat(blocks, dim=1))
        b, c = torch.cat(list(self.biases)[::2]), torch.cat(list(self.biases)[1::2])
        return Pair(torch.cat(rows).detach(), b.detach(), c.detach())

    def between(self, even: int, odd: int) -> Tensor:
        """Return the weights between two layers; zeros if they are no neighbours."""
        if odd == even + 1:
            return self.weights[even]
        if odd == even - 1:
            return self.weights[odd].mT
        return torch.zeros(self.widths[even], self.widths[odd])

    @torch.no_grad()
    def move(self, generator: torch.Generator) -> None:
        """Let the chains go on."""
        self.chains.copy_(self.whole().gibbs(self.chains, self.settings.steps, generator))

    @torch.no_grad()
    def chain_states(self, generator: torch.Generator) -> list[Tensor]:
        """Return where the chains stand: even layers as they are, odd ones by their means given these."""
        del generator
        odd = list(self.whole().to_hidden(self.chains).split(self.widths[1::2], dim=1))
        even = list(self.chains.split(self.widths[::2], dim=1))
        return [even[at // 2] if at % 2 == 0 else odd[at // 2] for at in range(len(self.widths))]

    def recalled(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch pixels"]:
        """Return what the hidden units of an image expect to see."""
        return self.pushed(self.mean_field(x), 0)

    def normalised(self) -> tuple[Pair, Tensor]:
        """Return the machine as a pair of layers."""
        return self.whole(), self.base

    def log_px(
        self,
        x: Float[Tensor, "batch pixels"],
        log_z: float,
        k: int,  # noqa: ARG002 - nothing is sampled
        generator: torch.Generator,  # noqa: ARG002
    ) -> dict[str, Float[Tensor, " batch"]]:
        """Return the bound that mean field gives of each image."""
        states = self.mean_field(x)
        means = torch.cat(states[1:], dim=1).clamp(TINY, 1 - TINY)
        entropy = -(means * means.log() + (1 - means) * (-means).log1p()).sum(dim=1)
        return {"negative_bound": self.energy(states) - entropy + log_z}

    def shown(
        self,
        particles: Float[Tensor, "n units"],
        generator: torch.Generator,  # noqa: ARG002
    ) -> Float[Tensor, "n pixels"]:
        """Return the expected images of states of the even layers."""
        whole = self.whole()
        return whole.to_visible(whole.to_hidden(particles))[:, : self.widths[0]]

    def filters(self) -> Float[Tensor, "pixels hidden"]:
        """Return what each unit of the first hidden layer looks for."""
        return self.weights[0]
