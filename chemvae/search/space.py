"""What a search sees of a model and a method: functions and arrays, no network and no chemistry."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.sparse import csr_array

from chemvae.molecule import Molecule
from chemvae.search.history import History


@dataclass(frozen=True, kw_only=True)
class Edits:
    """Changes of molecules as functions of text; None comes back where nothing came of it."""

    mutate: Callable[[str, np.random.Generator], str | None]
    """one small change of a molecule"""
    cross: Callable[[str, str, np.random.Generator], str | None]
    """parts of two molecules joined"""


@dataclass(frozen=True, kw_only=True)
class Space:
    """A latent space as functions of arrays; a parabola makes one as well as a model does."""

    latent: int
    """how many dimensions z has"""
    write: Callable[[Float[ndarray, "n latent"]], list[Molecule]]
    """decode: n points in, n molecules out, each with its verdict"""
    read: Callable[[list[str]], Float[ndarray, "n latent"]]
    """encode: where molecules lie; a row of NaN for one that has no place"""
    draw: Callable[[int, np.random.Generator], Float[ndarray, "n latent"]]
    """points as the prior, or whatever the decoder was trained on, has them"""
    slope: Callable[[Any], Any] | None = None
    """the model's own estimate of the objective at z, differentiable (torch); None where it has none"""
    density: Callable[[Any], Any] | None = None
    """logarithm of the prior's density at z, differentiable (torch); None where nobody knows it"""
    surprise: Callable[[Any, list[str]], Any] | None = None
    """how unlikely the decoder holds each molecule at its z, in nats, differentiable (torch); None where unknown"""
    resembles: Callable[[list[str]], Sequence[bool]] | None = None
    """whether molecules are similar enough to the lead; None without a lead"""
    retrain: Callable[[list[str], Float[ndarray, " n"], int], "Space"] | None = None
    """the space of a copy of the model that saw molecules again by weight, given a seed; the same space if the copy
    turned out worse; None where nothing can be retrained"""
    edits: Edits | None = None
    """changes of molecules that need no latent space; None where there are none"""
    describe: Callable[[list[str]], csr_array] | None = None
    """molecules as rows of counts, e.g. of substructures; None where there is nothing to count"""
    allows: Callable[[list[str]], list[bool]] | None = None
    """whether molecules meet every known constraint; free; an optimizer sets it"""

    @functools.cached_property
    def scale(self) -> tuple[Float[ndarray, " latent"], Float[ndarray, " latent"]]:
        """Mean and standard deviation of the prior in each dimension, from points drawn with a fixed seed."""
        z = self.draw(1024, np.random.default_rng(0))
        return z.mean(axis=0), np.maximum(z.std(axis=0), 1e-6)


@dataclass(frozen=True)
class Proposals:
    """Points to decode, and by which move each was made."""

    z: Float[ndarray, "n latent"]
    """where to look"""
    how: tuple[str, ...]
    """`local`, `crossover`, `prior` ..."""

    @classmethod
    def joined(cls, *parts: "Proposals") -> "Proposals":
        """Return all proposals in one."""
        return cls(np.concatenate([part.z for part in parts]), tuple(how for part in parts for how in part.how))


@dataclass(frozen=True)
class Written:
    """Proposals that are molecules already, and by which move each was made."""

    molecules: tuple[Molecule, ...]
    """with their verdicts"""
    how: tuple[str, ...]
    """`crossover`, `mutation`, `prior` ..."""

    @classmethod
    def joined(cls, *parts: "Written") -> "Written":
        """Return all proposals in one."""
        molecules = tuple(molecule for part in parts for molecule in part.molecules)
        return cls(molecules, tuple(how for part in parts for how in part.how))


@dataclass(frozen=True)
class Pool:
    """New molecules that may be measured, out of which a method chooses."""

    smiles: tuple[str, ...]
    """canonical"""
    z: Float[ndarray, "m latent"]
    """where each of them really lies; NaN if the method does not want to know"""
    pending: tuple[str, ...] = ()
    """molecules that were asked for and not yet told of"""

    def __len__(self) -> int:
        return len(self.smiles)


@runtime_checkable
class Method(Protocol):
    """A way to search: points to decode or molecules, then which of the molecules that came out are worth a call.

    Both verbs depend on their arguments alone, so that the same seed and history give the same answer.
    """

    @property
    def oversample(self) -> int:
        """How many proposals to make for each call of the oracle."""
        ...

    @property
    def places(self) -> bool:
        """Whether it wants to know where molecules lie; if not, nothing is encoded."""
        ...

    def propose(self, n: int, history: History, space: Space, rng: np.random.Generator) -> Proposals | Written:
        """Return about n points to decode, or molecules."""
        ...

    def choose(
        self, k: int, pool: Pool, history: History, space: Space, rng: np.random.Generator
    ) -> Int[ndarray, " k"]:
        """Return which k of the new molecules to measure."""
        ...
