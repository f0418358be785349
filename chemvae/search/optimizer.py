"""Optimizer: ask for molecules, tell their values; what every search has in common, whatever its method."""

import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError, OracleError
from chemvae.molecule import Molecule, Verdict
from chemvae.search.history import History, Told
from chemvae.search.space import Method, Pool, Proposals, Space, Written

PATIENCE = 1000  # proposals without one new feasible molecule before a search gives up
NO_PLACE = "the model cannot encode it again"
MOST = 5000  # proposals for one question, if few of them may be measured
WAVE = 64  # proposals at the least in one go: few at a time are slow to decode
SEEN = Verdict.DUPLICATE.value

Filter = Callable[[list[str]], Sequence[bool]]
"""A list of SMILES in, for each whether it may be measured; free, and asked before the oracle."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proposal that was never measured."""

    text: str
    """what the decoder wrote"""
    smiles: str | None
    """its canonical form, if it is a molecule"""
    reason: str
    """why it was turned away; what stands after a colon is particular to it"""
    round: int
    """when"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new molecule that may be measured."""

    smiles: str
    """canonical"""
    z: Float[ndarray, " latent"]
    """where it lies itself, encoded again; NaN if the method does not want to know"""
    how: str
    """the move that led to it"""


class Optimizer:
    """Ask for molecules, measure them anywhere, tell their values.

    Every round draws from a generator of its own, made of the seed and the round's number: what is asked depends on
    the seed and on what was told, and on nothing else.
    """

    history: History
    """everything that was told"""
    rejected: list[Rejected]
    """everything that was turned away, with the reason"""
    round: int
    """how often it was asked"""

    def __init__(
        self,
        method: Method,
        space: Space,
        *,
        filters: Mapping[str, Filter] | None = None,
        seed: int = 0,
        reference: Sequence[float] = (),
    ):
        """Store the parts.

        Args:
            method: proposes points or molecules, and chooses among the new molecules they give.
            space: encodes and decodes.
            filters: known constraints by the words that tell a person of them.
            seed: of everything drawn.
            reference: what each of several objectives must exceed to count; inferred if it is not given.
        """
        self.method, self.filters, self.seed = method, dict(filters or {}), seed
        self.space = dataclasses.replace(space, allows=lambda smiles: [not why for why in self._reasons(smiles)])
        self.history, self.rejected, self.round = History.empty(space.latent, reference), [], 0
        self._asked: dict[str, Candidate] = {}
        self._seen: set[str] = set()
        self._pending: dict[str, None] = {}
        self._proposed = 0
        self._found = False

    def ask(self, n: int) -> list[str]:
        """Return up to n new molecules that meet every known constraint; fewer only when no more can be found.

        Raises:
            OracleError: none of the first 1,000 proposals of the search may be measured.
        """
        if n < 1:
            raise InputError(f"Expected to be asked for at least 1 molecule, but got {n}.")
        self.round += 1
        rng = np.random.default_rng([self.seed, self.round])
        pool: dict[str, Candidate] = {}
        barren, last, wave = 0, self._proposed + MOST, max(WAVE, n * self.method.oversample)
        while len(pool) < n and barren < PATIENCE and self._proposed < last:
            before = len(pool)
            self._sift(self.method.propose(wave, self.history, self.space, rng), pool)
            self._proposed += wave
            barren = barren + wave if len(pool) == before else 0
        self._refuse_if_hopeless(pool)
        return self._chosen(n, list(pool.values()), rng)

    def tell(
        self,
        smiles: Sequence[str],
        values: Sequence[float] | Float[ndarray, " n"] | Float[ndarray, "n m"],
        *,
        slack: Float[ndarray, "n c"] | None = None,
        how: str = "told",
    ) -> None:
        """Take in the values of canonical molecules, NaN for a failure; ones that were never asked for are welcome.

        Args:
            smiles: what was measured.
            values: one a molecule, or with several objectives a row; the higher the better.
            slack: by how much each measured constraint is met; a molecule with a number below 0 is not feasible.
            how: the move that led to molecules that were never asked for.
        """
        if len(smiles) != len(values) or (slack is not None and len(slack) != len(smiles)):
            raise InputError(f"Expected a value for each of {len(smiles)} molecules, but got {len(values)}.")
        rows = np.asarray(values, dtype=np.float64).reshape(len(smiles), -1)
        more = np.empty((len(smiles), 0)) if slack is None else slack
        strange = [text for text in smiles if text not in self._asked]
        told = {one.smiles: one for one in self._placed(strange, how)}
        meets = {text: not reason for text, reason in zip(strange, self._reasons(strange), strict=True)}
        self._seen.update(smiles)
        for text in smiles:
            self._pending.pop(text, None)
        new = [
            self._told(told.get(text) or self._asked[text], row, side, meets.get(text, True))
            for text, row, side in zip(smiles, rows, more, strict=True)
        ]
        self.history = self.history.add(new)

    def instead(self, asked: Sequence[str], others: Sequence[str]) -> None:
        """Take it that others were asked for than were: by another version of the program, say."""
        for smiles in asked:
            self._pending.pop(smiles, None)
            self._asked.pop(smiles, None)
        self._seen.difference_update(asked)
        self._seen.update(others)
        self._asked.update((one.smiles, one) for one in self._placed(list(others), "told"))
        self._pending.update((smiles, None) for smiles in others)

    @property
    def pending(self) -> tuple[str, ...]:
        """What was asked for and not yet told of, in the order of asking."""
        return tuple(self._pending)

    def _told(self, one: Candidate, row: Float[ndarray, " m"], slack: Float[ndarray, " c"], meets: bool) -> Told:
        value = float(row.sum()) if np.isfinite(row).all() else math.nan
        outcomes = tuple(row.tolist()) if len(row) > 1 else ()
        feasible = meets and bool((slack >= 0.0).all())
        return Told(one.smiles, one.z, value, feasible, self.round, one.how, outcomes, tuple(slack.tolist()))

    def _placed(self, smiles: list[str], how: str) -> list[Candidate]:
        if not smiles:
            return []
        nowhere = np.full((len(smiles), self.space.latent), np.nan)
        rows = self.space.read(smiles) if self.method.places else nowhere
        return [Candidate(text, row.astype(np.float64), how) for text, row in zip(smiles, rows, strict=True)]

    def _sift(self, proposals: Proposals | Written, pool: dict[str, Candidate]) -> None:
        """Decode points, drop what is known or not allowed, encode what is left if wanted, and add it to the pool."""
        fresh: dict[str, tuple[Molecule, str]] = {}
        for molecule, how in zip(self._written(proposals), proposals.how, strict=True):
            if molecule.smiles is None:
                self._reject(molecule, molecule.reason)
            elif molecule.smiles in self._seen or molecule.smiles in pool or molecule.smiles in fresh:
                self._reject(molecule, SEEN)
            else:
                fresh[molecule.smiles] = (molecule, how)
        allowed = []
        for smiles, reason in zip(fresh, self._reasons(list(fresh)), strict=True):
            if reason:
                self._seen.add(smiles)
                self._reject(fresh[smiles][0], reason)
            else:
                allowed.append(smiles)
        for one in self._placed(allowed, ""):
            molecule, how = fresh[one.smiles]
            if np.isfinite(one.z).all() or not self.method.places:
                pool[one.smiles] = Candidate(one.smiles, one.z, how)
            else:
                self._reject(molecule, NO_PLACE)

    def _written(self, proposals: Proposals | Written) -> Sequence[Molecule]:
        """Return a molecule for each proposal."""
        return proposals.molecules if isinstance(proposals, Written) else self.space.write(proposals.z)

    def _reasons(self, smiles: list[str]) -> list[str]:
        """Return for each molecule the first known constraint that it breaks, or nothing."""
        reasons = [""] * len(smiles)
        for words, allows in self.filters.items():
            rows = [row for row, reason in enumerate(reasons) if not reason]
            for row, allowed in zip(rows, allows([smiles[row] for row in rows]) if rows else [], strict=True):
                reasons[row] = "" if allowed else words
        return reasons

    def _reject(self, molecule: Molecule, reason: str) -> None:
        self.rejected.append(Rejected(molecule.text, molecule.smiles, reason, self.round))

    def _refuse_if_hopeless(self, pool: Mapping[str, Candidate]) -> None:
        """Raise when nothing at all could be measured so far, and say which constraint is to blame."""
        self._found = self._found or bool(pool)
        if self._found:
            return
        whole = (one.reason if one.reason in self.filters else one.reason.split(":")[0] for one in self.rejected)
        counted = Counter(whole).most_common(4)
        told = ", ".join(f'{n:,} turned away with "{reason}"' for reason, n in counted)
        turned = list(dict.fromkeys(one.smiles for one in self.rejected if one.reason in self.filters and one.smiles))
        advice = blamed(self.filters, turned) if turned else "Try another model."
        raise OracleError(
            f"Expected a feasible molecule in {self._proposed:,} proposals, but got none: {told}. {advice}"
        )

    def _chosen(self, n: int, pool: list[Candidate], rng: np.random.Generator) -> list[str]:
        """Let the method choose, and remember what was asked."""
        if not pool:
            return []
        choice = Pool(tuple(one.smiles for one in pool), np.array([one.z for one in pool]), self.pending)
        rows = self.method.choose(min(n, len(pool)), choice, self.history, self.space, rng)
        chosen = [pool[row] for row in rows.tolist()]
        self._asked.update((one.smiles, one) for one in chosen)
        self._pending.update((one.smiles, None) for one in chosen)
        self._seen.update(self._asked)
        return [one.smiles for one in chosen]


def blamed(filters: Mapping[str, Filter], smiles: list[str]) -> str:
    """Say which constraints let none of the molecules through: one alone, two together, or all of them.

    A constraint is asked about molecules that another one turned away, so what it does by itself is known.
    """
    passed = {words: np.array(list(allows(smiles)), dtype=bool) for words, allows in filters.items()}
    molecules = f"all {len(smiles):,} molecules" if len(smiles) > 1 else "the one molecule"
    alone = [words for words, one in passed.items() if not one.any()]
    if alone:
        those = " and ".join(f'"{words}"' for words in alone[:3])
        each = ", each by itself," if len(alone) > 1 else " alone"
        return f"{those}{each} turned away {molecules}: loosen the constraint, or start from molecules that meet it."
    for one, other in itertools.combinations(passed, 2):
        if not (passed[one] & passed[other]).any():
            met = f"{passed[one].sum():,} and {passed[other].sum():,} of {len(smiles):,} molecules"
            return f'"{one}" and "{other}" are met by {met}, and by none together: loosen one of the two constraints.'
    met = ", ".join(f'"{words}" by {one.sum():,}' for words, one in passed.items())
    return f"Of {len(smiles):,} molecules, each constraint is met by some ({met}), but all by none: loosen one of them."
