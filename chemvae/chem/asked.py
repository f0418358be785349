"""What `prepare` is asked for, checked before any work is done."""

from dataclasses import dataclass

from chemvae.chem import splits
from chemvae.chem.properties import check_properties
from chemvae.chem.tokens import Scheme
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

SCHEMES: dict[str, Scheme] = {"atoms": "atoms", "characters": "characters", "selfies": "selfies"}
"""Ways to cut a molecule; `words` is for sentences."""

SPLITS = ("random", "scaffold", "jtvae")
COLUMN = "column:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The settings of a prepared table; they stand in its manifest."""

    smiles_column: str | None
    """its name, or None to look for it"""
    target_columns: tuple[str, ...]
    """columns to learn"""
    properties: tuple[str, ...]
    """names out of `PROPERTIES` to compute and learn"""
    tokens: str
    """a key of `SCHEMES`"""
    standardise: bool
    """largest fragment and neutral, or canonical only"""
    split: str
    """random, scaffold, jtvae or column:NAME"""
    split_sizes: tuple[float, ...]
    """shares of train, valid and test"""
    split_files: str | None
    """folder with the membership files of jtvae"""
    max_length: int
    """longest molecule in tokens"""
    seed: int
    """of the split"""

    def check(self) -> None:
        """Raise for what cannot be, before any work is done.

        Raises:
            InputError: a name is unknown or two settings contradict each other.
        """
        check_properties(self.properties)
        splits.check_sizes(self.split_sizes)
        if self.tokens not in SCHEMES:
            raise InputError(f"Expected tokens out of {', '.join(SCHEMES)}, but got {self.tokens!r}.")
        if self.split not in SPLITS and not self.split.startswith(COLUMN):
            raise InputError(
                f"Expected a split out of {', '.join(SPLITS)} or {COLUMN}NAME, but got {self.split!r}."
                f"{did_you_mean(self.split, SPLITS)}"
            )
        if (self.split == "jtvae") != (self.split_files is not None):
            raise InputError(
                "Expected --split jtvae together with --split-files FOLDER, but got one of them. Name the folder that "
                "holds train.txt, valid.txt and test.txt (or .txt.gz)."
            )
        if self.max_length < 1:
            raise InputError(f"Expected a length cap of at least 1 token, but got {self.max_length}.")
        twice = next((name for name in self.target_columns if name in self.properties), None)
        if twice is not None:
            raise InputError(
                f"Expected each target once, but {twice!r} is a column and a property to compute, and they may differ. "
                "Leave it out of --properties, or rename the column."
            )
