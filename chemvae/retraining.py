"""Retrainer: a model taught anew inside a search, on a copy that is kept only if it did not unlearn anything."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from chemvae.codec import Codec
from chemvae.search.space import Space
from chemvae.training.retrain import Course, Lessons, retrained

REPLAY = 1000  # molecules that the model itself writes, shown again against forgetting
LOOKED_AT = 100  # of the best molecules, that must be reconstructed as before
SAMPLES = 256  # points of the prior, that must give molecules as before
LOST = 0.01  # share of valid samples that may be lost: less is within the error of so many
VARIED = 0.5  # share of different molecules that is left of what there was; less is a collapse


@dataclass(frozen=True, slots=True)
class Health:
    """What a model can do."""

    exact: float
    """share of some molecules that it gives back from where it encodes them"""
    valid: float
    """share of points of the prior at which it writes a molecule"""
    varied: float
    """share of different ones among these"""


@dataclass(frozen=True, slots=True)
class Retraining:
    """What became of one retraining."""

    molecules: int
    """how many were taught"""
    before: Health
    after: Health

    @property
    def kept(self) -> bool:
        """Whether the taught model is used: it reconstructs and writes no worse, and not the same everywhere."""
        return (
            self.after.exact >= self.before.exact
            and self.after.valid >= self.before.valid - LOST
            and self.after.varied >= VARIED * self.before.varied
        )

    def __str__(self) -> str:
        def each(name: str) -> str:
            return f"{getattr(self.before, name):.1%} to {getattr(self.after, name):.1%}"

        return (
            f"retrained on {self.molecules:,} molecules: reconstruction of the best {each('exact')}, valid samples "
            f"{each('valid')}, different ones {each('varied')}; {'kept' if self.kept else 'rolled back'}"
        )


class Retrainer:
    """Teaches copies of a model; the model itself, and what is on disk, never changes."""

    def __init__(self, base: Codec, course: Course | None = None):
        """Store the model that a search began with, whose own samples are shown again, and how long to teach."""
        self.base, self.course = base, course or Course()

    @cached_property
    def replay(self) -> Int[Tensor, "m length"]:
        """Molecules that the first model writes at points of its prior, as ids."""
        written = self.base.decode(self.base.prior(REPLAY, seed=0))
        return padded(self.base, [one.smiles for one in written if one.smiles is not None])

    def teach(
        self, model: Codec, smiles: Sequence[str], weights: Float[ndarray, " n"], seed: int
    ) -> tuple[Codec, Retraining | None]:
        """Return a copy of a model that saw molecules again by weight, or the model itself if the copy is worse.

        None comes beside it if the model can read none of the molecules.
        """
        readable = np.array([bool(ids) for ids in model.read(smiles)[1]], dtype=bool)
        if not readable.any():
            return model, None
        known = [text for text, fine in zip(smiles, readable, strict=True) if fine]
        lessons = Lessons(
            x=padded(model, known),
            weights=torch.as_tensor(weights[readable], dtype=torch.float32),
            replay=self.replay,
        )
        other = copy.copy(model)
        other.vae = retrained(model.vae, lessons, self.course, seed)
        best = known[:LOOKED_AT]
        outcome = Retraining(len(known), health(model, best), health(other, best))
        return (other if outcome.kept else model), outcome


def health(model: Codec, best: Sequence[str]) -> Health:
    """Return what a model makes of some molecules and of points of its prior, always the same ones."""
    back = model.decode(model.encode(best))
    sampled = [one.smiles for one in model.decode(model.prior(SAMPLES, seed=1), free=True)]
    valid = [smiles for smiles in sampled if smiles is not None]
    exact = np.mean([one.smiles == smiles for one, smiles in zip(back, best, strict=True)])
    return Health(float(exact), len(valid) / SAMPLES, len(set(valid)) / SAMPLES)


def padded(model: Codec, smiles: Sequence[str]) -> Int[Tensor, "n length"]:
    """Return the ids of molecules that the model can read, padded at the right."""
    rows = [torch.tensor(ids) for ids in model.read(smiles)[1]]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def opened(
    space: Space, model: object, again: Callable[[Codec], Space], teach: Retrainer | None, say: Callable[[str], None]
) -> Space:
    """Return a space that also has what only networks can tell: density, surprise, and itself retrained.

    Args:
        space: of the model.
        model: a codec; of anything else the space is returned as it is.
        again: makes the space of another model.
        teach: what retrains; None begins a new one from this model.
        say: is told what became of each retraining.
    """
    if not isinstance(model, Codec):
        return space
    teacher = teach or Retrainer(model)

    def surprise(z: Tensor, smiles: list[str]) -> Tensor:
        with torch.backends.cudnn.flags(enabled=False):  # its recurrences have no gradient outside training
            return model.vae.decoder.nll(z.to(model.device), padded(model, smiles).to(model.device)).to(z.device)

    def retrain(smiles: list[str], weights: Float[ndarray, " n"], seed: int) -> Space:
        other, outcome = teacher.teach(model, smiles, weights, seed)
        say(str(outcome) if outcome else "not retrained: the model can read none of the molecules")
        return opened(again(other), other, again, teacher, say)

    return replace(
        space,
        density=lambda z: model.vae.prior.log_prob(z.to(model.device)).to(z.device),
        surprise=surprise,
        retrain=retrain,
    )
