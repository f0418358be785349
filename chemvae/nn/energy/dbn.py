"""DBN: a deep belief network, a stack of Boltzmann machines taught one after another from below."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from chemvae.nn.energy.machine import Machine
from chemvae.nn.energy.rbm import Pair, Taught, drawn, logit, pair
from chemvae.systems.energy import DBNConfig


class DBN(Machine):
    """The top two layers are a Boltzmann machine; what they say is written downwards (Hinton et al., 2006).

    Where a layer is as wide as the one two below, its machine begins as the one below turned upside down, when its
    turn comes: then the stack says at first what it said without it, and can only gain.
    """

    turn: Tensor

    def __init__(self, mean: Float[Tensor, " pixels"], settings: DBNConfig):
        """Begin each machine near independence."""
        super().__init__()
        widths, chains = [len(mean), *settings.hidden], settings.chains if settings.persistent else 0
        self.epochs = settings.layer_epochs
        self.stack = nn.ModuleList(
            Taught(pair(a, b, logit(mean) if at == 0 else None), settings.steps, chains)
            for at, (a, b) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.register_buffer("turn", torch.zeros((), dtype=torch.long))
        self.register_buffer("base", torch.zeros(widths[-2]) if len(widths) > 2 else logit(mean))  # noqa: PLR2004

    def pairs(self) -> list[Pair]:
        """Return the machines, from below."""
        return [taught.layers for taught in self.stack if isinstance(taught, Taught)]

    def lifted(self, x: Float[Tensor, "batch pixels"], layers: int, generator: torch.Generator) -> Tensor:
        """Draw the states of a layer from below."""
        for below in self.pairs()[:layers]:
            x = drawn(below.to_hidden(x), generator)
        return x

    def loss(self, x: Float[Tensor, "batch pixels"], generator: torch.Generator, epoch: int) -> Float[Tensor, " batch"]:
        """Return contrastive divergence of the machine whose turn it is; those below are done, those above wait."""
        at = min(epoch // self.epochs, len(self.stack) - 1)
        if at > int(self.turn):
            self.turn.fill_(at)
            self.turned(at)
        with torch.no_grad():
            below = self.lifted(x, at, generator)
        return self.stack[at].loss(below, generator)  # type: ignore[operator]

    @torch.no_grad()
    def turned(self, at: int) -> None:
        """Let a machine begin as the one below it turned upside down, if the widths allow it."""
        below, here = self.pairs()[at - 1], self.pairs()[at]
        if below.weight.shape == here.weight.mT.shape:
            here.weight.copy_(below.weight.mT)
            here.b.copy_(below.c)
            here.c.copy_(below.b)

    def recalled(self, x: Float[Tensor, "batch pixels"]) -> Float[Tensor, "batch pixels"]:
        """Return what comes back of an image from the top, by probabilities."""
        for layers in self.pairs():
            x = layers.to_hidden(x)
        for layers in reversed(self.pairs()):
            x = layers.to_visible(x)
        return x

    def normalised(self) -> tuple[Pair, Tensor]:
        """Return the top machine, the only one that has a partition function."""
        return self.pairs()[-1], self.base

    def log_px(
        self, x: Float[Tensor, "batch pixels"], log_z: float, k: int, generator: torch.Generator
    ) -> dict[str, Float[Tensor, " batch"]]:
        """Return the bound of each image and its log-likelihood by importance sampling, the way up for proposals."""
        weights = torch.stack([self._log_weight(x, generator) for _ in range(k)]) - log_z  # k x batch
        log_k = torch.tensor(float(k)).log()
        return {"negative_bound": -weights.mean(dim=0), "nll": log_k - weights.logsumexp(dim=0)}

    def _log_weight(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return log p(x, h) + log Z - log q(h|x) at states drawn on the way up."""
        total = torch.zeros(len(x))
        for layers in self.pairs()[:-1]:
            up = x @ layers.weight + layers.c
            h = drawn(up.sigmoid(), generator)
            down = h @ layers.weight.mT + layers.b
            total += log_bernoulli(down, x) - log_bernoulli(up, h)
            x = h
        return total + self.pairs()[-1].log_density(x)

    def shown(self, particles: Float[Tensor, "n units"], generator: torch.Generator) -> Float[Tensor, "n pixels"]:
        """Return the expected images below states of the top machine."""
        top, below = self.pairs()[-1], self.pairs()[:-1]
        image = top.to_visible(top.to_hidden(particles))
        for layers in reversed(below):
            image = layers.to_visible(drawn(image, generator))
        return image

    def filters(self) -> Float[Tensor, "pixels hidden"]:
        """Return what each unit of the first hidden layer looks for."""
        return self.pairs()[0].weight


def log_bernoulli(logits: Float[Tensor, "batch units"], states: Float[Tensor, "batch units"]) -> Tensor:
    """Return the log-probability of states of independent units."""
    return -F.binary_cross_entropy_with_logits(logits, states, reduction="none").sum(dim=1)
