"""A prepared table: token ids, targets and split, mapped into memory rather than read."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from chemvae.errors import InputError, MissingFileError
from chemvae.io.atomic import read_json

FORMAT_VERSION = 1
SPLITS = ("train", "valid", "test")


class PreparedData:
    """What `chemvae data prepare` wrote, row by row, without its strings."""

    def __init__(self, folder: Path | str):
        """Map the arrays and check that they belong together.

        Raises:
            InputError: the folder is no prepared table, or its arrays disagree.
        """
        self.folder = Path(folder)
        if not (self.folder / "manifest.json").is_file():
            raise MissingFileError(
                f"Expected a prepared table at {self.folder}, but it has no manifest.json. "
                "Make one with `chemvae data prepare TABLE -o FOLDER`."
            )
        self.manifest: dict[str, Any] = read_json(self.folder / "manifest.json")
        self.tokenizer: dict[str, Any] = read_json(self.folder / "tokenizer.json")
        if self.manifest.get("format_version") != FORMAT_VERSION:
            raise InputError(
                f"Expected a prepared table of format {FORMAT_VERSION}, but {self.folder} has "
                f"{self.manifest.get('format_version')!r}. Prepare it again."
            )
        self.ids, self.offsets = self._map("tokens"), self._map("offsets")
        self.targets, self.split = self._map("targets"), self._map("split")
        if not len(self.offsets) - 1 == len(self.targets) == len(self.split) or self.offsets[-1] != len(self.ids):
            raise InputError(
                f"Expected arrays of one length in {self.folder}, but got {len(self.offsets) - 1} strings, "
                f"{len(self.targets)} targets, {len(self.split)} splits. Prepare it again."
            )
        self.lengths = np.diff(self.offsets)

    def _map(self, name: str) -> ndarray:
        path = self.folder / f"{name}.npy"
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(f"Expected an array in {path}, but got: {error}. Prepare the table again.") from None

    @property
    def vocab(self) -> int:
        """Count the token ids, the four special ones included."""
        return len(self.tokenizer["tokens"]) + 4

    @property
    def length(self) -> int:
        """Longest string in tokens, the end mark included."""
        return int(self.manifest["length"])

    @property
    def target_names(self) -> list[str]:
        """Names of the targets, in the order of their columns."""
        return [target["name"] for target in self.manifest["targets"]]

    def rows(self, split: str) -> Int[ndarray, " rows"]:
        """Return the rows of `train`, `valid` or `test`."""
        return np.flatnonzero(np.asarray(self.split) == SPLITS.index(split))

    def padded(self, rows: Int[ndarray, " batch"], length: int | None = None) -> Int[ndarray, "batch length"]:
        """Return the ids of some rows, padded with 0 to the longest of them or to `length`."""
        lengths = self.lengths[rows]
        width = length or int(lengths.max())
        places = np.arange(width)
        inside = places < lengths[:, None]  # batch x length
        at = np.minimum(self.offsets[rows][:, None] + places, len(self.ids) - 1)
        return np.where(inside, self.ids[at], 0).astype(np.int64)

    def labels(self, rows: Int[ndarray, " batch"]) -> Float[ndarray, "batch props"]:
        """Return the targets of some rows; NaN where a label is missing."""
        return np.asarray(self.targets[rows], dtype=np.float32)
