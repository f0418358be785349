"""MoleculeModel: a codec that can look around; `load` finds one by name or folder."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy import ndarray

from chemvae.chem.fingerprints import tanimoto
from chemvae.chem.judge import Text
from chemvae.chem.properties import compute
from chemvae.codec import Codec
from chemvae.errors import InputError
from chemvae.io.bundle import read_bundle
from chemvae.io.carried import find_bundle
from chemvae.latent import along, around, attribute_vector, grid, line, slerp
from chemvae.settings import did_you_mean

DEFAULT = "zinc250k"
COMPUTED = ("logp", "qed", "sa")
"""Properties that every table of molecules shows."""
MOST_DECODES = 40
"""Neighbours are sought in at most this many decodes for each one asked for."""


class MoleculeModel(Codec):
    """A trained model with everything that is needed to use it: encode, decode, sample, predict, look around."""

    def neighbors(self, smiles: Text, n: int = 50, radius: float = 1.0, seed: int | None = 0) -> pd.DataFrame:
        """Decode around one molecule and return what came out, nearest first.

        Points are drawn at distances from 0 to `radius`, each in a direction of its own, until n distinct valid
        molecules are found that the model can encode again, other than the one in the middle, or 40 n points are spent.

        Args:
            smiles: the molecule in the middle, as SMILES or a molecule of RDKit.
            n: how many neighbours.
            radius: the farthest draw, in latent standard deviations per dimension.
            seed: of the draws.

        Returns:
            A row per neighbour: `smiles`; `distance` from the middle to where the neighbour itself is encoded, in
            the unit of `radius`; `similarity` (Tanimoto, Morgan fingerprint of radius 2); `count` and `frequency`
            of the decodes that gave it; `logp`, `qed`, `sa` and what the head predicts.
        """
        if n < 1 or not radius > 0:
            raise InputError(f"Expected n >= 1 and radius > 0, but got n {n} and radius {radius}.")
        centre, middle = self.one(smiles)
        rng, seen, decodes = np.random.default_rng(seed), Counter[str](), 0
        while len(seen) < n and decodes < MOST_DECODES * n:
            radii = np.sqrt(rng.permutation((np.arange(2 * n) + 0.5) / (2 * n))) * radius
            points = around(centre.astype(np.float64), self.latent_std, radii, rng).astype(np.float32)
            written = self.decode(points)
            texts = [m.smiles for m in written if m.smiles is not None and m.smiles != middle]
            seen.update(text for text, ids in zip(texts, self.read(texts)[1], strict=True) if ids)
            decodes += len(points)
        return self._neighbor_table(centre, middle, seen, decodes).head(n)

    def _neighbor_table(self, centre: ndarray, middle: str, seen: Counter[str], decodes: int) -> pd.DataFrame:
        texts = list(seen)
        z = self.encode(texts)
        apart = np.sqrt((((z - centre) / self.latent_std) ** 2).mean(axis=1)) if texts else np.empty(0)
        table = pd.DataFrame({"smiles": texts, "distance": apart})
        if not self.tokenizer.of_sentences:
            table["similarity"] = tanimoto(middle, texts)
        table["count"] = [seen[text] for text in texts]
        table["frequency"] = table["count"] / max(decodes, 1)
        table = self._with_properties(table, texts)
        if self.property_names:
            predicted = self.predict_z(z)
            for i, name in enumerate(self.property_names):
                table[f"predicted_{name}"] = predicted[:, i]
        return table.sort_values(["distance", "smiles"], ignore_index=True)

    def interpolate(
        self, *corners: Text, steps: int = 10, method: str = "slerp", temperature: float = 0.0, seed: int | None = 0
    ) -> pd.DataFrame:
        """Decode a line between two molecules, or a grid between four; a row per point, valid or not.

        Args:
            corners: two molecules, or four: top left, top right, bottom left, bottom right.
            steps: points along a side, the ends included.
            method: `slerp` or `linear`, for a line; a grid is bilinear.
            temperature: of the decoding.
            seed: of its draws.

        Returns:
            `row`, `column`, `smiles` (missing where nothing valid was written), `text`, `reason`, and of molecules
            `similarity` to the first one, `logp`, `qed`, `sa`.
        """
        if len(corners) not in (2, 4) or steps < 2:  # noqa: PLR2004
            raise InputError(f"Expected 2 or 4 molecules and at least 2 steps, but got {len(corners)} and {steps}.")
        if method not in ("slerp", "linear"):
            raise InputError(
                f"Expected the method slerp or linear, but got {method!r}.{did_you_mean(method, ('slerp', 'linear'))}"
            )
        found = [self.one(corner) for corner in corners]
        ends = np.stack([z for z, _ in found]).astype(np.float64)
        path = {"slerp": slerp, "linear": line}[method]
        points = path(ends[0], ends[1], steps)[None] if len(ends) == 2 else grid(ends, steps)  # noqa: PLR2004
        written = self.decode(points.reshape(-1, self.latent).astype(np.float32), temperature=temperature, seed=seed)
        rows, columns = np.divmod(np.arange(len(written)), points.shape[1])
        texts = [molecule.smiles for molecule in written]
        table = pd.DataFrame({"row": rows, "column": columns, "smiles": texts})
        table["text"] = [molecule.text for molecule in written]
        table["reason"] = [molecule.reason for molecule in written]
        if not self.tokenizer.of_sentences:
            table["similarity"] = tanimoto(found[0][1], [text or "" for text in texts])
        return self._with_properties(table, texts)

    def along(
        self, smiles: Text, having: Iterable[Text], lacking: Iterable[Text], amounts: Sequence[float] = (0.0, 0.5, 1.0)
    ) -> pd.DataFrame:
        """Decode a molecule moved along an attribute: from the mean of molecules without it to that of those with it.

        Args:
            smiles: the molecule to move.
            having: molecules with the attribute, halogens for example; what cannot be read does not count.
            lacking: molecules without it.
            amounts: how far, in times that way.

        Returns:
            A row per amount: `amount`, `smiles` (missing where nothing valid was written), `text`, `reason`, and of
            molecules `logp`, `qed`, `sa`.
        """
        z, _ = self.one(smiles)
        sides = [self.encode(list(some)).astype(np.float64) for some in (having, lacking)]
        points = along(z.astype(np.float64), attribute_vector(*sides), amounts)
        written = self.decode(points.astype(np.float32))
        texts = [molecule.smiles for molecule in written]
        table = pd.DataFrame({"amount": list(amounts), "smiles": texts})
        table["text"] = [molecule.text for molecule in written]
        table["reason"] = [molecule.reason for molecule in written]
        return self._with_properties(table, texts)

    def _with_properties(self, table: pd.DataFrame, texts: Sequence[str | None]) -> pd.DataFrame:
        """Add what RDKit computes of molecules; sentences have no such properties."""
        return table if self.tokenizer.of_sentences else table.assign(**compute(texts, COMPUTED))


def load(name_or_folder: str | Path = DEFAULT, device: str | torch.device | None = None) -> MoleculeModel:
    """Load a bundled model by name, or a bundle or run folder; nothing is downloaded.

    Raises:
        MissingFileError: neither a bundled name nor a folder.
        BundleError: the folder holds no sound bundle.
    """
    return MoleculeModel(read_bundle(find_bundle(name_or_folder)), device)
