"""retrained: a copy of a model that has seen some molecules again, the better ones more often, beside old ones."""

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from chemvae.nn.objectives import negative_elbo
from chemvae.nn.parts import PAD
from chemvae.nn.vae import VAE


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """What a model is shown again: strings by weight, and strings that it could write before."""

    x: Int[Tensor, "n length"]
    """ids of molecules to learn, padded at the right"""
    weights: Float[Tensor, " n"]
    """how often each is drawn, in proportion"""
    replay: Int[Tensor, "m wide"]
    """ids of molecules not to forget"""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How long and how fast."""

    steps: int = 40
    """batches"""
    batch: int = 64
    """molecules in a batch, half of them replay"""
    learning_rate: float = 3e-4
    clip: float = 1.0
    """largest norm of a step's gradient"""
    beta: float = 0.1
    """weight of the KL, as at the end of the training of the bundled model"""
    blurred: float = 0.3
    """share of points that the decoder sees only through noise, so that what lies between molecules learns too"""


def retrained(vae: VAE, lessons: Lessons, course: Course, seed: int) -> VAE:
    """Return a copy that took the lessons; the model itself stays as it is, and so does the property head.

    The result depends on the arguments alone: noise and batches come from a generator of their own.
    """
    taught = copy.deepcopy(vae).requires_grad_(True)
    if taught.head is not None:
        taught.head.requires_grad_(False)
    ready(taught)
    device = next(taught.parameters()).device
    chance = torch.Generator().manual_seed(seed)
    noise = torch.Generator(device).manual_seed(seed)
    learned = [weight for part in (taught.encoder, taught.decoder) for weight in parameters(part)]
    adam = torch.optim.Adam(learned, lr=course.learning_rate)
    for _ in range(course.steps):
        x = drawn(lessons, course.batch, chance).to(device)
        terms, _ = taught(x, noise, blurred=course.blurred)
        adam.zero_grad()
        negative_elbo(terms, course.beta).mean().backward()
        nn.utils.clip_grad_norm_(learned, course.clip)
        adam.step()
    return taught.eval().requires_grad_(False)


def ready(vae: VAE) -> None:
    """Let a model train without dropout and without new batch statistics: a few steps would only blur them."""
    vae.train()
    for part in vae.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm | nn.Dropout):  # noqa: SLF001
            part.eval()


def parameters(part: object) -> list[nn.Parameter]:
    """Return what can be learned of a part."""
    return list(part.parameters()) if isinstance(part, nn.Module) else []


def drawn(lessons: Lessons, n: int, chance: torch.Generator) -> Int[Tensor, "batch length"]:
    """Return a batch: half of it molecules by their weight, half replay, cut to its longest string."""
    half = n // 2 if len(lessons.replay) else 0
    rows = torch.multinomial(lessons.weights, n - half, replacement=True, generator=chance)
    parts = [lessons.x[rows]]
    if half:
        parts.append(lessons.replay[torch.randint(len(lessons.replay), (half,), generator=chance)])
    width = max(part.shape[1] for part in parts)
    x = torch.cat([nn.functional.pad(part, (0, width - part.shape[1]), value=PAD) for part in parts])
    return x[:, : int((x != PAD).sum(dim=1).max())]
