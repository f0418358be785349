"""Codec: strings to points and back, over one bundle; the walk that every verb takes."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from numpy import ndarray
from rdkit import Chem
from torch import Tensor

from chemvae.chem.grammar import Grammar
from chemvae.chem.judge import Text, judge_one, judge_sentence
from chemvae.chem.taking import Taking
from chemvae.errors import BundleError, InputError
from chemvae.io.bundle import Bundle, write_bundle
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.nn.build import build
from chemvae.nn.parts import EOS

CHUNK = 1024
"""Rows that go through the networks at once; beyond this nothing gets faster."""


class Codec:
    """A trained model with everything that is needed to use it: networks, vocabulary, scales, statistics."""

    def __init__(self, bundle: Bundle, device: str | torch.device | None = None):
        """Build the networks and load the weights.

        Args:
            bundle: what `read_bundle` returned.
            device: where to run; None takes a GPU if there is one.

        Raises:
            BundleError: weights and configuration do not fit each other.
        """
        self.bundle = bundle
        self.taking = Taking(bundle.tokenizer, bundle.length)
        """how molecules become ids"""
        self.tokenizer = self.taking.tokenizer
        self.rules = Grammar.of(self.tokenizer)
        """what may be written; None where nothing is known of it"""
        self.judge_one = judge_sentence if self.tokenizer.of_sentences else judge_one
        """what becomes of one string"""
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        check_shapes(bundle, len(self.tokenizer))
        self.vae = build(bundle.model, len(self.tokenizer), bundle.length, bundle.targets)
        self.vae.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in bundle.weights.items()})
        self.vae.to(self.device).eval().requires_grad_(False)

    def __repr__(self) -> str:
        """Tell what it is in one line."""
        return f"{type(self).__name__}({self.name!r}, latent={self.latent}, properties={list(self.property_names)})"

    @property
    def name(self) -> str:
        """What the model calls itself."""
        return self.bundle.name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over names and values of all weights, by which a resumed search knows its model."""
        digest = hashlib.sha256()
        for name, value in sorted(self.bundle.weights.items()):
            digest.update(name.encode() + b"\0" + np.ascontiguousarray(value).tobytes())
        return digest.hexdigest()

    @property
    def latent(self) -> int:
        """Dimensions of z."""
        return self.bundle.model.latent

    @property
    def length(self) -> int:
        """Longest string in tokens, the end mark included."""
        return self.bundle.length

    @property
    def property_names(self) -> tuple[str, ...]:
        """What the head predicts."""
        return tuple(self.bundle.targets) if self.vae.head is not None else ()

    @property
    def latent_std(self) -> Float[ndarray, " latent"]:
        """Standard deviation of the training molecules' z, per dimension, which is the unit of `neighbors`."""
        return np.asarray(self.bundle.latent["std"], dtype=np.float32)

    def read(self, smiles: Iterable[Text]) -> tuple[list[Molecule], list[list[int]]]:
        """Judge strings and turn those that the model can take into ids, the end mark included; else no ids."""
        pairs = [self.read_one(text) for text in smiles]
        return [molecule for molecule, _ in pairs], [ids for _, ids in pairs]

    def read_one(self, text: Text) -> tuple[Molecule, list[int]]:
        """Judge a string and turn it into ids, the end mark included; none if the model cannot take it."""
        return self.taking(self.judge_one(text))

    def posterior(self, smiles: Iterable[Text]) -> Encoded:
        """Encode SMILES: mean and standard deviation of each posterior, NaN and a reason for what cannot be read."""
        molecules, ids = self.read(as_list(smiles))
        return Encoded(*self.posterior_of_ids(ids), molecules)

    @torch.no_grad()
    def posterior_of_ids(
        self, ids: Sequence[Sequence[int] | ndarray]
    ) -> tuple[Float[ndarray, "n latent"], Float[ndarray, "n latent"]]:
        """Encode molecules that were numbered: mean and standard deviation of each posterior, NaN where are no ids."""
        mean = np.full((len(ids), self.latent), np.nan, dtype=np.float32)
        std = mean.copy()
        rows = np.array(sorted((i for i, one in enumerate(ids) if len(one)), key=lambda i: len(ids[i])), dtype=np.int64)
        for first in range(0, len(rows), CHUNK):
            chunk = rows[first : first + CHUNK]
            x = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids[i]) for i in chunk], batch_first=True)
            found = self.vae.encoder(x.to(self.device))
            mean[chunk], std[chunk] = found.mean.cpu().numpy(), found.std.cpu().numpy()
        return mean, std

    def encode(self, smiles: Iterable[Text]) -> Float[ndarray, "n latent"]:
        """Return the mean of each molecule's posterior, row for row; NaN for what cannot be read."""
        return self.posterior(smiles).mean

    def decode(
        self,
        z: Float[ndarray, "n latent"],
        temperature: float = 0.0,
        beam: int = 1,
        seed: int | None = None,
        *,
        free: bool = False,
    ) -> list[Molecule]:
        """Write one molecule per point, each with a verdict.

        Args:
            z: the points; a row that is not finite comes back as a failure.
            temperature: 0 takes the likeliest token at each step, 1 draws from the decoder's distribution.
            beam: width of a beam search, with temperature 0.
            seed: of the draws; None is a different one each time.
            free: choose among all tokens, also those that no valid SMILES could go on with.
        """
        return self._decode(as_points(z, self.latent), temperature, beam, seeded_generator(self.device, seed), free)

    def _decode(
        self, z: Float[ndarray, "n latent"], temperature: float, beam: int, chance: torch.Generator, free: bool
    ) -> list[Molecule]:
        if temperature < 0 or beam < 1 or (beam > 1 and temperature > 0):
            raise InputError(
                f"Expected temperature >= 0 and beam >= 1, and not both a beam and a temperature, but got temperature "
                f"{temperature} and beam {beam}. Choose one."
            )
        fine = np.flatnonzero(np.isfinite(z).all(axis=1))
        found = [Molecule("", None, Verdict.FAILED, "the point is not finite")] * len(z)
        for first in range(0, len(fine), CHUNK):
            chunk = fine[first : first + CHUNK]
            points = torch.from_numpy(z[chunk]).to(self.device)
            decoder, rules = self.vae.decoder, None if free else self.rules
            if beam > 1:
                ids = decoder.beam(points, beam, rules)
            else:
                ids = decoder.sample(points, temperature, chance, rules=rules)
            for row, molecule in zip(chunk, self._judge(ids), strict=True):
                found[row] = molecule
        return found

    def _judge(self, ids: Tensor) -> list[Molecule]:
        rows = ids.tolist()
        judged = [self.judge_one(self.tokenizer.decode(row)) for row in rows]
        endless = Verdict.TOO_LONG
        return [
            molecule if EOS in row else Molecule(molecule.text, None, endless, f"no end within {self.length} tokens")
            for molecule, row in zip(judged, rows, strict=True)
        ]

    def prior(self, n: int, seed: int | None = None) -> Float[ndarray, "n latent"]:
        """Draw points from the prior: N(0, I), or what was fitted to where the training molecules lie."""
        return self.vae.prior.sample(n, seeded_generator(self.device, seed)).cpu().numpy()

    def sample(
        self, n: int, temperature: float = 1.0, seed: int | None = None, *, free: bool = False
    ) -> list[Molecule]:
        """Write n molecules from points of the prior, each with a verdict; nothing is filtered.

        `free` chooses among all tokens at each step, also those that no valid SMILES could go on with.
        """
        if n < 1:
            raise InputError(f"Expected at least 1 molecule to sample, but got {n}.")
        chance = seeded_generator(self.device, seed)  # one for points and tokens: two of one seed would agree
        return self._decode(self.vae.prior.sample(n, chance).cpu().numpy(), temperature, 1, chance, free)

    @torch.no_grad()
    def predict_z(self, z: Float[ndarray, "n latent"]) -> Float[ndarray, "n props"]:
        """Return the head's properties at points; a row of NaN where a point is not finite."""
        if self.vae.head is None:
            raise InputError(
                f"Expected a model with a property head, but {self.name} has none. Train one with [model.head]."
            )
        return self.vae.head(torch.from_numpy(as_points(z, self.latent)).to(self.device)).cpu().numpy()

    def predict(self, smiles: Iterable[Text]) -> pd.DataFrame:
        """Return the head's properties of molecules, row for row; NaN for what cannot be read.

        A column of a data frame keeps its index.
        """
        index = smiles.index if isinstance(smiles, pd.Series) else None
        return pd.DataFrame(self.predict_z(self.encode(smiles)), columns=list(self.property_names), index=index)

    def one(self, smiles: Text) -> tuple[Float[ndarray, " latent"], str]:
        """Encode one molecule that has to be readable; returns its point and its canonical SMILES.

        Raises:
            InputError: RDKit or the model cannot read it.
        """
        encoded = self.posterior([smiles])
        molecule = encoded.molecules[0]
        if molecule.smiles is None:
            what = "sentence" if self.tokenizer.of_sentences else "molecule"
            raise InputError(
                f"Expected a {what} that {self.name} can read, but got {molecule.text!r}: {molecule.reason}. "
                "Correct it, or take another."
            )
        return encoded.mean[0], molecule.smiles

    def save(self, folder: Path | str, card: str) -> None:
        """Write the model as a bundle."""
        write_bundle(self.bundle, folder, card)


