"""A small model trained for a fixed amount of compute on a table of which few molecules have labels."""

from pathlib import Path

import numpy as np
from numpy import ndarray

from benchmarks.peers.predictors import SEED
from benchmarks.representations import SHORT, train
from chemvae.codec import Codec
from chemvae.config import Recipe
from chemvae.io.prepared import PreparedData
from chemvae.train import to_bundle
from chemvae.training.start import first_weights


class FewLabels(PreparedData):
    """A prepared table of which only some training molecules have labels; those come several times an epoch."""

    def __init__(self, folder: Path, labelled: int | None, times: int = 1):
        """Choose who keeps labels: so many training molecules, or all of them."""
        super().__init__(folder)
        known = np.random.default_rng(SEED).permutation(super().rows("train"))[:labelled]
        self.kept, self.times = np.sort(known), times
        targets = np.full_like(self.targets, np.nan)
        targets[self.kept] = self.targets[self.kept]
        self.targets = targets
        for i, target in enumerate(self.manifest["targets"]):
            target |= {"mean": float(np.nanmean(targets[:, i])), "std": float(np.nanstd(targets[:, i]))}

    def rows(self, split: str) -> ndarray:
        """Return the rows of a split, labelled training molecules repeated."""
        rows = super().rows(split)
        return np.concatenate([rows, *[self.kept] * (self.times - 1)]) if split == "train" else rows


def trained_for(data: PreparedData, seconds: float) -> tuple[Codec, dict[str, float]]:
    """Train a small model for so much compute."""
    recipe = Recipe.model_validate({"name": "few", "seed": SEED, "model": SHORT})
    vae = first_weights(recipe, data)
    told = train(vae.train(), data, seconds)
    return Codec(to_bundle(recipe, data, vae.eval(), {}), device="cpu"), told
