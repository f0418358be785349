"""What `prepare` is asked for, checked before any work is done."""

from dataclasses import dataclass

from chemvae.chem import splits
from chemvae.chem.properties import check_properties
from chemvae.chem.tokens import MERGED, MERGES, Scheme, Tokenizer
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

SCHEMES: dict[str, Scheme] = {
    "atoms": "atoms",
    "kekule": "kekule",
    "characters": "characters",
    "selfies": "selfies",
    "pairs": "pairs",
    "kekule-pairs": "kekule-pairs",
    "selfies-pairs": "selfies-pairs",
}
"""Ways to cut a molecule; `words` is for sentences."""

MOST_MERGES = 30_000  # with the tokens that they join they fit into 16 bits

SPLITS = ("random", "scaffold", "jtvae")
COLUMN = "column:"


def merges_of(tokens: str, merges: int | None, given: Tokenizer | None) -> int | None:
    """Return how many pairs to merge, if that was not said; None for a scheme that merges none.

    Raises:
        InputError: a tokenizer is given, which brings its own merges.
    """
    if given is not None and merges is not None:
        raise InputError("Expected --merges or --tokenizer, but got both. A tokenizer has its merges: drop --merges.")
    if given is not None:
        return len(given.merges) or None
    return MERGES if merges is None and tokens in MERGED else merges


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
    merges: int | None = None
    """pairs of tokens to merge at most; None with a scheme that merges none"""
    standardise: bool
    """largest fragment and neutral, or canonical only"""
    split: str
    """random, scaffold, jtvae or column:NAME"""
    split_sizes: tuple[float, ...]
    """shares of train, valid and test"""
    split_files: str | None
    """folder with the membership files of jtvae"""
    max_length: int
    """longest molecule in tokens, before any merge"""
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
        if self.merges is not None and self.tokens not in MERGED:
            raise InputError(
                f"Expected merges with tokens {' or '.join(MERGED)}, but got {self.merges} with {self.tokens!r}. "
                "Leave out --merges, or choose other --tokens."
            )
        if self.merges is not None and not 1 <= self.merges <= MOST_MERGES:
            raise InputError(f"Expected 1 to {MOST_MERGES} merges, but got {self.merges}. {MERGES} is a good number.")
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