def refuse_sentences(model: object, verb: str) -> None:
    """Raise for a model of sentences, where only molecules make sense.

    Raises:
        InputError: it is one.
    """
    if isinstance(model, Codec) and model.tokenizer.of_sentences:
        raise InputError(
            f"Expected a model of molecules to {verb}, but {model.name} writes sentences. Use sample, interpolate, "
            "neighbors, encode or decode with it."
        )


def seeded_generator(device: torch.device, seed: int | None) -> torch.Generator:
    """Return a generator on a device; without a seed it differs each time."""
    chance = torch.Generator(device)
    chance.manual_seed(seed) if seed is not None else chance.seed()
    return chance


def as_list(smiles: Text | Iterable[Text]) -> list[Text]:
    """Return a list of SMILES and molecules of RDKit, out of a list, an array or a column of a data frame.

    Raises:
        InputError: one string or molecule was given, which would be read letter by letter, or a whole data frame.
    """
    if isinstance(smiles, str | Chem.Mol):
        what, shown = ("string", repr(smiles[:60])) if isinstance(smiles, str) else ("molecule", "molecule")
        raise InputError(f"Expected a list of SMILES, but got one {what}. Write [{shown}].")
    if isinstance(smiles, pd.DataFrame):
        raise InputError(
            f"Expected a column of SMILES, but got a data frame with {', '.join(map(str, smiles.columns))}. "
            'Write frame["smiles"].'
        )
    if smiles is None or isinstance(smiles, float):
        raise InputError(f"Expected a list of SMILES, but got {smiles}. Write [None] for a missing one.")
    return [None if text is pd.NA else text for text in smiles]


def as_points(z: Float[ndarray, "n latent"], latent: int) -> Float[ndarray, "n latent"]:
    """Return points as float32 rows of the right width.

    Raises:
        InputError: they have another shape.
    """
    z = np.asarray(z, dtype=np.float32)
    if z.ndim != 2 or z.shape[1] != latent:  # noqa: PLR2004
        raise InputError(
            f"Expected points of shape n x {latent}, but got {' x '.join(map(str, z.shape)) or 'a number'}."
        )
    return z


def check_shapes(bundle: Bundle, vocab: int) -> None:
    """Compare names and shapes of the weights with what the configuration builds, before anything is allocated.

    Raises:
        BundleError: one is missing, extra or of another shape.
    """
    try:
        with torch.device("meta"):
            wanted = build(bundle.model, vocab, bundle.length, bundle.targets).state_dict()
    except (RuntimeError, ValueError, TypeError, OverflowError, MemoryError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise BundleError(f"Expected networks that can be built in {bundle.name}, but got: {said}.") from None
    for name in sorted(wanted.keys() | bundle.weights.keys()):
        shape = tuple(wanted[name].shape) if name in wanted else None
        found = bundle.weights[name].shape if name in bundle.weights else None
        if shape != found:
            raise BundleError(
                f"Expected weights {name} of shape {shape} in {bundle.name}, but got {found}. "
                "Its config.json belongs to another model: copy the bundle again."
            )
    finite = all(np.isfinite(value).all() for value in bundle.weights.values() if value.dtype == np.float32)
    if not finite:
        raise BundleError(f"Expected finite weights in {bundle.name}, but got NaN or infinity. Train it again.")
